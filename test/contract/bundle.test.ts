/** The bundle as it ships, with the real SDK clients: DynamoDB is embedded, @connections is the local gateway's. */
import { afterAll, beforeAll } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startBundle } from "../support/bundle-server.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { signalingContract } from "./signaling.contract.ts";

let dynamodb: LocalDynamodb;
let gateway: Gateway;

beforeAll(async () => {
	dynamodb = await startDynamodb();
	gateway = await startBundle(dynamodb.tableName);
});
afterAll(async () => {
	await gateway.close();
	await dynamodb.close();
});

signalingContract("the built bundle", { url: () => gateway.url });
