/** The Lambda function's entry: the AWS adapters, made once for each execution environment, behind the handler. */
import { connectionsApiSender } from "./adapters/connections-api-sender.ts";

import { dynamodbPeerStore } from "./adapters/dynamodb-peer-store.ts";
import { jsonLog } from "./adapters/json-log.ts";
import { lruCache } from "./adapters/lru-cache.ts";
import { nodeCrypto } from "./adapters/node-crypto.ts";
import { readConfig } from "./config.ts";
import type { GatewayHandler } from "./gateway-event.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const log = jsonLog(config.logLevel);
const clock = Date;

export const handler: GatewayHandler = createHandler({
	store: dynamodbPeerStore({ tableName: config.tableName, clock }),
	sender: connectionsApiSender({ endpoint: config.callbackEndpoint, log }),
	clock,
	crypto: nodeCrypto,
	log,
	settings: config.settings,
	caches: { identities: lruCache(), locations: lruCache() },
});
