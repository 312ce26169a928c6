import { spawn } from "node:child_process";

/**
 * Runs a command line of npm's programs, which are .cmd files on Windows that only a shell can start.
 * @param {string} command
 * @param {string} cwd
 * @param {"inherit" | "pipe"} output
 * @returns {Promise<{ code: number | null, text: string }>} text: what it printed, with `pipe`
 */
export function runShell(command, cwd, output) {
	const child = spawn(command, { cwd, stdio: ["ignore", output, output], shell: true });
	let text = "";
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (/** @type {Buffer} */ data) => (text += data));
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, text }));
	});
}
