/**
 * Runs the fast tests, without those that only compute, on every version line of Node.js that the project supports, other than the one that runs this:
 *
 *     npm run test:node [-- <version> ...]
 *
 * The versions come from npm, where each platform's binary is a package (https://www.npmjs.com/package/node), and stay in
 * .cache/. Reports "not run" if npm has no binary for this platform.
 */
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedPackages, NoPackageError } from "./cached-packages.mjs";
import { NOT_RUN } from "./not-run.mjs";

/** The newest of each line when this was last changed. Pinned, so that a run can be repeated. */
const VERSIONS = ["22.23.3", "24.21.0"];

/** These compute for long with plain JavaScript, which no version of Node.js runs in another way. */
const EXCLUDED = [
	"test/explorer/**",
	"test/model/**",
	"test/fuzz/**",
	"test/core/**",
	"test/client/mesh/{one-mesh,tree,hostile,routing}.test.ts",
	"test/client/{members,transfer}/**",
	"test/client/webrtc/**",
	"test/cost.test.ts",
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} version
 * @returns the path of its program; it is installed if it is not there yet
 */
function nodeOf(version) {
	const platform = process.platform === "win32" ? "win" : process.platform;
	const name = `node-${platform}-${process.arch}`;
	const packages = cachedPackages(`node-${version}`, [`${name}@${version}`]);
	return join(packages, name, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/**
 * @param {string} program
 * @returns {Promise<number | null>} the exit code of the fast tests on this Node.js
 */
function test(program) {
	const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
	const excluded = EXCLUDED.flatMap((pattern) => ["--exclude", pattern]);
	const child = spawn(program, [vitest, "run", ...excluded], { cwd: root, stdio: "inherit" });
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
		process.exitCode = error instanceof NoPackageError && process.exitCode !== 1 ? NOT_RUN : 1;
	}
}
