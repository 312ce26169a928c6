import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../lambda/config.ts";
import { FAR_PEERS, NEAREST_PEERS } from "../lambda/core/limits.ts";

const env = { TABLE_NAME: "table", CALLBACK_ENDPOINT: "https://abc.execute-api.us-east-1.amazonaws.com/prod" };

describe("readConfig", () => {
	it("needs a table and a callback endpoint, and has defaults for the rest", () => {
		expect(readConfig(env)).toMatchObject({
			tableName: "table",
			callbackEndpoint: env.CALLBACK_ENDPOINT,
			logLevel: "info",
			settings: {
				nearestPeers: NEAREST_PEERS,
				farPeers: FAR_PEERS,
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

	it("reports every fault at once", () => {
		const read = () =>
			readConfig({ CALLBACK_ENDPOINT: "wss://x", NEAREST_PEERS: "0", FAR_PEERS: "many", LOG_LEVEL: "loud" });

		expect(read).toThrow(ConfigError);
		expect(read).toThrow(
			[
				"TABLE_NAME is required.",
				"LOG_LEVEL must be one of debug, info, warn, error; got loud.",
				"NEAREST_PEERS must be a whole number from 1 to 16; got 0.",
				"FAR_PEERS must be a whole number from 0 to 8; got many.",
				"CALLBACK_ENDPOINT must be an http or https URL; got wss://x.",
			].join("\n"),
		);
	});

	it("reads exactly the variables that the Terraform module sets", () => {
		const read = new Set<string>();
		const watched = new Proxy<Record<string, string>>(env, {
			get: (target, name) => {
				read.add(String(name));
				return target[String(name)];
			},
		});
		readConfig(watched);

		const terraform = readFileSync(new URL("../function.tf", import.meta.url), "utf8");
		const block = /environment \{\s+variables = \{([\s\S]*?)\n\s+\}/.exec(terraform)?.[1] ?? "";
		const set = [...block.matchAll(/^\s+([A-Z_]+)\s+=/gm)].map((match) => match[1]);

		expect(set.sort()).toEqual([...read].sort());
	});
});

describe("the Terraform module's defaults", () => {
	const variables = readFileSync(new URL("../variables.tf", import.meta.url), "utf8");
	const defaultOf = (name: string) =>
		new RegExp(`variable "${name}" \\{[\\s\\S]*?\\n {2}default\\s+= (.*)`).exec(variables)?.[1];

	it("are the handler's", () => {
		expect(defaultOf("nearest_peers")).toBe(String(NEAREST_PEERS));
		expect(defaultOf("far_peers")).toBe(String(FAR_PEERS));
	});
});
