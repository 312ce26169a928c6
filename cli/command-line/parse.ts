import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./errors.ts";
import { suggestion } from "./suggest.ts";

type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;

export interface Parsed {
	readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
	readonly positionals: readonly string[];
}

/**
 * `parseArgs`, with its complaints as one sentence each.
 * @throws UsageError
 */
export function parseArguments(args: string[], options: OptionsConfig, allowPositionals: boolean): Parsed {
	try {
		return parseArgs({ args, options, allowPositionals });
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const name = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
		if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" && name !== undefined) {
			const known = Object.keys(options);
			throw new UsageError(`Unknown option '${name}'.${suggestion(name.replace(/^-+/, ""), known, "--")}`);
		}
		if (code?.startsWith("ERR_PARSE_ARGS_")) throw new UsageError(sentence(message));
		throw error;
	}
}

/** The first sentence of the message: the second one explains how to type a value that begins with a dash. */
function sentence(message: string): string {
	const first = message.split(/\.\s|\n/)[0] ?? message;
	return first.endsWith(".") ? first : `${first}.`;
}
