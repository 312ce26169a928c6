/**
 * `npm test`: the fast tests of the code and of the Terraform module, at the same time, because each of them leaves a
 * processor idle now and then. Arguments go to vitest, and then the module is not tested.
 */
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

/**
 * @param {string} command
 * @param {"inherit" | "pipe"} output
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function run(command, output) {
	// npm's programs are .cmd files on Windows, which only a shell can start.
	const child = spawn(command, { cwd: root, stdio: ["ignore", output, output], shell: true });
	let text = "";
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (/** @type {Buffer} */ data) => (text += data));
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, text }));
	});
}

const module = args.length === 0 ? run("node scripts/test-terraform.mjs", "pipe") : { code: 0, text: "" };
const code = await run(["npx --no-install vitest run", ...args.map((arg) => JSON.stringify(arg))].join(" "), "inherit");
const { code: moduleCode, text } = await module;
// Together they would be hard to read, so the module's output waits.
process.stdout.write(text);
process.exitCode = code.code || moduleCode || 0;
