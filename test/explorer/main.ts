/**
 * Explores the interleavings of the core. Exits with 1 if a run breaks an invariant.
 *
 * npm run explore -- [--scenario PART-OF-ITS-NAME] [--preemptions 2] [--crashes 0] [--failures 0]
 *                    [--stale-reads] [--seed N] [--runs N] [--seconds N] [--quiet]
 *
 * With no --crashes and no --failures each scenario is explored four times: without a fault, with eventual reads that
 * are stale, with one invocation that dies, and with one call that fails (the last two with one preemption less). --seed walks at random. --seconds bounds all
 * of it: it goes from one preemption upwards, and the explorations with as many preemptions share the time that is left.
 */
import { parseArgs } from "node:util";
import { explore, traceOf } from "./explore.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Bounds } from "./scheduler.ts";

const { values } = parseArgs({
	options: {
		scenario: { type: "string", default: "" },
		preemptions: { type: "string", default: "2" },
		crashes: { type: "string" },
		failures: { type: "string" },
		"stale-reads": { type: "boolean", default: false },
		seed: { type: "string" },
		runs: { type: "string" },
		seconds: { type: "string" },
		quiet: { type: "boolean", default: false },
	},
});

function whole(name: "preemptions" | "crashes" | "failures" | "seed" | "runs" | "seconds"): number | undefined {
	const value = values[name];
	if (value === undefined) return undefined;
	const number = Number(value);
	if (Number.isInteger(number) && number >= 0) return number;
	console.error(`--${name} must be a whole number, 0 or more; got ${value}.`);
	process.exit(2);
}

/** What each scenario is explored with, at so many preemptions. */
function boundsAt(preemptions: number): Bounds[] {
	const [crashes, failures] = [whole("crashes"), whole("failures")];
	const staleReads = values["stale-reads"];
	if (crashes !== undefined || failures !== undefined || staleReads) {
		return [{ preemptions, crashes: crashes ?? 0, failures: failures ?? 0, staleReads }];
	}
	const fewer = Math.max(0, preemptions - 1);
	return [
		{ preemptions, crashes: 0, failures: 0 },
		{ preemptions, crashes: 0, failures: 0, staleReads: true },
		{ preemptions: fewer, crashes: 1, failures: 0 },
		{ preemptions: fewer, crashes: 0, failures: 1 },
	];
}

const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.scenario));
if (scenarios.length === 0) {
	console.error(
		`No scenario's name holds "${values.scenario}". There are:\n  ${SCENARIOS.map(({ name }) => name).join("\n  ")}`,
	);
	process.exit(2);
}
const seconds = whole("seconds");
const seed = whole("seed");
const maxRuns = whole("runs") ?? (seed === undefined ? undefined : 10_000);
const most = whole("preemptions") ?? 0;
// In a bounded time the small explorations come first, because a deep one that is cut off shows little.
const depths = seconds === undefined ? [most] : Array.from({ length: most }, (_, depth) => depth + 1);
const work = depths.flatMap((depth) =>
	scenarios.flatMap((scenario) => boundsAt(depth).map((bounds) => ({ depth, scenario, bounds }))),
);
const started = performance.now();
const sinceStart = () => (performance.now() - started) / 1000;
let runsOfAll = 0;
let broken = 0;

for (const [index, { depth, scenario, bounds }] of work.entries()) {
	const left = work.slice(index).filter((other) => other.depth === depth).length;
	const begun = sinceStart();
	const share = seconds === undefined ? Number.POSITIVE_INFINITY : (seconds - begun) / left;
	const { runs, complete, healed, violations } = await explore(scenario, {
		...bounds,
		...(seed !== undefined && { seed }),
		...(maxRuns !== undefined && { maxRuns }),
		isOver: () => sinceStart() - begun > share,
	});
	runsOfAll += runs;
	broken += violations.length;
	const { preemptions, crashes, failures } = bounds;
	const faults = `${bounds.staleReads ? ", stale reads" : ""}${crashes > 0 ? `, ${crashes} dies` : ""}${failures > 0 ? `, ${failures} fails` : ""}`;
	const extent = seed !== undefined ? "at random" : complete ? "all" : "the first";
	console.log(
		`${scenario.name} (${preemptions} preemptions${faults}): ${extent} ${runs} schedules, ${(sinceStart() - begun).toFixed(1)} s${healed > 0 ? `, ${healed} healed by a later frame` : ""}`,
	);
	for (const violation of violations) {
		console.log(`  BROKEN ${violation.invariant} in ${violation.runs} schedules. ${violation.sentence}`);
		if (values.quiet) continue;
		for (const step of await traceOf(scenario, bounds, violation.choices)) console.log(`    ${step}`);
	}
}
console.log(`${runsOfAll} schedules, ${sinceStart().toFixed(1)} s, ${broken} broken promises.`);
process.exitCode = broken === 0 ? 0 : 1;
