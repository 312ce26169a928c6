/**
 * Every setting of a deployment, declared once: its names, its range, its default and its sentence.
 *
 * `lambda/config.ts` reads the environment, `local/options.ts` reads the command line and writes its help text by a loop
 * over this table. test/config.test.ts compares it with the Terraform module's variables.
 */
import { MAX_CONNECTION_AGE_MS, MAX_IDLE_MS } from "../../protocol/limits.ts";

/** The headings of the command line's help text, in its order. */
export const GROUPS = ["Server", "Who may connect", "Peers", "Limits"] as const;

interface Names {
	readonly group: (typeof GROUPS)[number];
	/** The function's environment variable. Absent: only the local server has this setting. */
	readonly env?: string;
	/** The local server's option, without `--`. Absent: only the function has this setting. */
	readonly option?: string;
	/** The Terraform variable. Absent: the module derives the value. */
	readonly variable?: string;
	/** What the setting does, as a phrase for the help text. */
	readonly sentence: string;
	/** The name of the value in the help text. */
	readonly value: string;
}

/** A whole number. `least`, `most` and `default` are in `unit`; the setting's value is that number times `scale`. */
export interface WholeSetting extends Names {
	readonly kind: "whole";
	readonly unit: string;
	readonly scale: number;
	readonly least: number;
	readonly most: number;
	readonly default: number;
}

/** One of several words. */
export interface ChoiceSetting<T extends string = string> extends Names {
	readonly kind: "choice";
	readonly choices: readonly T[];
	readonly default: T;
}

/** Yes or no. */
export interface FlagSetting extends Names {
	readonly kind: "flag";
	readonly default: boolean;
}

/** A list, separated by commas. */
export interface ListSetting extends Names {
	readonly kind: "list";
	readonly default: readonly string[];
}

/** A text. `emptyCounts`: an empty environment variable is a value and not the lack of one. */
export interface TextSetting extends Names {
	readonly kind: "text";
	readonly emptyCounts: boolean;
	readonly default: string;
}

export type Setting = WholeSetting | ChoiceSetting | FlagSetting | ListSetting | TextSetting;

const whole = (setting: Omit<WholeSetting, "kind" | "value" | "scale"> & { scale?: number }): WholeSetting => ({
	kind: "whole",
	value: setting.unit === "seconds" ? "seconds" : "n",
	...setting,
	scale: setting.scale ?? 1,
});
const choice = <const T extends string>(
	setting: Omit<ChoiceSetting<T>, "kind" | "value"> & { value?: string },
): ChoiceSetting<T> => ({ kind: "choice", value: "word", ...setting });
const flag = (setting: Omit<FlagSetting, "kind" | "value">): FlagSetting => ({
	kind: "flag",
	value: "yes|no",
	...setting,
});
const list = (setting: Omit<ListSetting, "kind" | "value" | "default"> & { default?: string[] }): ListSetting => ({
	kind: "list",
	value: "list",
	default: [],
	...setting,
});
const text = (setting: Omit<TextSetting, "kind" | "emptyCounts" | "default"> & Partial<TextSetting>): TextSetting => ({
	kind: "text",
	emptyCounts: false,
	default: "",
	...setting,
});

/** Seconds outside, ms inside. */
const SECONDS = { unit: "seconds", scale: 1000 } as const;
const DAY_SECONDS = 86_400;

/** The settings that the core reads. */
export const CORE_SETTINGS = {
	allowedOrigins: list({
		group: "Who may connect",
		env: "ALLOWED_ORIGINS",
		option: "allowed-origins",
		variable: "allowed_origins",
		default: ["*"],
		sentence:
			"origins that may connect, separated by commas: exact ones such as https://app.example.com, https://*.example.com, or *",
	}),
	allowMissingOrigin: flag({
		group: "Who may connect",
		env: "ALLOW_MISSING_ORIGIN",
		option: "allow-missing-origin",
		variable: "allow_missing_origin",
		default: true,
		sentence: "whether clients without an Origin header, such as wscat, may connect",
	}),
	authAtConnect: flag({
		group: "Who may connect",
		env: "AUTH_AT_CONNECT",
		option: "auth-at-connect",
		variable: "auth_at_connect",
		default: false,
		sentence: "whether the token must come with the connection and not only with the join",
	}),
	authClaimsRequired: flag({
		group: "Who may connect",
		env: "AUTH_CLAIMS_REQUIRED",
		option: "auth-claims-required",
		variable: "auth_claims_required",
		default: true,
		sentence:
			"whether a token without a claim that is named below is refused; no lets it join as any peer, in any room",
	}),
	authMaxTokenSeconds: whole({
		group: "Who may connect",
		env: "AUTH_MAX_TOKEN_SECONDS",
		option: "auth-max-token-seconds",
		variable: "auth_max_token_seconds",
		unit: "seconds",
		least: 0,
		most: 365 * DAY_SECONDS,
		default: 0,
		sentence: "longest time that a token may still be good for when it is shown; 0 for no limit",
	}),
	authPeerIdClaim: text({
		group: "Who may connect",
		env: "AUTH_PEER_ID_CLAIM",
		option: "auth-peer-id-claim",
		variable: "auth_peer_id_claim",
		value: "claim",
		emptyCounts: true,
		default: "sub",
		sentence: 'claim that holds the only peer ID to join as, "" for none',
	}),
	authRoomsClaim: text({
		group: "Who may connect",
		env: "AUTH_ROOMS_CLAIM",
		option: "auth-rooms-claim",
		variable: "auth_rooms_claim",
		value: "claim",
		emptyCounts: true,
		default: "rooms",
		sentence: 'claim that lists the only rooms to join, "" for none',
	}),
	duplicatePeerPolicy: choice({
		group: "Peers",
		env: "DUPLICATE_PEER_POLICY",
		option: "duplicate-peer-policy",
		variable: "duplicate_peer_policy",
		value: "policy",
		choices: ["replace", "reject"],
		default: "replace",
		sentence: "which of two clients gets an ID: the newer one (replace) or the older one (reject)",
	}),
	nearestPeers: whole({
		group: "Peers",
		env: "NEAREST_PEERS",
		option: "nearest-peers",
		variable: "nearest_peers",
		unit: "peers",
		least: 1,
		most: 16,
		default: 5,
		sentence: "nearest peers that a newcomer is introduced to",
	}),
	farPeers: whole({
		group: "Peers",
		env: "FAR_PEERS",
		option: "far-peers",
		variable: "far_peers",
		unit: "peers",
		least: 0,
		most: 8,
		default: 3,
		sentence: "far peers that a newcomer is introduced to: the long links that keep a mesh in one piece",
	}),
	stunUrls: list({
		group: "Peers",
		env: "STUN_URLS",
		option: "stun-urls",
		variable: "stun_urls",
		sentence: "STUN servers that the welcome names, separated by commas",
	}),
	turnUrls: list({
		group: "Peers",
		env: "TURN_URLS",
		option: "turn-urls",
		variable: "turn_urls",
		sentence: "TURN servers that the welcome names, separated by commas; they need --turn-secret-file",
	}),
	turnCredentialSeconds: whole({
		group: "Peers",
		env: "TURN_CREDENTIAL_SECONDS",
		option: "turn-credential-seconds",
		variable: "turn_credential_seconds",
		unit: "seconds",
		least: 600,
		most: 7_200,
		default: 3_600,
		sentence: "time that TURN credentials in a welcome are good for; the session's end is theirs at the latest",
	}),
	clientRateLimit: whole({
		group: "Limits",
		env: "CLIENT_RATE_LIMIT",
		option: "client-rate-limit",
		variable: "client_rate_limit",
		unit: "frames per second",
		least: 1,
		most: 10_000,
		// A newcomer that calls eight peers and sends every candidate separately sends a hundred frames in two seconds.
		default: 20,
		sentence: "frames per second that one client may send on average",
	}),
	clientBurstLimit: whole({
		group: "Limits",
		env: "CLIENT_BURST_LIMIT",
		option: "client-burst-limit",
		variable: "client_burst_limit",
		unit: "frames",
		least: 1,
		most: 10_000,
		default: 200,
		sentence: "frames that one client may send at once",
	}),
	searchRateLimit: whole({
		group: "Limits",
		option: "search-rate-limit",
		unit: "frames per second",
		least: 1,
		most: 10_000,
		default: 1,
		sentence: "joins and searches per second that one client may send on average",
	}),
	searchBurstLimit: whole({
		group: "Limits",
		option: "search-burst-limit",
		unit: "frames",
		least: 1,
		most: 10_000,
		default: 20,
		sentence: "joins and searches that one client may send at once",
	}),
	sourceRateLimit: whole({
		group: "Limits",
		env: "SOURCE_RATE_LIMIT",
		option: "source-rate-limit",
		variable: "source_rate_limit",
		unit: "per second",
		least: 0,
		most: 10_000,
		default: 2,
		sentence:
			"connects, and joins with searches, per second of one address or of one token's subject on average; 0 for no limit",
	}),
	sourceBurstLimit: whole({
		group: "Limits",
		env: "SOURCE_BURST_LIMIT",
		option: "source-burst-limit",
		variable: "source_burst_limit",
		unit: "at once",
		least: 1,
		most: 1_000_000,
		// An office of 200 peers behind one address joins, loses its server, joins again, and has some left.
		default: 600,
		sentence: "connects, and joins with searches, of one address or of one token's subject at once",
	}),
	joinDeadlineMs: whole({
		group: "Limits",
		env: "JOIN_DEADLINE_SECONDS",
		option: "join-deadline",
		variable: "join_deadline_seconds",
		...SECONDS,
		least: 5,
		most: 7_200,
		default: 60, // enough to type a join by hand
		sentence: "time after which a client that has not joined is closed",
	}),
	maxConnectionAgeMs: whole({
		group: "Limits",
		option: "max-connection-age",
		...SECONDS,
		least: 1,
		most: DAY_SECONDS,
		default: MAX_CONNECTION_AGE_MS / 1000,
		sentence: "age at which a connection is ended, as API Gateway does",
	}),
} as const;

/** The settings of the code around the core: the function's, the local server's, or both. */
export const EDGE_SETTINGS = {
	port: whole({
		group: "Server",
		option: "port",
		unit: "port",
		least: 0,
		most: 65_535,
		default: 8080,
		sentence: "TCP port, 0 for any free one; the variable PORT sets it too",
	}),
	host: text({
		group: "Server",
		option: "host",
		value: "address",
		default: "127.0.0.1",
		sentence: "address to listen on; 0.0.0.0 lets other machines in",
	}),
	logLevel: choice({
		group: "Server",
		env: "LOG_LEVEL",
		option: "log-level",
		variable: "log_level",
		value: "level",
		choices: ["debug", "info", "warn", "error"],
		default: "info",
		sentence: "least important lines that are logged",
	}),
	metrics: choice({
		group: "Server",
		env: "METRICS",
		variable: "metrics",
		value: "mode",
		choices: ["off", "sampled", "on"],
		// docs/costs.md: less than a cent for a million signals, some dollars a month if it is busy at every hour, and nothing
		// without traffic.
		default: "sampled",
		sentence: "whether the function reports metrics to CloudWatch, and whether every latency is among them",
	}),
	service: text({
		group: "Server",
		env: "SERVICE",
		value: "name",
		default: "p2pmesh-signaling",
		sentence: "dimension Service of the metrics: the project's name",
	}),
	stage: text({
		group: "Server",
		env: "STAGE",
		value: "name",
		default: "prod",
		sentence: "dimension Stage of the metrics",
	}),
	authMode: choice({
		group: "Who may connect",
		env: "AUTH_MODE",
		option: "auth-mode",
		variable: "auth_mode",
		value: "mode",
		choices: ["none", "jwt", "shared_secret"],
		default: "none",
		sentence: "whether clients need a token, and how it is verified",
	}),
	authSecretFile: text({
		group: "Who may connect",
		option: "auth-secret-file",
		value: "path",
		sentence: "with shared_secret: a file with one or two secrets, a line each",
	}),
	jwtIssuer: text({
		group: "Who may connect",
		env: "JWT_ISSUER",
		option: "jwt-issuer",
		variable: "jwt_issuer",
		value: "url",
		sentence: "with jwt: the value of iss in a token",
	}),
	jwtAudience: list({
		group: "Who may connect",
		env: "JWT_AUDIENCE",
		option: "jwt-audience",
		variable: "jwt_audience",
		sentence: "with jwt: the values of aud that are accepted, separated by commas",
	}),
	jwtJwksUrl: text({
		group: "Who may connect",
		env: "JWT_JWKS_URL",
		option: "jwt-jwks-url",
		variable: "jwt_jwks_url",
		value: "url",
		sentence: "with jwt: the URL of the issuer's keys; without it <issuer>/.well-known/jwks.json",
	}),
	turnSecretFile: text({
		group: "Peers",
		option: "turn-secret-file",
		value: "path",
		sentence: "a file with the secret that the TURN servers share (coturn: static-auth-secret)",
	}),
	maxIdleMs: whole({
		group: "Limits",
		option: "idle-timeout",
		...SECONDS,
		least: 1,
		most: DAY_SECONDS,
		default: MAX_IDLE_MS / 1000,
		sentence: "silence after which a connection is ended, as API Gateway does",
	}),
	tableName: text({ group: "Server", env: "TABLE_NAME", value: "name", sentence: "DynamoDB table" }),
	sourceKey: text({
		group: "Limits",
		env: "SOURCE_KEY",
		value: "text",
		sentence: "key of the hashes that stand for the addresses of clients",
	}),
	callbackEndpoint: text({
		group: "Server",
		env: "CALLBACK_ENDPOINT",
		variable: "callback_endpoint",
		value: "url",
		sentence: "URL of @connections, with the stage: https://{api}.execute-api.{region}.amazonaws.com/{stage}",
	}),
	authSecretName: text({
		group: "Who may connect",
		env: "AUTH_SECRET_NAME",
		variable: "auth_secret_name",
		value: "name",
		sentence: "with shared_secret: ssm:<parameter> or secretsmanager:<secret>",
	}),
	turnSecretName: text({
		group: "Peers",
		env: "TURN_SECRET_NAME",
		variable: "turn_secret_name",
		value: "name",
		sentence: "with TURN servers: ssm:<parameter> or secretsmanager:<secret>",
	}),
} as const;

export const SETTINGS = { ...CORE_SETTINGS, ...EDGE_SETTINGS } as const;

/** The value of a setting, as the code reads it. */
export type ValueOf<S> =
	S extends ChoiceSetting<infer T>
		? T
		: S extends WholeSetting
			? number
			: S extends FlagSetting
				? boolean
				: S extends ListSetting
					? readonly string[]
					: string;

type ValuesOf<Table> = { readonly [K in keyof Table]: ValueOf<Table[K]> };

/** What the core reads. Times are in ms, unless the name ends in `Seconds`. */
export type Settings = ValuesOf<typeof CORE_SETTINGS>;

/** Every setting's value. Times are as in {@link Settings}. */
export type AllSettings = ValuesOf<typeof SETTINGS>;

export type LogLevel = AllSettings["logLevel"];
export type MetricsMode = AllSettings["metrics"];
export type AuthMode = AllSettings["authMode"];

/** Default settings. */
export const DEFAULT_SETTINGS = Object.fromEntries(
	Object.entries(CORE_SETTINGS).map(([name, setting]) => [name, defaultOf(setting)]),
) as Settings;

function defaultOf(setting: Setting): unknown {
	return setting.kind === "whole" ? setting.default * setting.scale : setting.default;
}

/**
 * Reads every setting of the table that `given` knows a name for.
 * @param given the name of the setting for error messages, and its text. Undefined: this reader has no such setting.
 * @param words the texts for yes and no
 * @returns the values, with defaults, and the faults as sentences
 */
export function readSettings(
	given: (setting: Setting) => { name: string; text: string | undefined } | undefined,
	words: { yes: string; no: string },
): { values: AllSettings; faults: string[] } {
	const faults: string[] = [];
	const values: Record<string, unknown> = {};
	for (const [key, setting] of Object.entries<Setting>(SETTINGS)) {
		const source = given(setting);
		const value = source?.text === undefined ? { ok: defaultOf(setting) } : parse(setting, source.text, words);
		if ("fault" in value) faults.push(`${source?.name} ${value.fault}; got ${source?.text}.`);
		else values[key] = value.ok;
	}
	return { values: values as AllSettings, faults };
}

function parse(
	setting: Setting,
	given: string,
	words: { yes: string; no: string },
): { ok: unknown } | { fault: string } {
	switch (setting.kind) {
		case "whole": {
			const number = given.trim() === "" ? Number.NaN : Number(given);
			if (Number.isInteger(number) && number >= setting.least && number <= setting.most) {
				return { ok: number * setting.scale };
			}
			return { fault: `must be a whole number from ${setting.least} to ${setting.most}` };
		}
		case "choice":
			if (setting.choices.includes(given)) return { ok: given };
			return { fault: `must be one of ${setting.choices.join(", ")}` };
		case "flag":
			if (given === words.yes || given === words.no) return { ok: given === words.yes };
			return { fault: `must be one of ${words.yes}, ${words.no}` };
		case "list":
			return { ok: splitList(given) };
		case "text":
			return { ok: given };
	}
}

function splitList(given: string): string[] {
	return given
		.split(",")
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "");
}
