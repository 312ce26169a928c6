/** Counts what was sent and what came of it, so that a reader sees that the fuzz reaches every branch. */
export interface Ledger {
	count(what: string, times?: number): void;
	/** Which of these have not happened. */
	missing(whats: readonly string[]): string[];
	readonly total: number;
	/** A table, most frequent first. */
	table(title: string): string;
}

export function createLedger(): Ledger {
	const counts = new Map<string, number>();
	const total = () => [...counts.values()].reduce((sum, count) => sum + count, 0);
	return {
		count(what, times = 1) {
			if (times > 0) counts.set(what, (counts.get(what) ?? 0) + times);
		},
		missing: (whats) => whats.filter((what) => !counts.has(what)),
		get total() {
			return total();
		},
		table(title) {
			const rows: [string, number][] = [...counts].sort(([, a], [, b]) => b - a);
			const lines = [[title, total()] as const, ...rows].map(
				([what, count]) => `${what.padEnd(56)} ${count.toLocaleString("en").padStart(9)}`,
			);
			return `\n${lines.join("\n")}\n`;
		},
	};
}
