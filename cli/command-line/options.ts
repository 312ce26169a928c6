/** The options of a command: a table, from which its values are read and its help text is written. */
import { UsageError } from "./errors.ts";
import type { Row } from "./help.ts";
import { parseArguments } from "./parse.ts";

interface Common {
	/** What the option does, as a phrase for the help text. */
	readonly sentence: string;
	/** The heading of the help text that it stands under. @default none */
	readonly group?: string;
}

interface TextOption extends Common {
	readonly kind: "text";
	/** The name of the value in the help text. */
	readonly value: string;
}

interface TextsOption extends Common {
	readonly kind: "texts";
	readonly value: string;
}

interface NumberOption extends Common {
	readonly kind: "number";
	readonly value: string;
	readonly whole: boolean;
	readonly least: number;
	readonly most: number;
	readonly default: number;
}

interface SwitchOption extends Common {
	readonly kind: "switch";
}

export type Option = TextOption | TextsOption | NumberOption | SwitchOption;

/** The keys are the names of the options in camelCase. */
export type OptionTable = Readonly<Record<string, Option>>;

export type ValuesOf<T extends OptionTable> = {
	readonly [K in keyof T]: T[K] extends NumberOption
		? number
		: T[K] extends SwitchOption
			? boolean
			: T[K] extends TextsOption
				? readonly string[]
				: string | undefined;
};

type Rest<T extends Option> = Omit<T, "kind">;

export const text = (option: Rest<TextOption>): TextOption => ({ kind: "text", ...option });
export const texts = (option: Rest<TextsOption>): TextsOption => ({ kind: "texts", ...option });
export const toggle = (option: Rest<SwitchOption>): SwitchOption => ({ kind: "switch", ...option });
export const number = (option: Omit<Rest<NumberOption>, "whole"> & { whole?: boolean }): NumberOption => ({
	kind: "number",
	whole: false,
	...option,
});

/** Of every command that goes through `run`. */
export const COMMON_OPTIONS = {
	json: toggle({ group: "Everywhere", sentence: "one JSON document on the standard output instead of text" }),
	help: toggle({ group: "Everywhere", sentence: "this text" }),
} as const;

/** `secretFile` -> `secret-file` */
function nameOf(key: string): string {
	return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** @throws UsageError with one line for each fault */
export function readOptions<T extends OptionTable>(
	table: T,
	args: string[],
): { values: ValuesOf<T>; operands: readonly string[] } {
	const config = Object.entries(table).map(([key, option]) => {
		const type = option.kind === "switch" ? ("boolean" as const) : ("string" as const);
		const short = key === "help" ? { short: "h" } : {};
		return [nameOf(key), { type, multiple: option.kind === "texts", ...short }] as const;
	});
	const given = parseArguments(args, Object.fromEntries(config), true);
	const faults: string[] = [];
	const values = Object.fromEntries(
		Object.entries(table).map(([key, option]) => {
			const name = nameOf(key);
			const value = given.values[name];
			if (option.kind === "switch") return [key, value === true];
			if (option.kind === "texts") return [key, value ?? []];
			if (option.kind === "text" || value === undefined) {
				return [key, option.kind === "number" ? option.default : value];
			}
			const read = Number(value);
			const good = String(value).trim() !== "" && read >= option.least && read <= option.most;
			if (!good || (option.whole && !Number.isInteger(read))) faults.push(`--${name} ${demand(option)}; got ${value}.`);
			return [key, read];
		}),
	);
	if (faults.length > 0) throw new UsageError(faults.join("\n"));
	return { values: values as ValuesOf<T>, operands: given.positionals };
}

function demand({ whole, least, most }: NumberOption): string {
	return `must be a ${whole ? "whole " : ""}number from ${least} to ${most}`;
}

/** The rows of the help text, by group. Options without a group come first, under "". */
export function helpOf(table: OptionTable): Map<string, Row[]> {
	const groups = new Map<string, Row[]>([["", []]]);
	for (const [key, option] of Object.entries(table)) {
		const { group = "" } = option;
		const name = option.kind === "switch" ? `--${nameOf(key)}` : `--${nameOf(key)} <${option.value}>`;
		const given = option.kind === "number" ? ` (default: ${option.default})` : "";
		groups.set(group, [...(groups.get(group) ?? []), { name, sentence: option.sentence + given }]);
	}
	return groups;
}
