/**
 * Checks the Terraform module: its format, that it is valid, and its tests in test/terraform. Needs no AWS account.
 *
 *     node scripts/test-terraform.mjs            format, validity, and the fast tests
 *     node scripts/test-terraform.mjs --slow     the tests in slow_*.tftest.hcl
 *
 * Each `run` block starts the provider, which takes a second: `npm test` keeps to the files without `slow_`.
 *
 * If Terraform or its provider registry is missing, this says so and passes, so that the rest can be worked on. With CI in
 * the environment it fails.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TESTS = "test/terraform";

/** Terraform cannot check anything on this machine. */
class MissingError extends Error {
	/** @override */
	name = "MissingError";
}

const environment = {
	// Settings of this machine for a deployment must not change the results,
	...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TF_VAR_"))),
	TF_DATA_DIR: join(root, ".cache", "terraform"), // and the tests leave its .terraform alone.
	TF_IN_AUTOMATION: "1",
	CHECKPOINT_DISABLE: "1",
	// To collect garbage less often spares a quarter of the processor's time, and takes half as much memory again.
	GOGC: "400",
};

/**
 * Runs Terraform.
 * @param {string[]} args
 * @param {{ readonly live?: boolean }} [options] `live: false` prints the output in one piece at the end, for commands that
 *   run at the same time
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function terraform(args, { live = true } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn("terraform", args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		child.stdout.setEncoding("utf8").on("data", (text) => {
			if (live) process.stdout.write(text);
			output += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text) => {
			if (live) process.stderr.write(text);
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
		child.on("close", (status) => {
			if (!live) process.stdout.write(output);
			resolve({ status, output });
		});
	});
}

/** @param {string[]} args */
async function mustSucceed(...args) {
	const { status, output } = await terraform(args);
	if (status !== 0) throw new Error(`terraform ${args[0]} failed.`);
	return output;
}

/** Everything that `terraform fmt -recursive` would read here, except generated folders: it does not skip node_modules. */
function formatted() {
	const generated = new Set(["node_modules", "dist", "coverage"]);
	return readdirSync(root, { withFileTypes: true })
		.filter((entry) =>
			entry.isDirectory() ? !entry.name.startsWith(".") && !generated.has(entry.name) : entry.name.endsWith(".tf"),
		)
		.map((entry) => entry.name);
}

async function initialise() {
	const { status, output } = await terraform([
		"init",
		"-backend=false",
		"-input=false",
		"-no-color",
		`-test-directory=${TESTS}`,
	]);
	if (status === 0) return;
	const message = output.replaceAll(/\s+/g, " "); // Terraform wraps its messages
	if (/could not connect to|dial tcp|Client\.Timeout|TLS handshake|connection reset|try again later/i.test(message)) {
		throw new MissingError("the provider registry cannot be reached");
	}
	throw new Error("terraform init failed.");
}

/**
 * Splits test files into groups of about the same number of `run` blocks, one group for each core: Terraform runs files
 * one after the other.
 * @param {readonly string[]} files
 */
function groups(files) {
	const weighed = files
		.map((file) => ({ file, runs: readFileSync(join(root, TESTS, file), "utf8").match(/^run "/gm)?.length ?? 0 }))
		.sort((a, b) => b.runs - a.runs);
	const found = Array.from({ length: availableParallelism() }, () => ({
		runs: 0,
		files: /** @type {string[]} */ ([]),
	}));
	for (const { file, runs } of weighed) {
		const lightest = found.reduce((one, other) => (other.runs < one.runs ? other : one));
		lightest.files.push(file);
		lightest.runs += runs;
	}
	return found.filter((group) => group.files.length > 0);
}

/**
 * @param {readonly string[]} files
 * @returns {Promise<number>} how many tests passed
 */
async function testFiles(files) {
	const filters = files.map((file) => `-filter=${TESTS}/${file}`);
	const args = ["test", `-test-directory=${TESTS}`, "-no-color", ...filters];
	const { status, output } = await terraform(args, { live: false });
	const passed = Number(/^Success! (\d+) passed, 0 failed/m.exec(output)?.[1] ?? 0);
	// If it finds no test, Terraform says "Success! 0 passed" and exits with 0.
	if (status === 0 && passed > 0) return passed;
	throw new Error(status === 0 ? `terraform test found no test in ${files.join(", ")}.` : "terraform test failed.");
}

/**
 * @param {boolean} slow
 * @returns {Promise<number>} how many tests passed
 */
async function test(slow) {
	const files = readdirSync(join(root, TESTS)).filter((name) => name.endsWith(".tftest.hcl"));
	const chosen = files.filter((name) => name.startsWith("slow_") === slow);
	if (chosen.length === 0) throw new Error(`there is no test in ${TESTS}.`);
	const results = await Promise.allSettled(groups(chosen).map((group) => testFiles(group.files)));

	const failure = results.find((result) => result.status === "rejected");
	if (failure !== undefined) {
		const settings = readdirSync(root).filter((name) => /^terraform\.tfvars|\.auto\.tfvars/.test(name));
		if (settings.length > 0) console.error(`The tests read ${settings.join(", ")} too; try again without.`);
		throw failure.reason;
	}
	return results.reduce((sum, result) => sum + (result.status === "fulfilled" ? result.value : 0), 0);
}

const slow = process.argv.includes("--slow");
try {
	if (!slow) await mustSucceed("fmt", "-check", "-recursive", "-diff", "-no-color", ...formatted());
	await initialise();
	if (!slow) await mustSucceed("validate", "-no-color");
	const passed = await test(slow);
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
