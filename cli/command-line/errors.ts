import type { ExitCode } from "./exit-codes.ts";

/** The command line is wrong. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** A command cannot do its work. */
export class CommandError extends Error {
	override readonly name = "CommandError";
	readonly exitCode: ExitCode;
	/** What the user can do about it, as a sentence. */
	readonly hint: string | undefined;

	constructor(
		message: string,
		{ exitCode, hint, cause }: { exitCode: ExitCode; hint?: string | undefined; cause?: unknown },
	) {
		super(message, { cause });
		this.exitCode = exitCode;
		this.hint = hint;
	}
}
