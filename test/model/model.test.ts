import fc from "fast-check";
import { afterAll, beforeAll, describe, inject, it } from "vitest";
import { dynamodbStore } from "../../lambda/adapters/dynamodb-store.ts";
import { giveAmpleTime } from "../support/ample-time.mjs";
import { someLog } from "../support/defaults.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { createMachine } from "./machine.ts";
import { run, type Step } from "./steps.ts";

/** `npm test` has a short search; `npm run test:slow` has a longer one, and `npm run test:soak` goes on by hand. */
const RUNS = inject("thorough") ? { memory: 120, dynamodb: 8 } : { memory: 20, dynamodb: 1 };

let dynamodb: LocalDynamodb;
beforeAll(giveAmpleTime);
beforeAll(async () => {
	dynamodb = await startDynamodb();
});
afterAll(() => dynamodb.close());

const play = async (machine: ReturnType<typeof createMachine>, steps: readonly Step[]) => {
	for (const each of steps) await machine.run(each);
};

describe.each(["replace", "reject"] as const)("the model, where a held id makes the server %s", (policy) => {
	it("agrees with the core over the memory store, after every step", async () => {
		await fc.assert(
			fc.asyncProperty(run, (steps) => play(createMachine(policy), steps)),
			{ numRuns: RUNS.memory },
		);
	});

	it("agrees with the core over DynamoDB, after every step", async () => {
		const makeStore = (clock: { now(): number }) =>
			dynamodbStore({ tableName: dynamodb.tableName, clock, log: someLog() });
		await fc.assert(
			fc.asyncProperty(run, (steps) => play(createMachine(policy, makeStore), steps)),
			{ numRuns: RUNS.dynamodb },
		);
	});
});
