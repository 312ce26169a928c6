import type { Metrics } from "../../lambda/core/ports.ts";

/** Metrics that keep the sums and the times. */
export function someMetrics(): Metrics & {
	/** The sums that are not 0, since they were last taken. */
	take(): Record<string, number>;
	readonly times: { name: string; ms: number }[];
	readonly reports: Record<string, number>[];
} {
	let counts: Record<string, number> = {};
	const times: { name: string; ms: number }[] = [];
	const reports: Record<string, number>[] = [];
	const count = (name: string, by = 1) => {
		counts[name] = (counts[name] ?? 0) + by;
	};
	return {
		times,
		reports,
		count,
		measure: (name, text) => count(name, Buffer.byteLength(text)),
		time: (name, ms) => void times.push({ name, ms }),
		report: () => void reports.push({ ...counts }),
		take() {
			const taken = counts;
			counts = {};
			return taken;
		},
	};
}
