/**
 * Checks the Terraform module: its format, that it is valid, and its tests in test/terraform. Needs no AWS account.
 *
 * Where Terraform or its provider registry is missing this says so and passes, so that the rest can be worked on; with
 * CI in the environment it fails.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A reason for which nothing can be checked here. */
class MissingError extends Error {
	/** @override */
	name = "MissingError";
}

const environment = {
	// What somebody set for a deployment must not decide how the tests come out.
	...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TF_VAR_"))),
	TF_DATA_DIR: join(root, ".cache", "terraform"), // and the tests leave that deployment's .terraform alone
	TF_IN_AUTOMATION: "1",
	CHECKPOINT_DISABLE: "1",
};

/**
 * Runs Terraform, shows what it prints and returns it.
 * @param {string[]} args
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function terraform(...args) {
	return new Promise((resolve, reject) => {
		const child = spawn("terraform", args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		child.stdout.setEncoding("utf8").on("data", (text) => {
			process.stdout.write(text);
			output += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text) => {
			process.stderr.write(text);
			output += text;
		});
		child.on("error", (error) => {
			const missing = "code" in error && error.code === "ENOENT";
			reject(
				missing
					? new MissingError("terraform is not installed; see https://developer.hashicorp.com/terraform/install")
					: error,
			);
		});
		child.on("close", (status) => resolve({ status, output }));
	});
}

/** @param {string[]} args */
async function mustSucceed(...args) {
	const { status, output } = await terraform(...args);
	if (status !== 0) throw new Error(`terraform ${args[0]} failed.`);
	return output;
}

/** What `terraform fmt -recursive` would look at here, less what others wrote: it does not skip node_modules by itself. */
function formatted() {
	const generated = new Set(["node_modules", "dist", "coverage"]);
	return readdirSync(root, { withFileTypes: true })
		.filter((entry) =>
			entry.isDirectory() ? !entry.name.startsWith(".") && !generated.has(entry.name) : entry.name.endsWith(".tf"),
		)
		.map((entry) => entry.name);
}

async function initialise() {
	const { status, output } = await terraform("init", "-backend=false", "-input=false", "-no-color");
	if (status === 0) return;
	const message = output.replaceAll(/\s+/g, " "); // Terraform wraps its messages
	if (/could not connect to|dial tcp|Client\.Timeout|TLS handshake|connection reset|try again later/i.test(message)) {
		throw new MissingError("the provider registry cannot be reached");
	}
	throw new Error("terraform init failed.");
}

/** @returns {Promise<number>} how many tests passed */
async function test() {
	const { status, output } = await terraform("test", "-test-directory=test/terraform", "-no-color");
	const passed = Number(/^Success! (\d+) passed, 0 failed/m.exec(output)?.[1] ?? 0);
	// With no test found Terraform says "Success! 0 passed" and exits with 0.
	if (status === 0 && passed > 0) return passed;

	const settings = readdirSync(root).filter((name) => /^terraform\.tfvars|\.auto\.tfvars/.test(name));
	if (settings.length > 0) console.error(`The tests read ${settings.join(", ")} too; try again without.`);
	throw new Error(status === 0 ? "terraform test found no test." : "terraform test failed.");
}

try {
	await mustSucceed("fmt", "-check", "-recursive", "-diff", "-no-color", ...formatted());
	await initialise();
	await mustSucceed("validate", "-no-color");
	const passed = await test();
	console.log(`Terraform: ${passed} tests passed.`);
} catch (error) {
	if (!(error instanceof Error)) throw error;
	if (error instanceof MissingError && !process.env.CI) {
		console.warn(`\n*** SKIPPED: Terraform was not checked: ${error.message}. ***\n`);
	} else {
		console.error(`Terraform: FAILED: ${error.message}`);
		process.exitCode = 1;
	}
}
