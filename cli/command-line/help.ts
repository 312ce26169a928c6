/** Width of texts in a file or a pipe, and the most on a terminal, in characters. */
export const WIDTH = 116;
/** Narrower terminals break the lines themselves. */
const LEAST_WIDTH = 60;

/** Width of texts on a stream. */
export function widthOf({ columns }: { readonly columns?: number }): number {
	return columns === undefined ? WIDTH : Math.max(LEAST_WIDTH, Math.min(WIDTH, columns));
}

export interface Row {
	readonly name: string;
	readonly sentence: string;
}

/** Rows of two columns, the second of which is broken between words. */
export function rows(list: readonly Row[], column: number, width = WIDTH): string {
	return list.map((row) => wrap(row, column, width)).join("\n");
}

function wrap({ name, sentence }: Row, column: number, width: number): string {
	const gap = `\n${" ".repeat(column)}`;
	const first = `  ${name}`;
	return (
		(first.length < column ? first.padEnd(column) : first + gap) + lines(sentence, width - column).join(gap)
	).trimEnd();
}

/** A text in lines of at most `width` characters, broken between words. */
export function lines(text: string, width: number): string[] {
	const broken = [""];
	for (const word of text.split(" ")) {
		const line = broken.at(-1) ?? "";
		if (line !== "" && line.length + 1 + word.length > width) broken.push(word);
		else broken[broken.length - 1] = line === "" ? word : `${line} ${word}`;
	}
	return broken;
}
