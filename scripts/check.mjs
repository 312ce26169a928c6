/**
 * Runs the checks of one set, one after the other, and says at the end how many passed, failed and did not run:
 *
 *     npm run check         lint, types, documentation, the page's client, the fast tests, the build
 *     npm run check:slow    everything that takes longer, or that needs more programs
 *
 * A check that fails does not stop the others. Each check is an npm script that can be run alone.
 */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { NOT_RUN } from "./not-run.mjs";

/** @typedef {{ readonly script: string, readonly args?: readonly string[], readonly env?: Readonly<Record<string, string>> }} Check */

/** @type {Readonly<Record<string, readonly Check[]>>} */
const SETS = {
	fast: [
		{ script: "lint" },
		{ script: "types" },
		{ script: "docs", args: ["--check"] },
		// Before anything is built, so that a build cannot mend what this is about to judge.
		{ script: "build:client", args: ["--check"] },
		{ script: "test" },
		{ script: "build" },
	],
	slow: [
		{ script: "test:slow" },
		{ script: "test:node" },
		{ script: "scan:module" },
		{ script: "scan:packages" },
		{ script: "scan:provider" },
		// `npm test` explores a small part.
		{ script: "explore", args: ["--seconds", "60", "--quiet"] },
		// The same frames each time: a check of a change must not depend on chance.
		{ script: "test:fuzz", env: { FUZZ_SEED: "1" } },
		{ script: "test:aws" },
		{ script: "test:browser" },
		{ script: "test:network" },
	],
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {Check} check
 * @returns {Promise<number | null>} its exit code
 */
function run({ script, args = [], env = {} }) {
	// npm is a .cmd file on Windows, which only a shell can start.
	const command = ["npm run --silent", script, ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
	const child = spawn(command, { cwd: root, env: { ...process.env, ...env }, stdio: "inherit", shell: true });
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
}

const checks = SETS[process.argv[2] ?? ""];
if (checks === undefined) {
	console.error(`Usage: node scripts/check.mjs ${Object.keys(SETS).join("|")}`);
	process.exit(2);
}

/** @type {{ script: string, result: "passed" | "failed" | "not run" }[]} */
const results = [];
for (const check of checks) {
	const { script } = check;
	console.log(`\n=== ${script}`);
	const startedAt = performance.now();
	const code = await run(check);
	const result = code === 0 ? "passed" : code === NOT_RUN ? "not run" : "failed";
	results.push({ script, result });
	console.log(`--- ${script}: ${result} after ${Math.round((performance.now() - startedAt) / 1_000)} s`);
	// .ci/run adds up the results of several sets.
	if (process.env.CHECK_REPORT) appendFileSync(process.env.CHECK_REPORT, `${result}: ${script}\n`);
}

const counts = /** @type {const} */ (["passed", "failed", "not run"]).map((result) => {
	const scripts = results.filter((each) => each.result === result).map(({ script }) => script);
	const names = result === "passed" || scripts.length === 0 ? "" : ` (${scripts.join(", ")})`;
	return `${scripts.length} ${result}${names}`;
});
console.log(`\n${counts.join(", ")}`);
if (results.some(({ result }) => result === "failed")) process.exitCode = 1;
