/** Runs the command that a command line names. */
import type { Command, DeclaredCommand, ForwardingCommand, Operand, Outcome } from "./command.ts";
import { createConsole, type Output, type Streams } from "./console.ts";
import { CommandError, UsageError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { widthOf } from "./help.ts";
import { COMMON_OPTIONS, readOptions } from "./options.ts";
import { createStyle } from "./style.ts";
import { suggestion } from "./suggest.ts";
import { commandHelp, type Look, programHelp } from "./usage.ts";

export interface Program {
	/** As the user types it. */
	readonly name: string;
	readonly version: string;
	readonly summary: string;
	readonly commands: readonly Command[];
}

/** @returns the exit code, or undefined if the command goes on and sets it itself */
export async function run(program: Program, args: string[], streams: Streams): Promise<number | undefined> {
	const [first, ...rest] = args;
	const print = (text: string) => void streams.stdout.write(`${text}\n`);

	if (first === undefined) {
		streams.stderr.write(`${programHelp(program, lookOf(streams.stderr, streams))}\n`);
		return EXIT.usage;
	}
	if (first === "--version" || first === "-v") {
		print(program.version);
		return EXIT.ok;
	}
	if (first === "--help" || first === "-h" || (first === "help" && rest.length === 0)) {
		print(programHelp(program, lookOf(streams.stdout, streams)));
		return EXIT.ok;
	}
	if (first === "help") return run(program, [rest[0] as string, "--help"], streams);

	const command = program.commands.find(({ name }) => name === first);
	if (command === undefined) {
		const names = program.commands.map(({ name }) => name);
		const kind = first.startsWith("-") ? "option" : "command";
		const near = kind === "command" ? suggestion(first, names) : "";
		return complain(
			new UsageError(`Unknown ${kind} '${first}'.${near}`),
			`${program.name} --help lists the commands.`,
			args,
			streams,
		);
	}
	if (isForwarding(command)) {
		await command.forward(rest, `${program.name} ${command.name}`);
		return undefined;
	}
	try {
		return await runDeclared(program, command, rest, streams);
	} catch (error) {
		return complain(error, `${program.name} ${command.name} --help lists the options.`, rest, streams);
	}
}

function lookOf(stream: Output, { env }: Streams): Look {
	return { width: widthOf(stream), heading: createStyle(stream, env).bold };
}

const isForwarding = (command: Command): command is ForwardingCommand => "forward" in command;

async function runDeclared(program: Program, command: DeclaredCommand, args: string[], streams: Streams) {
	const { values, operands } = readOptions({ ...command.options, ...COMMON_OPTIONS }, args);
	if (values.help) {
		streams.stdout.write(`${commandHelp(program.name, command, lookOf(streams.stdout, streams))}\n`);
		return EXIT.ok;
	}
	checkOperands(command.operands, operands);
	const outcome = await command.run({ values, operands }, createConsole(streams, values.json));
	if (values.json) streams.stdout.write(`${document(outcome)}\n`);
	return outcome.exitCode;
}

function document({ exitCode, data }: Outcome): string {
	return JSON.stringify({ ok: exitCode === EXIT.ok, ...data }, null, 2);
}

/** @throws UsageError */
function checkOperands(declared: readonly Operand[], given: readonly string[]): void {
	const missing = declared.find(({ optional }, n) => optional !== true && given[n] === undefined);
	if (missing !== undefined) throw new UsageError(`<${missing.name}> is missing: ${missing.sentence}.`);
	if (declared.at(-1)?.many === true || given.length <= declared.length) return;
	const surplus = given.slice(declared.length).join(" ");
	throw new UsageError(`${declared.length === 0 ? "No argument" : "Nothing more"} is expected; got ${surplus}.`);
}

/** @param usageHint for a command line that is wrong */
function complain(error: unknown, usageHint: string, args: readonly string[], streams: Streams): number {
	if (!(error instanceof UsageError) && !(error instanceof CommandError)) throw error;
	const usage = error instanceof UsageError;
	const exitCode = usage ? EXIT.usage : error.exitCode;
	const hint = usage ? usageHint : error.hint;
	// The options may be wrong, so only this one is looked for.
	if (args.includes("--json")) {
		const data = { error: { message: error.message, ...(hint !== undefined && { hint }) }, exitCode };
		streams.stdout.write(`${document({ exitCode, data })}\n`);
	} else {
		const { red } = createStyle(streams.stderr, streams.env);
		streams.stderr.write(`${red(error.message)}\n${hint === undefined ? "" : `${hint}\n`}`);
	}
	return exitCode;
}
