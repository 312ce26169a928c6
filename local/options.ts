/** The command line of `npm start`: a loop over the settings table. */
import { UsageError } from "../cli/command-line/errors.ts";
import { rows } from "../cli/command-line/help.ts";
import { type Parsed, parseArguments } from "../cli/command-line/parse.ts";
import {
	type AllSettings,
	GROUPS,
	type LogLevel,
	readSettings,
	SETTINGS,
	type Setting,
	type Settings,
} from "../lambda/core/settings.ts";

type LocalSetting = Setting & { readonly option: string };

const LOCAL_SETTINGS = Object.values<Setting>(SETTINGS).filter(
	(setting): setting is LocalSetting => setting.option !== undefined,
);

/** Width of the help text's first column, in characters. */
const COLUMN = 35;

/** @param program the words before the options: `npm start --` */
export const usage = (program: string) => `Runs the signaling server on this machine.

Usage: ${program} [options]
${GROUPS.map(
	(group) =>
		`\n${group}\n${LOCAL_SETTINGS.filter((setting) => setting.group === group)
			.map(help)
			.join("\n")}\n`,
).join("")}
  --help                           this text
`;

function help(setting: LocalSetting): string {
	const value = setting.kind === "choice" ? setting.choices.join("|") : setting.value;
	const given = defaultText(setting);
	const sentence = given === "" ? setting.sentence : `${setting.sentence} (default: ${given})`;
	return rows([{ name: `--${setting.option} <${value}>`, sentence }], COLUMN);
}

function defaultText(setting: Setting): string {
	if (setting.kind === "flag") return setting.default ? "yes" : "no";
	if (setting.kind === "list") return setting.default.join(",");
	return String(setting.default);
}

/** How tokens are verified. */
export type LocalAuth =
	| { readonly mode: "none" }
	| { readonly mode: "jwt"; readonly issuer: string; readonly audience: readonly string[]; readonly jwksUrl: string }
	| { readonly mode: "shared_secret"; readonly secretFile: string };

export interface Options {
	readonly help: boolean;
	readonly port: number;
	readonly host: string;
	readonly logLevel: LogLevel;
	readonly maxIdleMs: number;
	readonly auth: LocalAuth;
	readonly turnSecretFile?: string | undefined;
	readonly settings: Settings;
}

/** @throws UsageError */
export function readOptions(args: string[], env: Readonly<Record<string, string | undefined>> = process.env): Options {
	const given = readArguments(args);
	const { values, faults } = readSettings(
		(setting) => {
			if (setting.option === undefined) return undefined;
			const text = given[setting.option] ?? (setting === SETTINGS.port ? env.PORT || undefined : undefined);
			return { name: `--${setting.option}`, text: text as string | undefined };
		},
		{ yes: "yes", no: "no" },
	);
	if (faults.length > 0) throw new UsageError(faults.join("\n"));

	return {
		help: given.help === true,
		port: values.port,
		host: values.host,
		logLevel: values.logLevel,
		maxIdleMs: values.maxIdleMs,
		auth: authOf(values),
		turnSecretFile:
			values.turnUrls.length > 0
				? needed(SETTINGS.turnSecretFile as LocalSetting, values.turnSecretFile, "with --turn-urls")
				: undefined,
		settings: values,
	};
}

function readArguments(args: string[]): Parsed["values"] {
	const options = Object.fromEntries(LOCAL_SETTINGS.map(({ option }) => [option, { type: "string" as const }]));
	return parseArguments(args, { ...options, help: { type: "boolean", short: "h" } }, false).values;
}

function needed({ option }: LocalSetting, value: string, why: string): string {
	if (value === "") throw new UsageError(`--${option} is needed ${why}.`);
	return value;
}

function authOf(values: AllSettings): LocalAuth {
	const mode = values.authMode;
	const why = `with --auth-mode ${mode}`;
	if (mode === "shared_secret") {
		return { mode, secretFile: needed(SETTINGS.authSecretFile as LocalSetting, values.authSecretFile, why) };
	}
	if (mode === "none") return { mode };
	const issuer = needed(SETTINGS.jwtIssuer as LocalSetting, values.jwtIssuer, why);
	needed(SETTINGS.jwtAudience as LocalSetting, values.jwtAudience.join(","), why);
	const jwksUrl = values.jwtJwksUrl || `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
	if (!URL.canParse(jwksUrl)) throw new UsageError(`--jwt-jwks-url must be a URL; got ${jwksUrl}.`);
	return { mode, issuer, audience: values.jwtAudience, jwksUrl };
}
