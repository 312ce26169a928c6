import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodbStore } from "../../lambda/adapters/dynamodb-store.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { someLog } from "../support/defaults.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { aPeer } from "../support/records.ts";
import { storeContract } from "./store.contract.ts";

let dynamodb: LocalDynamodb;
beforeAll(async () => {
	dynamodb = await startDynamodb();
});
afterAll(() => dynamodb.close());

storeContract("DynamoDB", (clock) => dynamodbStore({ tableName: dynamodb.tableName, clock, log: someLog() }));

describe("dynamodbStore", () => {
	it("reports a failure of DynamoDB as one of a dependency, with its cause", async () => {
		const store = dynamodbStore({ tableName: "no-such-table", clock: Date, log: someLog() });

		const failure = await store.claimPeer(aPeer(), undefined).catch((error: unknown) => error);

		expect(failure).toBeInstanceOf(DependencyError);
		expect(failure).toMatchObject({
			message: "dynamodb:PutItem failed",
			cause: { name: "ResourceNotFoundException" },
		});
	});
});
