import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dynamodbStore } from "../../lambda/adapters/dynamodb-store.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { someMetrics } from "../support/counting.ts";
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

	it("counts and times its calls by their outcome", async () => {
		const metrics = someMetrics();
		const aStore = (tableName: string) => dynamodbStore({ tableName, clock: Date, log: someLog(), metrics });
		const store = aStore(dynamodb.tableName);
		const peer = aPeer({ peerId: "counted" });

		await store.claimPeer(peer, undefined);
		expect(metrics.take()).toEqual({ Store_ok: 1 });

		await store.claimPeer(peer, undefined);
		expect(metrics.take()).toEqual({ Store_unmet: 1 });

		await expect(aStore("no-such-table").getPeer(peer, "strong")).rejects.toThrow();
		expect(metrics.take()).toEqual({ Store_failed: 1 });
		expect(metrics.times).toEqual(Array(3).fill({ name: "StoreLatency", ms: expect.any(Number) }));
	});

	it("tells throttled calls from failed ones", async () => {
		const server = createServer((_request, response) =>
			response
				.writeHead(400, { "content-type": "application/x-amz-json-1.0" })
				.end('{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'),
		);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
		process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		onTestFinished(() => {
			process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
			server.closeAllConnections();
			server.close();
		});
		const metrics = someMetrics();
		const store = dynamodbStore({ tableName: "any", clock: Date, log: someLog(), metrics });

		await expect(store.getPeer(aPeer(), "strong")).rejects.toThrow(DependencyError);

		expect(metrics.take()).toEqual({ Store_throttled: 1 });
	});
});
