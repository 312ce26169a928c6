import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../lambda/config.ts";
import { SETTINGS, type Setting } from "../lambda/core/settings.ts";

const env = { TABLE_NAME: "table", CALLBACK_ENDPOINT: "https://abc.execute-api.us-east-1.amazonaws.com/prod" };

const jwt = {
	AUTH_MODE: "jwt",
	JWT_ISSUER: "https://issuer.test/",
	JWT_AUDIENCE: "one,two",
	JWT_JWKS_URL: "https://issuer.test/keys",
};
const sharedSecret = { AUTH_MODE: "shared_secret", AUTH_SECRET_NAME: "ssm:/signaling/secret" };
const turn = { TURN_URLS: "turn:turn.test", TURN_SECRET_NAME: "secretsmanager:turn" };

describe("readConfig", () => {
	it("needs a table and a callback endpoint, and has defaults for the rest", () => {
		expect(readConfig(env)).toMatchObject({
			tableName: "table",
			callbackEndpoint: env.CALLBACK_ENDPOINT,
			logLevel: "info",
			settings: {
				nearestPeers: 5,
				farPeers: 3,
				duplicatePeerPolicy: "replace",
				allowedOrigins: ["*"],
				allowMissingOrigin: true,
			},
		});
	});

	it("reads what a deployment sets", () => {
		const config = readConfig({
			...env,
			LOG_LEVEL: "warn",
			NEAREST_PEERS: "3",
			FAR_PEERS: "0",
			DUPLICATE_PEER_POLICY: "reject",
			ALLOWED_ORIGINS: "https://a.test, https://*.b.test",
			ALLOW_MISSING_ORIGIN: "false",
		});

		expect(config).toMatchObject({
			logLevel: "warn",
			settings: {
				nearestPeers: 3,
				farPeers: 0,
				duplicatePeerPolicy: "reject",
				allowedOrigins: ["https://a.test", "https://*.b.test"],
				allowMissingOrigin: false,
			},
		});
	});

	it("reads by what tokens are verified", () => {
		expect(readConfig(env).auth).toEqual({ mode: "none" });
		expect(readConfig({ ...env, ...jwt }).auth).toEqual({
			mode: "jwt",
			issuer: "https://issuer.test/",
			audience: ["one", "two"],
			jwksUrl: "https://issuer.test/keys",
		});
		expect(readConfig({ ...env, ...sharedSecret }).auth).toEqual({
			mode: "shared_secret",
			secret: { store: "ssm", name: "/signaling/secret" },
		});
	});

	it("binds no claim where the deployment names none", () => {
		const { settings } = readConfig({ ...env, AUTH_PEER_ID_CLAIM: "", AUTH_ROOMS_CLAIM: "teams" });

		expect(settings).toMatchObject({ authPeerIdClaim: "", authRoomsClaim: "teams" });
	});

	it.each([
		[{ AUTH_MODE: "shared_secret" }, "AUTH_SECRET_NAME is required."],
		[
			{ ...sharedSecret, AUTH_SECRET_NAME: "/plain" },
			"AUTH_SECRET_NAME must be ssm:<parameter> or secretsmanager:<secret>; got /plain.",
		],
		[{ ...jwt, JWT_ISSUER: "" }, "JWT_ISSUER is required."],
		[{ ...jwt, JWT_AUDIENCE: "" }, "JWT_AUDIENCE is required."],
		[{ ...jwt, JWT_JWKS_URL: "issuer.test" }, "JWT_JWKS_URL must be an http or https URL; got issuer.test."],
		[{ AUTH_MODE: "token" }, "AUTH_MODE must be one of none, jwt, shared_secret; got token."],
		[{ TURN_URLS: "turn:turn.test" }, "TURN_SECRET_NAME is required."],
	])("refuses %j", (values, fault) => {
		expect(() => readConfig({ ...env, ...values })).toThrow(fault);
	});

	it("reports every fault at once", () => {
		const read = () =>
			readConfig({ CALLBACK_ENDPOINT: "wss://x", NEAREST_PEERS: "0", FAR_PEERS: "many", LOG_LEVEL: "loud" });

		expect(read).toThrow(ConfigError);
		expect(read).toThrow(
			[
				"NEAREST_PEERS must be a whole number from 1 to 16; got 0.",
				"FAR_PEERS must be a whole number from 0 to 8; got many.",
				"LOG_LEVEL must be one of debug, info, warn, error; got loud.",
				"TABLE_NAME is required.",
				"CALLBACK_ENDPOINT must be an http or https URL; got wss://x.",
			].join("\n"),
		);
	});

	it("reads exactly the variables that the Terraform module sets", () => {
		const read = new Set<string>();
		const watched = (values: Record<string, string>) =>
			new Proxy<Record<string, string>>(values, {
				get: (target, name) => {
					read.add(String(name));
					return target[String(name)];
				},
			});
		// The values decide which variables are read.
		for (const mode of [jwt, sharedSecret, turn]) readConfig(watched({ ...env, ...mode }));

		const terraform = readFileSync(new URL("../function.tf", import.meta.url), "utf8");
		const block = /^ {2}environment = \{\n([\s\S]*?)\n {2}\}/m.exec(terraform)?.[1] ?? "";
		const set = [...block.matchAll(/^\s+([A-Z_]+)\s+=/gm)].map((match) => match[1]);

		expect(set.sort()).toEqual([...read].sort());
	});
});

describe("the Terraform module", () => {
	const root = new URL("../", import.meta.url);
	const source = readdirSync(root)
		.filter((file) => /^variables.*\.tf$/.test(file))
		.map((file) => readFileSync(new URL(file, root), "utf8"))
		.join("\n");
	const blockOf = (name: string) => new RegExp(`^variable "${name}" \\{\\n([\\s\\S]*?)\\n\\}`, "m").exec(source)?.[1];
	const settings = Object.values<Setting>(SETTINGS).filter((setting) => setting.variable !== undefined);
	const withKind = (kind: Setting["kind"]) =>
		settings
			.filter((setting) => setting.kind === kind)
			.map((setting) => [setting.variable as string, setting] as const);

	it("has a variable of each setting's name", () => {
		for (const { variable } of settings) expect(blockOf(variable as string), variable).toBeDefined();
	});

	it.each(withKind("whole"))("has the range and the default of %s", (variable, setting) => {
		const block = blockOf(variable) ?? "";
		const { least, most, default: usual } = setting as Extract<Setting, { kind: "whole" }>;

		expect(Number(/^ {2}default\s+= (.*)$/m.exec(block)?.[1])).toBe(usual);
		expect(Number(new RegExp(`var\\.${variable} >= (\\d+)`).exec(block)?.[1])).toBe(least);
		expect(Number(new RegExp(`var\\.${variable} <= (\\d+)`).exec(block)?.[1])).toBe(most);
	});

	it.each(withKind("choice"))("has the words and the default of %s", (variable, setting) => {
		const block = blockOf(variable) ?? "";
		const { choices, default: usual } = setting as Extract<Setting, { kind: "choice" }>;

		expect(JSON.parse(/^ {2}default\s+= (.*)$/m.exec(block)?.[1] ?? "")).toBe(usual);
		expect(JSON.parse(/contains\((\[.*?\]), var\./.exec(block)?.[1] ?? "")).toEqual(choices);
	});

	it.each(withKind("flag"))("has the default of %s", (variable, setting) => {
		expect(/^ {2}default\s+= (.*)$/m.exec(blockOf(variable) ?? "")?.[1]).toBe(String(setting.default));
	});

	it.each([...withKind("list"), ...withKind("text")])("has the default of %s", (variable, setting) => {
		const text = /^ {2}default\s+= (.*)$/m.exec(blockOf(variable) ?? "")?.[1] ?? "";
		// `null` leaves a text out, as an empty environment variable does.
		expect(JSON.parse(text) ?? "").toEqual(setting.default);
	});
});
