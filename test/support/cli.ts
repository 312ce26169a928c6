import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import { run } from "../../cli/command-line/run.ts";
import { PROGRAM } from "../../cli/program.ts";

export interface CliOptions {
	readonly env?: Readonly<Record<string, string>>;
	/** Whether all three streams are a terminal with colours. @default false */
	readonly terminal?: boolean;
	/** The current folder. @default one without a Terraform state */
	readonly folder?: string;
	/** On the standard input. */
	readonly input?: string;
}

export interface CliResult {
	readonly code: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a command of the operator's command line in this process. */
export async function cliWith(
	{ env = {}, terminal = false, input = "", folder = tmpdir() }: CliOptions,
	...args: string[]
): Promise<CliResult> {
	const stdout = sink(terminal);
	const stderr = sink(terminal);
	const stdin = Object.assign(Readable.from(input === "" ? [] : [input]), { isTTY: terminal });
	const code = await run(PROGRAM, args, { stdin, stdout: stdout.stream, stderr: stderr.stream, env, folder });
	return { code, stdout: stdout.text(), stderr: stderr.text() };
}

export function cli(...args: string[]): Promise<CliResult> {
	return cliWith({}, ...args);
}

function sink(terminal: boolean) {
	let written = "";
	const stream = new Writable({
		write(chunk, _encoding, done) {
			written += chunk;
			done();
		},
	});
	// As Node.js does for a terminal with colours.
	const hasColors = (env: { NO_COLOR?: string } = {}) => !env.NO_COLOR;
	return { stream: Object.assign(stream, { isTTY: terminal, hasColors }), text: () => written };
}
