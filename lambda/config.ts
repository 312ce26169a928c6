/** The function's configuration: read once, at cold start, with every fault reported at once. */
import { FAR_PEERS, MAX_CONNECTION_AGE_MS, NEAREST_PEERS } from "./core/limits.ts";
import type { Settings } from "./core/ports.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DUPLICATE_PEER_POLICIES = ["replace", "reject"] as const;

export interface Config {
	readonly tableName: string;
	/** Where @connections is, with the stage: `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
	readonly callbackEndpoint: string;
	readonly logLevel: LogLevel;
	readonly settings: Settings;
}

/** What the deployment set is wrong. The message lists every fault, a line each. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

/** @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const faults: string[] = [];

	const required = (name: string): string => {
		const value = env[name];
		if (!value) faults.push(`${name} is required.`);
		return value ?? "";
	};
	const count = (name: string, lowest: number, highest: number, fallback: number): number => {
		const text = env[name] || String(fallback);
		const value = Number(text);
		if (!Number.isInteger(value) || value < lowest || value > highest) {
			faults.push(`${name} must be a whole number from ${lowest} to ${highest}; got ${text}.`);
		}
		return value;
	};
	const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
		const value = env[name] || fallback;
		if (!(choices as readonly string[]).includes(value)) {
			faults.push(`${name} must be one of ${choices.join(", ")}; got ${value}.`);
		}
		return value as T;
	};

	const config: Config = {
		tableName: required("TABLE_NAME"),
		callbackEndpoint: required("CALLBACK_ENDPOINT"),
		logLevel: choice("LOG_LEVEL", LOG_LEVELS, "info"),
		settings: {
			nearestPeers: count("NEAREST_PEERS", 1, 16, NEAREST_PEERS),
			farPeers: count("FAR_PEERS", 0, 8, FAR_PEERS),
			duplicatePeerPolicy: choice("DUPLICATE_PEER_POLICY", DUPLICATE_PEER_POLICIES, "replace"),
			allowedOrigins: splitList(env.ALLOWED_ORIGINS || "*"),
			allowMissingOrigin: choice("ALLOW_MISSING_ORIGIN", ["true", "false"], "true") === "true",
			maxConnectionAgeMs: MAX_CONNECTION_AGE_MS,
		},
	};
	if (config.callbackEndpoint !== "" && !/^https?:\/\//.test(config.callbackEndpoint)) {
		faults.push(`CALLBACK_ENDPOINT must be an http or https URL; got ${config.callbackEndpoint}.`);
	}
	if (faults.length > 0) throw new ConfigError(faults.join("\n"));
	return config;
}

export function splitList(text: string): string[] {
	return text
		.split(",")
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "");
}
