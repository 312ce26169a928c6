/** The function's configuration: read once, at cold start, with every fault reported at once. */
import { MAX_CONNECTION_AGE_MS } from "../protocol/index.ts";
import { FAR_PEERS, FRAME_RATE, JOIN_DEADLINE_MS, NEAREST_PEERS, SEARCH_RATE } from "./core/limits.ts";
import type { Settings } from "./core/ports.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DUPLICATE_PEER_POLICIES = ["replace", "reject"] as const;

export const AUTH_MODES = ["none", "jwt", "shared_secret"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** Where a secret is kept. */
export interface SecretName {
	readonly store: "ssm" | "secretsmanager";
	/** Its name there. */
	readonly name: string;
}

/** By what tokens are verified. */
export type AuthConfig =
	| { readonly mode: "none" }
	| {
			readonly mode: "jwt";
			readonly issuer: string;
			readonly audience: readonly string[];
			readonly jwksUrl: string;
	  }
	| { readonly mode: "shared_secret"; readonly secret: SecretName };

export interface Config {
	readonly tableName: string;
	/** Where @connections is, with the stage: `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
	readonly callbackEndpoint: string;
	readonly logLevel: LogLevel;
	readonly auth: AuthConfig;
	readonly turnSecret?: SecretName;
	readonly settings: Settings;
}

/** What a deployment chooses that chooses nothing. */
export const DEFAULT_SETTINGS: Settings = {
	nearestPeers: NEAREST_PEERS,
	farPeers: FAR_PEERS,
	duplicatePeerPolicy: "replace",
	allowedOrigins: ["*"],
	allowMissingOrigin: true,
	maxConnectionAgeMs: MAX_CONNECTION_AGE_MS,
	joinDeadlineMs: JOIN_DEADLINE_MS,
	frameRate: FRAME_RATE,
	searchRate: SEARCH_RATE,
	tokens: { peerIdClaim: "sub", roomsClaim: "rooms", requiredToConnect: false },
	stunUrls: [],
	turnUrls: [],
};

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
	const flag = (name: string, fallback: boolean): boolean =>
		choice(name, ["true", "false"], fallback ? "true" : "false") === "true";
	const url = (name: string): string => {
		const value = required(name);
		if (value !== "" && !/^https?:\/\//.test(value)) faults.push(`${name} must be an http or https URL; got ${value}.`);
		return value;
	};
	const secret = (name: string): SecretName => {
		const value = required(name);
		const [, store, path] = /^(ssm|secretsmanager):(.+)$/.exec(value) ?? [];
		if (value !== "" && path === undefined) {
			faults.push(`${name} must be ssm:<parameter> or secretsmanager:<secret>; got ${value}.`);
		}
		return { store: store as SecretName["store"], name: path ?? "" };
	};
	const auth = (): AuthConfig => {
		const mode = choice("AUTH_MODE", AUTH_MODES, "none");
		if (mode === "shared_secret") return { mode, secret: secret("AUTH_SECRET_NAME") };
		if (mode !== "jwt") return { mode: "none" };
		return {
			mode,
			issuer: required("JWT_ISSUER"),
			audience: splitList(required("JWT_AUDIENCE")),
			jwksUrl: url("JWT_JWKS_URL"),
		};
	};
	const defaults = DEFAULT_SETTINGS;
	const turnUrls = splitList(env.TURN_URLS ?? "");

	const config: Config = {
		tableName: required("TABLE_NAME"),
		callbackEndpoint: url("CALLBACK_ENDPOINT"),
		logLevel: choice("LOG_LEVEL", LOG_LEVELS, "info"),
		auth: auth(),
		...(turnUrls.length > 0 && { turnSecret: secret("TURN_SECRET_NAME") }),
		settings: {
			...defaults,
			nearestPeers: count("NEAREST_PEERS", 1, 16, defaults.nearestPeers),
			farPeers: count("FAR_PEERS", 0, 8, defaults.farPeers),
			duplicatePeerPolicy: choice("DUPLICATE_PEER_POLICY", DUPLICATE_PEER_POLICIES, defaults.duplicatePeerPolicy),
			allowedOrigins: env.ALLOWED_ORIGINS ? splitList(env.ALLOWED_ORIGINS) : defaults.allowedOrigins,
			allowMissingOrigin: flag("ALLOW_MISSING_ORIGIN", defaults.allowMissingOrigin),
			joinDeadlineMs: count("JOIN_DEADLINE_SECONDS", 5, 7_200, defaults.joinDeadlineMs / 1000) * 1000,
			frameRate: {
				perSecond: count("CLIENT_RATE_LIMIT", 1, 10_000, defaults.frameRate.perSecond),
				burst: count("CLIENT_BURST_LIMIT", 1, 10_000, defaults.frameRate.burst),
			},
			tokens: {
				// Set, and empty, is a choice too: no claim binds.
				peerIdClaim: env.AUTH_PEER_ID_CLAIM ?? defaults.tokens.peerIdClaim,
				roomsClaim: env.AUTH_ROOMS_CLAIM ?? defaults.tokens.roomsClaim,
				requiredToConnect: flag("AUTH_AT_CONNECT", defaults.tokens.requiredToConnect),
			},
			stunUrls: splitList(env.STUN_URLS ?? ""),
			turnUrls,
		},
	};
	if (faults.length > 0) throw new ConfigError(faults.join("\n"));
	return config;
}

export function splitList(text: string): string[] {
	return text
		.split(",")
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "");
}
