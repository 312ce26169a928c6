/** Access to the bundle, with its secret in SSM or in Secrets Manager. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startBundle } from "../support/bundle-server.ts";
import { aRoom, connect, refusedStatus } from "../support/client.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { type SecretsServer, startSecretsServer } from "../support/secrets-server.ts";
import { aSecret, aToken } from "../support/tokens.ts";
import { authorizationContract } from "./authorization.contract.ts";

describe("the bundle", () => {
	const secret = aSecret();
	let dynamodb: LocalDynamodb;
	let secrets: SecretsServer;

	beforeAll(async () => {
		dynamodb = await startDynamodb();
		secrets = await startSecretsServer();
		secrets.values.set("/signaling/secret", secret);
	});
	afterAll(async () => {
		secrets.close();
		await dynamodb.close();
	});

	const start = (name: string, more: Readonly<Record<string, string>> = {}) =>
		startBundle(
			dynamodb.tableName,
			{},
			{ AUTH_MODE: "shared_secret", AUTH_SECRET_NAME: name, AUTH_CLAIMS_REQUIRED: "false", ...more },
		);

	describe("with its secret in SSM", () => {
		let gateway: Gateway;
		beforeAll(async () => {
			gateway = await start("ssm:/signaling/secret", { ALLOWED_ORIGINS: "https://app.example.com" });
		});
		afterAll(() => gateway.close());

		authorizationContract("the built bundle", {
			url: () => gateway.url,
			secret: () => secret,
			store: async (values) => void secrets.values.set("/signaling/secret", values.join("\n")),
		});
	});

	const aBundle = async (...args: Parameters<typeof start>) => {
		const gateway = await start(...args);
		onTestFinished(() => gateway.close());
		return gateway;
	};

	it("reads its secret from Secrets Manager as well", async () => {
		secrets.values.set("signaling", secret);
		const { url } = await aBundle("secretsmanager:signaling");
		const client = await connect(`${url}?token=${await aToken(secret)}`);

		expect(await client.join("alice", { room: aRoom() })).toMatchObject({ type: "bootstrap_peers" });
	});

	it("refuses a token without the named claims, unless the deployment says otherwise", async () => {
		secrets.values.set("signaling", secret);
		const { url } = await aBundle("secretsmanager:signaling", { AUTH_CLAIMS_REQUIRED: "true" });
		const room = aRoom();

		expect(await refusedStatus(`${url}?token=${await aToken(secret, { sub: "alice" })}`)).toBe(401);
		const client = await connect(`${url}?token=${await aToken(secret, { sub: "alice", rooms: [room] })}`);
		expect(await client.join("alice", { room })).toMatchObject({ type: "bootstrap_peers" });
	});

	it("refuses a client without a token at once, if that is asked for", async () => {
		const { url } = await aBundle("secretsmanager:signaling", { AUTH_AT_CONNECT: "true" });

		expect(await refusedStatus(url)).toBe(401);
		await connect(`${url}?token=${await aToken(secret)}`);
		process.env.AUTH_AT_CONNECT = "false";
	});

	it("says that it is not available while its secret cannot be read, and goes on once it can", async () => {
		const { url } = await aBundle("ssm:/not/there/yet");
		const token = await aToken(secret);
		const client = await connect(url);

		expect(await refusedStatus(`${url}?token=${token}`)).toBe(503);
		expect(await client.join("alice", { room: aRoom(), token })).toMatchObject({
			code: "UNAVAILABLE",
			retryable: true,
		});

		secrets.values.set("/not/there/yet", secret);
		expect(await client.join("alice", { room: aRoom(), token })).toMatchObject({ type: "bootstrap_peers" });
	});
});
