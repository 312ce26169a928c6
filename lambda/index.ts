/** The Lambda function's entry: the AWS adapters, made once for each execution environment, behind the handler. */
import { awsSecret } from "./adapters/aws-secret.ts";
import { cachedSecrets } from "./adapters/cached-secrets.ts";
import { connectionsApiSender } from "./adapters/connections-api-sender.ts";
import { dynamodbStore } from "./adapters/dynamodb-store.ts";
import { jsonLog } from "./adapters/json-log.ts";
import { lruCache } from "./adapters/lru-cache.ts";
import { nodeCrypto } from "./adapters/node-crypto.ts";
import { trafficReport } from "./adapters/traffic-report.ts";
import { readConfig, type SecretName } from "./config.ts";
import type { TokenVerifier } from "./core/ports.ts";
import type { GatewayHandler } from "./gateway-event.ts";
import { createHandler } from "./handler.ts";

const config = readConfig(process.env);
const log = jsonLog(config.logLevel);
const clock = Date;
// Without metrics the report is a line of the log like any other.
const isReported = config.metrics.mode !== "off" || ["debug", "info"].includes(config.logLevel);
const metrics = isReported ? trafficReport({ ...config.metrics, clock }) : undefined;

const secretsOf = (secret: SecretName, minLength?: number) => {
	const name = `${secret.store}:${secret.name}`;
	const secrets = cachedSecrets({ read: awsSecret(secret), name, minLength, clock, log });
	// Read while the function starts. If that fails, the first client that needs it makes the function read again.
	secrets.current().catch(() => {});
	return secrets;
};

/** Loaded only if the deployment asks for tokens. */
const tokenVerifier = async (): Promise<TokenVerifier | undefined> => {
	const { auth } = config;
	if (auth.mode === "none") return undefined;
	const { jwtVerifier, MIN_SHARED_SECRET_LENGTH, sharedSecretVerifier } = await import("./adapters/token-verifier.ts");
	if (auth.mode === "jwt") return jwtVerifier({ ...auth, clock, log });
	return sharedSecretVerifier(secretsOf(auth.secret, MIN_SHARED_SECRET_LENGTH), clock);
};

const store = dynamodbStore({ tableName: config.tableName, clock, log, metrics });

/**
 * The first call makes the connection to DynamoDB. It is made here, so that the first client's event finds that done
 * (docs/costs.md), and the rest is made ready while it is under way. A failure is no news: the first client's own call meets it,
 * and answers.
 */
const connected = store.getConnection("none", "eventual").catch(() => {});

export const handler: GatewayHandler = createHandler({
	store,
	sender: connectionsApiSender({ endpoint: config.callbackEndpoint, log, metrics }),
	clock,
	crypto: nodeCrypto,
	log,
	metrics,
	settings: config.settings,
	tokens: await tokenVerifier(),
	sourceKey: config.sourceKey,
	turnSecrets: config.turnSecret && secretsOf(config.turnSecret),
	createCache: lruCache,
});

await connected;
