/**
 * Runs the model test for as long as it is told, on one store, with ever new seeds.
 *
 * npm run test:soak -- --minutes 10 [--store memory|dynamodb] [--seed N]
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { dynamodbStore } from "../lambda/adapters/dynamodb-store.ts";
import type { Clock } from "../lambda/core/ports.ts";
import { createMachine, type Tally } from "./model/machine.ts";
import { run } from "./model/steps.ts";
import { someLog } from "./support/defaults.ts";
import { startDynamodb } from "./support/dynamodb.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const { values } = parseArgs({
	options: {
		minutes: { type: "string", default: "10" },
		store: { type: "string", default: "memory" },
		seed: { type: "string" },
	},
});
const minutes = Number(values.minutes);
if (!(minutes > 0) || !["memory", "dynamodb"].includes(values.store)) {
	console.error("Usage: npm run test:soak -- --minutes <n> [--store memory|dynamodb] [--seed <n>]");
	process.exit(2);
}

const firstSeed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const dynamodb = values.store === "dynamodb" ? await startDynamodb() : undefined;
const makeStore =
	dynamodb && ((clock: Clock) => dynamodbStore({ tableName: dynamodb.tableName, clock, log: someLog() }));
const total: Tally = { steps: 0, faults: 0, signals: 0, notices: 0 };
const deadline = Date.now() + minutes * 60_000;
let seed = firstSeed;
let runs = 0;

for (; Date.now() < deadline; seed++) {
	for (const policy of ["replace", "reject"] as const) {
		const property = fc.asyncProperty(run, async (steps) => {
			const machine = createMachine(policy, makeStore);
			try {
				for (const step of steps) await machine.run(step);
			} finally {
				for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += machine.tally[name];
				runs += 1;
			}
		});
		try {
			await fc.assert(property, { seed, numRuns: dynamodb ? 5 : 25 });
		} catch (error) {
			console.error(`Violation with policy ${policy}; repeat with --seed ${seed} --store ${values.store}\n`, error);
			process.exit(1);
		}
	}
}

await dynamodb?.close();
const { steps, faults, signals, notices } = total;
console.log(
	`No violation in ${minutes} min on the ${values.store} store: ${runs} runs, ${steps} steps, ${faults} faults injected, ` +
		`${signals} signals, ${notices} notices, seeds ${firstSeed} to ${seed - 1}.`,
);
