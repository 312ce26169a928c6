import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import { run } from "../../cli/command-line/run.ts";
import { PROGRAM } from "../../cli/program.ts";

export interface CliOptions {
	readonly env?: Readonly<Record<string, string>>;
	/** Whether all three streams are a terminal with colours. @default false */
	readonly terminal?: boolean;
	/** Width of the terminal, in characters. @default 200 */
	readonly columns?: number;
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
	{ env = {}, terminal = false, columns = 200, input = "", folder = tmpdir() }: CliOptions,
	...args: string[]
): Promise<CliResult> {
	const stdout = sink(terminal, columns);
	const stderr = sink(terminal, columns);
	const stdin = Object.assign(Readable.from(input === "" ? [] : [input]), { isTTY: terminal });
	const code = await run(PROGRAM, args, { stdin, stdout: stdout.stream, stderr: stderr.stream, env, folder });
	return { code, stdout: stdout.text(), stderr: stderr.text() };
}

export function cli(...args: string[]): Promise<CliResult> {
	return cliWith({}, ...args);
}

function sink(terminal: boolean, columns: number) {
	let written = "";
	const stream = new Writable({
		write(chunk, _encoding, done) {
			written += chunk;
			done();
		},
	});
	// As Node.js does for a terminal with colours.
	const hasColors = (env: { NO_COLOR?: string } = {}) => !env.NO_COLOR;
	return {
		stream: Object.assign(stream, { isTTY: terminal, ...(terminal && { columns }), hasColors }),
		text: () => written,
	};
}
