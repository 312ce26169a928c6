/** The bundle as it ships, with the real SDK clients: DynamoDB is embedded, @connections is the local gateway's. */
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, inject } from "vitest";
import type { GatewayHandler } from "../../lambda/gateway-event.ts";
import { type Gateway, startGateway } from "../../local/gateway.ts";
import { someLog } from "../support/defaults.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { signalingContract } from "./signaling.contract.ts";

let dynamodb: LocalDynamodb;
let gateway: Gateway;

beforeAll(async () => {
	dynamodb = await startDynamodb();
	gateway = await startGateway({ log: someLog() }, async ({ callbackEndpoint }) => {
		process.env.TABLE_NAME = dynamodb.tableName;
		process.env.CALLBACK_ENDPOINT = callbackEndpoint;
		process.env.LOG_LEVEL = "error";
		const bundle: { handler: GatewayHandler } = await import(pathToFileURL(inject("bundle")).href);
		return bundle.handler;
	});
});
afterAll(async () => {
	await gateway.close();
	await dynamodb.close();
});

signalingContract("the built bundle", { url: () => gateway.url });
