/** The word that a mistyped one is nearest to, if it is near enough to be a slip of the fingers. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
	const begun = typed.length < 3 ? [] : words.filter((word) => word.startsWith(typed));
	if (begun.length === 1) return begun[0];
	const ranked = words
		.map((word) => ({ word, edits: editsBetween(typed, word) }))
		.sort((a, b) => a.edits - b.edits || (a.word < b.word ? -1 : 1));
	const [best] = ranked;
	if (best === undefined) return undefined;
	return best.edits <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}

/** A sentence to put after the complaint, with a space before it; empty if no word is near. */
export function suggestion(typed: string, words: readonly string[], prefix = ""): string {
	const near = nearestWord(typed, words);
	return near === undefined ? "" : ` Did you mean ${prefix}${near}?`;
}

/** The distance of Damerau and Levenshtein: insertions, deletions, replacements, and swaps of two neighbours. */
function editsBetween(a: string, b: string): number {
	const width = b.length + 1;
	const cost = Array.from({ length: (a.length + 1) * width }, (_, n) =>
		n < width ? n : n % width === 0 ? n / width : 0,
	);
	const at = (i: number, j: number) => cost[i * width + j] as number;
	for (let i = 1; i <= a.length; i++) {
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
			cost[i * width + j] = Math.min(
				at(i - 1, j) + 1,
				at(i, j - 1) + 1,
				at(i - 1, j - 1) + same,
				swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
			);
		}
	}
	return at(a.length, b.length);
}
