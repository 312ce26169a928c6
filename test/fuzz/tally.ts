/** Counts frames and their outcomes, so that a reader sees that the fuzz reaches every branch. */
export interface Tally {
	count(name: string, times?: number): void;
	/** Which of these have not happened. */
	missing(names: readonly string[]): string[];
	readonly total: number;
	/** A table, most frequent first. */
	table(title: string): string;
}

export function createTally(): Tally {
	const counts = new Map<string, number>();
	const total = () => [...counts.values()].reduce((sum, count) => sum + count, 0);
	return {
		count(name, times = 1) {
			if (times > 0) counts.set(name, (counts.get(name) ?? 0) + times);
		},
		missing: (names) => names.filter((name) => !counts.has(name)),
		get total() {
			return total();
		},
		table(title) {
			const rows: [string, number][] = [...counts].sort(([, a], [, b]) => b - a);
			const lines = [[title, total()] as const, ...rows].map(
				([name, count]) => `${name.padEnd(56)} ${count.toLocaleString("en").padStart(9)}`,
			);
			return `\n${lines.join("\n")}\n`;
		},
	};
}
