/**
 * Runs the checks of one set, and says at the end how many passed, failed and did not run:
 *
 *     npm run check         lint, types, documentation, the page's client, the fast tests, the build
 *     npm run check:slow    everything that takes longer, or that needs more programs
 *
 * A check that fails does not stop the others. Each check is an npm script that can be run alone. The end repeats what the
 * failed ones said of it: a log of this length is often kept, or read, from its end.
 */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { NOT_RUN } from "./not-run.mjs";

/** @typedef {{ readonly script: string, readonly args?: readonly string[], readonly env?: Readonly<Record<string, string>> }} Check */

/**
 * The steps of each set, one after the other. A step is one check, which prints as it goes, or lanes that run at the same time.
 * A lane is checks one after the other, and each prints when it has ended.
 * @type {Readonly<Record<string, readonly (Check | readonly (readonly Check[])[])[]>>}
 */
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
		// The first and the scans keep one core busy each. None of these is disturbed by the others.
		[
			[
				// `npm test` explores a small part.
				{ script: "explore", args: ["--seconds", "60", "--quiet"] },
				// The same frames each time: a check of a change must not depend on chance.
				{ script: "test:fuzz", env: { FUZZ_SEED: "1" } },
			],
			[{ script: "scan:module" }, { script: "scan:provider" }, { script: "scan:packages" }],
		],
		{ script: "test:aws" },
		{ script: "test:browser" },
		{ script: "test:network" },
	],
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Lines that name a failure, and how many of them and of the last lines the end repeats. */
const FAILURE = /\bFAIL\b|×|✗|\b[A-Za-z]*Error\b|^not ok|\bfail(ed|ure)?\b/;
const MOST_FAILURE_LINES = 40;
const LAST_LINES = 25;

/**
 * @param {string} text the output of a failed check
 * @returns {string} the lines that say why
 */
function gist(text) {
	const lines = stripVTControlCharacters(text).trimEnd().split("\n");
	const earlier = lines.slice(0, -LAST_LINES).filter((line) => FAILURE.test(line));
	return [...earlier.slice(0, MOST_FAILURE_LINES), ...lines.slice(-LAST_LINES)]
		.map((line) => line.slice(0, 300))
		.join("\n");
}

/**
 * @param {Check} check
 * @param {boolean} prints whether it prints as it goes
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run({ script, args = [], env = {} }, prints) {
	// npm is a .cmd file on Windows, which only a shell can start.
	const command = ["npm run --silent", script, ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
	const child = spawn(command, {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: ["inherit", "pipe", "pipe"],
		shell: true,
	});
	let output = "";
	for (const [from, to] of /** @type {const} */ ([
		[child.stdout, process.stdout],
		[child.stderr, process.stderr],
	])) {
		from.setEncoding("utf8");
		from.on("data", (/** @type {string} */ text) => {
			output += text;
			if (prints) to.write(text);
		});
	}
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, output }));
	});
}

const steps = SETS[process.argv[2] ?? ""];
if (steps === undefined) {
	console.error(`Usage: node scripts/check.mjs ${Object.keys(SETS).join("|")}`);
	process.exit(2);
}

/** @type {{ script: string, result: "passed" | "failed" | "not run", output: string }[]} */
const results = [];

/**
 * @param {Check} check
 * @param {boolean} prints
 */
async function judge(check, prints) {
	const { script } = check;
	const title = `\n=== ${script}`;
	if (prints) console.log(title);
	const startedAt = performance.now();
	const { code, output } = await run(check, prints);
	if (!prints) console.log(`${title}\n${output.trimEnd()}`);
	const result = code === 0 ? "passed" : code === NOT_RUN ? "not run" : "failed";
	results.push({ script, result, output });
	console.log(`--- ${script}: ${result} after ${Math.round((performance.now() - startedAt) / 1_000)} s`);
	// .ci/run adds up the results of several sets.
	if (process.env.CHECK_REPORT) appendFileSync(process.env.CHECK_REPORT, `${result}: ${script}\n`);
}

for (const step of steps) {
	if ("script" in step) await judge(step, true);
	else {
		const lanes = step.map(async (lane) => {
			for (const check of lane) await judge(check, false);
		});
		await Promise.all(lanes);
	}
}

for (const { script, result, output } of results) {
	if (result === "failed") console.log(`\n=== ${script} failed, and said:\n\n${gist(output)}`);
}

const counts = /** @type {const} */ (["passed", "failed", "not run"]).map((result) => {
	const scripts = results.filter((each) => each.result === result).map(({ script }) => script);
	const names = result === "passed" || scripts.length === 0 ? "" : ` (${scripts.join(", ")})`;
	return `${scripts.length} ${result}${names}`;
});
console.log(`\n${counts.join(", ")}`);
if (results.some(({ result }) => result === "failed")) process.exitCode = 1;
