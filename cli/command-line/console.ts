/** The terminal, or the files and pipes in its place, as a command sees them. */
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { widthOf } from "./help.ts";
import { createProgress, type Progress } from "./progress.ts";
import { createStyle, type Style } from "./style.ts";

export interface Output extends Writable {
	readonly isTTY?: boolean;
	/** Of a terminal: its width in characters. */
	readonly columns?: number;
	/** Of a terminal: respects NO_COLOR, FORCE_COLOR and TERM. */
	hasColors?(env?: object): boolean;
}

export interface Streams {
	readonly stdin: Readable & { readonly isTTY?: boolean };
	readonly stdout: Output;
	readonly stderr: Output;
	readonly env: Environment;
	/** The current folder. */
	readonly folder: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Console {
	readonly env: Environment;
	readonly folder: string;
	/** Colours for the standard output; none if it is no terminal. */
	readonly style: Style;
	/** Width of a line of the answer, in characters. */
	readonly width: number;
	/** A line of the answer. Nothing with `--json`. */
	line(text?: string): void;
	/** A line about the answer, on the standard error. */
	note(text: string): void;
	/** Tells, on a terminal, what takes longer than a second. */
	during<T>(what: string, act: (progress: Progress) => Promise<T>): Promise<T>;
	/** Everything that comes on the standard input. */
	input(): Promise<string>;
	/** Asks for a yes. @returns undefined without a terminal, on which a user could answer */
	confirm(question: string): Promise<boolean | undefined>;
}

export function createConsole(streams: Streams, json: boolean): Console {
	const { stdin, stdout, stderr, env, folder } = streams;
	return {
		env,
		folder,
		style: createStyle(stdout, env),
		width: widthOf(stdout),

		line(text = "") {
			if (!json) stdout.write(`${text}\n`);
		},

		note: (text) => void stderr.write(`${text}\n`),

		async during(what, act) {
			const progress = createProgress(stderr, what);
			try {
				return await act(progress);
			} finally {
				progress.end();
			}
		},

		async input() {
			let text = "";
			for await (const chunk of stdin.setEncoding("utf8")) text += chunk;
			return text;
		},

		async confirm(question) {
			if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
			const lines = createInterface({ input: stdin, output: stderr });
			try {
				return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
			} finally {
				lines.close();
			}
		},
	};
}

/** A text from outside, such as a peer's id, without the characters that a terminal would obey. */
export function printable(text: string): string {
	return stripVTControlCharacters(text).replace(
		/[\p{Cc}\p{Cf}]/gu,
		(character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
	);
}
