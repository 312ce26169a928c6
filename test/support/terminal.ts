import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { onTestFinished } from "vitest";
import { createWaiting } from "./waiting.ts";

/** A program in a terminal, and its keyboard. */
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
export function openTerminal(python: string, program: string, args: readonly string[]): Terminal {
	const child = spawn(python, ["-c", IN_TERMINAL, program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
	onTestFinished(() => void child.kill("SIGKILL"));

	let screen = "";
	let ended = false;
	const { look, until } = createWaiting(
		() => `The terminal shows:\n${screen.split("\n").map(visible).join("\n")}`,
		() => (ended ? "the program has ended" : undefined),
	);
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		screen += text;
		look();
	});
	child.on("close", () => {
		ended = true;
		look();
	});
	child.stdin.on("error", () => {}); // typed after the program's end; the wait that follows says so

	let linesRead = 0;
	return {
		type: (line) => void child.stdin.write(`${line}\r`),

		async interrupt() {
			child.stdin.write("\u0003");
			await until("The end of the program", () => ended);
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

/** The visible rest of a line: a prompt is erased before another text is written in its place. */
function visible(line: string): string {
	return stripVTControlCharacters(line.split(ERASE_LINE).at(-1) ?? "").trim();
}
