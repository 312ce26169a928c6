/**
 * Runs the fast tests on every version line of Node.js that the project supports, other than the one that runs this:
 *
 *     npm run test:node [-- <version> ...]
 *
 * The versions come from npm, where each platform's binary is a package (https://www.npmjs.com/package/node), and stay in
 * .cache/. Reports "not run" if npm has no binary for this platform.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NOT_RUN } from "./not-run.mjs";

/** The newest of each line when this was last changed. Pinned, so that a run can be repeated. */
const VERSIONS = ["22.23.3", "24.21.0"];

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** npm has no binary of this version for this platform. */
class NoBinaryError extends Error {
	/** @override */
	name = "NoBinaryError";
}

/**
 * @param {string} version
 * @returns the path of its program; it is installed if it is not there yet
 */
function nodeOf(version) {
	const platform = process.platform === "win32" ? "win" : process.platform;
	const name = `node-${platform}-${process.arch}`;
	const home = join(root, ".cache", `node-${version}`);
	const program = join(home, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
	if (existsSync(program)) return program;

	// Made aside and moved, so that an interrupted installation leaves nothing that looks complete.
	mkdirSync(join(root, ".cache"), { recursive: true });
	const building = mkdtempSync(`${home}.`);
	try {
		const install = `npm install --no-save --no-audit --no-fund --prefix "${building}" ${name}@${version}`;
		// npm is a .cmd file on Windows, which only a shell can start.
		const { status, stderr } = spawnSync(install, { cwd: building, encoding: "utf8", shell: true });
		if (status !== 0) {
			if (/E404|ETARGET/.test(stderr)) throw new NoBinaryError(`npm has no ${name}@${version}.`);
			throw new Error(`${name}@${version} could not be installed:\n${stderr}`);
		}
		rmSync(home, { recursive: true, force: true });
		renameSync(building, home);
	} finally {
		rmSync(building, { recursive: true, force: true });
	}
	return program;
}

/**
 * @param {string} program
 * @returns {Promise<number | null>} the exit code of the fast tests on this Node.js
 */
function test(program) {
	const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
	const child = spawn(program, [vitest, "run"], { cwd: root, stdio: "inherit" });
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
}

const chosen = process.argv.slice(2);
for (const version of chosen.length > 0 ? chosen : VERSIONS) {
	if (version.split(".")[0] === process.versions.node.split(".")[0]) {
		console.log(`Node.js ${version.split(".")[0]} runs this: npm test has tested it.`);
		continue;
	}
	try {
		const program = nodeOf(version);
		console.log(`Node.js ${spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim()}:`);
		if ((await test(program)) !== 0) process.exitCode = 1;
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		console.error(error.message);
		process.exitCode = error instanceof NoBinaryError && process.exitCode !== 1 ? NOT_RUN : 1;
	}
}
