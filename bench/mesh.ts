/**
 * Checks whether meshes stay in one piece while peers come and go, and counts what signaling costs. It simulates them twice: the
 * clients that ship, with signals through the mesh and without, while the server is there and while it is away; and the graph
 * that the server's selection makes. Exits with 1 if a target is missed.
 *
 * npm run bench:mesh [-- --quick] [-- --seed=100] [-- --only=clients|selection]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { ClientOutcome, ClientPlan } from "./mesh/clients/run.ts";
import type { Outcome, Plan } from "./mesh/run.ts";
import { selection } from "./mesh/selection.ts";
import { signaling } from "./mesh/signaling.ts";
import { runInWorkers } from "./mesh/workers.ts";
import { replaceBetweenMarkers } from "./report.ts";

const { values: options } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		seed: { type: "string", default: "1" },
		only: { type: "string" },
	},
});
const { quick, only } = options;
const firstSeed = Number(options.seed);
if (only !== undefined && only !== "clients" && only !== "selection") {
	console.error(`--only must be clients or selection; got ${only}.`);
	process.exit(2);
}
// The repository holds the results of the whole run with seed 1, which are always the same.
const isWhole = !quick && firstSeed === 1;
const started = performance.now();
const done = (title: string) => console.error(`${Math.round((performance.now() - started) / 1_000)} s: ${title}: done`);
const failures: string[] = [];

/** The longest first, so that no core waits long for another at the end. */
if (only !== "selection") {
	const { batches, report } = signaling(quick, firstSeed);
	const outcomes = await runInWorkers<ClientPlan, ClientOutcome>(batches, (index) => done(batches[index]?.title ?? ""));
	const { text, bill, svg, failures: missed } = report(outcomes);
	console.log(`${text}\n\n${bill}`);
	failures.push(...missed);
	if (isWhole) {
		replaceBetweenMarkers("docs/architecture.md", "mesh-signals", text);
		replaceBetweenMarkers("docs/costs.md", "mesh-bill", bill);
		writeFileSync(new URL("../docs/mesh.svg", import.meta.url), svg);
	}
}
if (only !== "clients") {
	const { plans, report } = selection(quick, firstSeed);
	const outcomes = await runInWorkers<Plan, Outcome>(plans, (index) => done(plans[index]?.title ?? ""));
	const { text, svg, failures: missed } = report(outcomes);
	console.log(text);
	failures.push(...missed);
	if (isWhole) {
		replaceBetweenMarkers("docs/architecture.md", "mesh", text);
		writeFileSync(new URL("../docs/mesh-selection.svg", import.meta.url), svg);
	}
}

for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;
