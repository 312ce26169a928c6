/** The function's configuration: read once, at cold start. Every fault is reported at once. */
import {
	type AllSettings,
	type LogLevel,
	type MetricsMode,
	readSettings,
	type Setting,
	type Settings,
} from "./core/settings.ts";

/** The place of a secret. */
export interface SecretName {
	readonly store: "ssm" | "secretsmanager";
	/** Its name there. */
	readonly name: string;
}

/** How tokens are verified. */
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
	/** The URL of @connections, with the stage: `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
	readonly callbackEndpoint: string;
	/** Key of the hashes that stand for addresses; empty if the deployment has none. */
	readonly sourceKey: string;
	readonly logLevel: LogLevel;
	readonly metrics: { readonly mode: MetricsMode; readonly service: string; readonly stage: string };
	readonly auth: AuthConfig;
	readonly turnSecret?: SecretName;
	readonly settings: Settings;
}

/** Invalid environment; one line per problem. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError */
export function readConfig(env: Env): Config {
	const { values, faults } = readSettings((setting) => fromEnvironment(setting, env), { yes: "true", no: "false" });
	const { required, url, secret } = requirements(faults);

	const config: Config = {
		tableName: required("TABLE_NAME", values.tableName),
		callbackEndpoint: url("CALLBACK_ENDPOINT", values.callbackEndpoint),
		sourceKey: values.sourceKey,
		logLevel: values.logLevel,
		metrics: { mode: values.metrics, service: values.service, stage: values.stage },
		auth: authOf(values, { required, url, secret }),
		...(values.turnUrls.length > 0 && { turnSecret: secret("TURN_SECRET_NAME", values.turnSecretName) }),
		settings: values,
	};
	if (faults.length > 0) throw new ConfigError(faults.join("\n"));
	return config;
}

/** Terraform sets every variable, to an empty text if the deployment leaves it out. */
function fromEnvironment(setting: Setting, env: Env) {
	if (setting.env === undefined) return undefined;
	const text = env[setting.env];
	const isSet = text !== "" || (setting.kind === "text" && setting.emptyCounts);
	return { name: setting.env, text: isSet ? text : undefined };
}

/** Checks of settings that only some deployments need. Each adds its faults to the list. */
function requirements(faults: string[]) {
	const required = (name: string, value: string): string => {
		if (value === "") faults.push(`${name} is required.`);
		return value;
	};
	const url = (name: string, value: string): string => {
		required(name, value);
		if (value !== "" && !/^https?:\/\//.test(value)) faults.push(`${name} must be an http or https URL; got ${value}.`);
		return value;
	};
	const secret = (name: string, value: string): SecretName => {
		required(name, value);
		const [, store, path] = /^(ssm|secretsmanager):(.+)$/.exec(value) ?? [];
		if (value !== "" && path === undefined) {
			faults.push(`${name} must be ssm:<parameter> or secretsmanager:<secret>; got ${value}.`);
		}
		return { store: store as SecretName["store"], name: path ?? "" };
	};
	return { required, url, secret };
}

function authOf(values: AllSettings, { required, url, secret }: ReturnType<typeof requirements>): AuthConfig {
	const mode = values.authMode;
	if (mode === "shared_secret") return { mode, secret: secret("AUTH_SECRET_NAME", values.authSecretName) };
	if (mode !== "jwt") return { mode: "none" };
	required("JWT_AUDIENCE", values.jwtAudience.join(","));
	return {
		mode,
		issuer: required("JWT_ISSUER", values.jwtIssuer),
		audience: values.jwtAudience,
		jwksUrl: url("JWT_JWKS_URL", values.jwtJwksUrl),
	};
}
