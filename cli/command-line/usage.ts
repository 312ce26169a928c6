/** The help texts. */
import type { DeclaredCommand, Operand } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { lines, type Row, rows, WIDTH } from "./help.ts";
import { COMMON_OPTIONS, helpOf } from "./options.ts";
import type { Program } from "./run.ts";

const EXIT_CODES: readonly Row[] = [
	{ name: String(EXIT.ok), sentence: "good" },
	{ name: String(EXIT.bad), sentence: "bad: a step failed, a check found a fault, there is no such peer" },
	{ name: String(EXIT.usage), sentence: "the command line is wrong, or lacks a consent" },
	{ name: String(EXIT.unable), sentence: "the command could not look: no credentials, no permission, no network" },
];

/** How a help text looks. */
export interface Look {
	readonly width: number;
	readonly heading: (text: string) => string;
}

const PLAIN: Look = { width: WIDTH, heading: (text) => text };

export function programHelp({ name, summary, commands }: Program, { width, heading }: Look = PLAIN): string {
	const list = commands.map((command) => ({ name: command.name, sentence: command.summary }));
	return `${lines(summary, width).join("\n")}

Usage: ${name} <command> [options]

${rows(list, columnOf(list), width)}

${name} <command> --help explains a command.

${heading("Exit codes")}
${rows(EXIT_CODES, 6, width)}`;
}

export function commandHelp(program: string, command: DeclaredCommand, look: Look = PLAIN): string {
	const { operands, remarks, examples } = command;
	const { width, heading } = look;
	const groups = helpOf({ ...command.options, ...COMMON_OPTIONS });
	const operandRows = operands.map((operand) => ({ name: written(operand), sentence: operand.sentence }));
	const [plain = [], ...named] = groups.values();
	const headings = [...groups.keys()].slice(1);
	const column = columnOf([...operandRows, ...[...groups.values()].flat()]);
	const section = (title: string, list: readonly Row[]) =>
		list.length === 0 ? [] : [`${title}${rows(list, column, width)}`];
	return [
		lines(command.summary, width).join("\n"),
		`Usage: ${[program, command.name, ...operands.map(written), "[options]"].join(" ")}`,
		...section("", [...operandRows, ...plain]),
		...named.flatMap((list, n) =>
			section(
				`${lines(headings[n] as string, width)
					.map(heading)
					.join("\n")}\n`,
				list,
			),
		),
		...remarks.map((remark) => lines(remark, width).join("\n")),
		...(examples.length === 0
			? []
			: [`${heading("For example")}\n${examples.map((example) => `  ${example}`).join("\n")}`]),
	].join("\n\n");
}

function written({ name, optional, many }: Operand): string {
	const word = `<${name}>${many === true ? " ..." : ""}`;
	return optional === true ? `[${word}]` : word;
}

function columnOf(list: readonly Row[]): number {
	return Math.max(...list.map(({ name }) => name.length)) + 5;
}
