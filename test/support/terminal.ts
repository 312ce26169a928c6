import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { onTestFinished } from "vitest";

/** A program in a terminal of its own, with somebody at the keyboard. */
export interface Terminal {
	/** Types a line and presses Enter. */
	type(line: string): void;
	/** Presses Ctrl+C and waits for the program to end. */
	interrupt(): Promise<void>;
	/**
	 * Waits until the terminal shows a line that matches, below the one that was waited for last.
	 * @returns the line
	 */
	shows(line: RegExp): Promise<string>;
}

/** Node.js has no pseudo-terminals, Python has. The program's output goes to standard output, the keys come from standard input. */
const IN_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

const ERASE_LINE = "\u001b[2K";

/** Starts a program in a pseudo-terminal, and ends it with the test. */
export function openTerminal(python: string, program: string, args: readonly string[], waitMs = 10_000): Terminal {
	const child = spawn(python, ["-c", IN_TERMINAL, program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
	onTestFinished(() => void child.kill("SIGKILL"));

	let screen = "";
	let ended = false;
	let look = () => {};
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		screen += text;
		look();
	});
	child.on("close", () => {
		ended = true;
		look();
	});
	child.stdin.on("error", () => {}); // typed after the program's end; what is waited for then says so

	const until = <T>(what: string, probe: () => T | undefined): Promise<T> =>
		new Promise((resolve, reject) => {
			const finish = (settle: () => void) => {
				clearTimeout(timer);
				look = () => {};
				settle();
			};
			const fail = (why: string) =>
				finish(() =>
					reject(new Error(`${what} ${why}. The terminal shows:\n${screen.split("\n").map(visible).join("\n")}`)),
				);
			const timer = setTimeout(() => fail(`did not come within ${waitMs} ms`), waitMs);
			look = () => {
				const value = probe();
				if (value !== undefined) finish(() => resolve(value));
				else if (ended) fail("did not come before the program ended");
			};
			look();
		});

	let linesRead = 0;
	return {
		type: (line) => void child.stdin.write(`${line}\r`),

		async interrupt() {
			child.stdin.write("\u0003");
			await until("The end of the program", () => ended || undefined);
		},

		shows: (pattern) =>
			until(String(pattern), () => {
				// The last line is not complete yet, or it is the prompt.
				const lines = screen.split("\n").slice(0, -1).map(visible);
				const found = lines.findIndex((line, index) => index >= linesRead && pattern.test(line));
				if (found === -1) return undefined;
				linesRead = found + 1;
				return lines[found];
			}),
	};
}

/** What stays to be seen of a line: a prompt, for one, is erased before something else is written in its place. */
function visible(line: string): string {
	return stripVTControlCharacters(line.split(ERASE_LINE).at(-1) ?? "").trim();
}
