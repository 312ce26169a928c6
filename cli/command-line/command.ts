import type { Console } from "./console.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { OptionTable, ValuesOf } from "./options.ts";

/** An argument without a name. */
export interface Operand {
	readonly name: string;
	/** Its meaning, as a phrase for the help text. */
	readonly sentence: string;
	readonly optional?: boolean;
	/** Whether it stands for all arguments that are left. */
	readonly many?: boolean;
}

/** The end of a command. */
export interface Outcome {
	readonly exitCode: ExitCode;
	/** For `--json`; the document also says `ok`. Never a secret. */
	readonly data: Readonly<Record<string, unknown>>;
}

interface Described {
	readonly name: string;
	/** One sentence, for the list of commands and the head of its help text. */
	readonly summary: string;
}

/** A command that takes the arguments itself. */
export interface ForwardingCommand extends Described {
	/** @param program the words before the arguments */
	forward(args: string[], program: string): Promise<void>;
}

export interface DeclaredCommand extends Described {
	readonly operands: readonly Operand[];
	readonly options: OptionTable;
	/** Paragraphs at the end of the help text. */
	readonly remarks: readonly string[];
	readonly examples: readonly string[];
	run(given: Given<OptionTable>, console: Console): Promise<Outcome>;
}

export type Command = ForwardingCommand | DeclaredCommand;

export interface Given<T extends OptionTable> {
	readonly values: ValuesOf<T>;
	/** The texts of the operands. Their number fits the declaration. */
	readonly operands: readonly string[];
}

type Declaration<T extends OptionTable> = Omit<
	DeclaredCommand,
	"options" | "remarks" | "examples" | "operands" | "run"
> &
	Partial<Pick<DeclaredCommand, "remarks" | "examples" | "operands">> & {
		readonly options: T;
		run(given: Given<T>, console: Console): Promise<Outcome>;
	};

/** A command with the types of its options. */
export function declare<const T extends OptionTable>(declaration: Declaration<T>): DeclaredCommand {
	return {
		remarks: [],
		examples: [],
		operands: [],
		...declaration,
		run: (given, console) => declaration.run(given as unknown as Given<T>, console),
	};
}
