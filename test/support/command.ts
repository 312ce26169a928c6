import { spawn } from "node:child_process";

/** A program that did not end with success. The message holds everything that it printed. */
export class CommandError extends Error {
	override readonly name = "CommandError";
}

export interface CommandOptions {
	readonly cwd?: string;
	/** The whole environment. @default this process's */
	readonly env?: NodeJS.ProcessEnv;
	readonly timeoutMs: number;
}

export interface CommandResult {
	readonly stdout: string;
	/** Standard output and standard error, in the order of their arrival. */
	readonly output: string;
}

/**
 * Runs a program to its end.
 * @throws CommandError if it cannot be started, exits with another code than 0, or takes too long
 */
export function run(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
	const { cwd, env, timeoutMs } = options;
	return new Promise((resolve, reject) => {
		let stdout = "";
		let output = "";
		const fail = (how: string, cause?: unknown) => {
			const line = [program, ...args].join(" ");
			reject(new CommandError(`\`${line}\` ${how}\n${output}`, { cause }));
		};

		const child = spawn(program, args, {
			stdio: ["ignore", "pipe", "pipe"],
			// SIGTERM first, so that Terraform can end its own processes.
			timeout: timeoutMs,
			...(cwd !== undefined && { cwd }),
			...(env !== undefined && { env }),
		});
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
			output += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			output += text;
		});
		child.on("error", (error) => fail(`could not be started: ${error.message}`, error));
		const end = () => child.kill();
		process.once("exit", end);
		child.on("close", (code, signal) => {
			process.off("exit", end);
			if (code === 0) resolve({ stdout, output });
			else if (signal !== null) fail(`was ended by ${signal}, at the latest after ${timeoutMs} ms.`);
			else fail(`exited with code ${code}.`);
		});
	});
}

/** Whether a program can be started and then exits with 0. */
export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
	try {
		await run(program, args, { timeoutMs: 60_000 });
		return true;
	} catch {
		return false;
	}
}
