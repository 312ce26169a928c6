/**
 * Counts in memory, and writes the sums as one line of the log: at most one a minute for each instance, however many frames
 * there are. The line is a report for a person, and with `_aws` in it CloudWatch makes metrics of it without any call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * A function is frozen between two events and has no timers. So a line is written before or after an event, if it is due:
 * the first event of an instance, and an event after a quiet minute, are reported at once. An instance that AWS ends
 * takes with it what it counted since its last line, less than a minute of traffic.
 */
import { COUNTS, type CountName, LATENCIES, type LatencyName, METRICS } from "../core/metrics.ts";
import type { Clock, Metrics } from "../core/ports.ts";
import type { MetricsMode } from "../core/settings.ts";

export const NAMESPACE = "P2PMeshSignaling";

/** Longest time between two lines of an instance that has traffic, in ms. */
const REPORT_MS = 60_000;

/** Most values of one metric in one line, by the specification. */
const MOST_VALUES = 100;

/** In the mode `on` a line is written when there are so many values. One event adds some more. */
const MANY_VALUES = 80;

export interface TrafficOptions {
	/** `off`: the line makes no metrics. `on`: more lines are written, so that no latency is left out. */
	readonly mode: MetricsMode;
	/** The dimensions of every metric. */
	readonly service: string;
	readonly stage: string;
	readonly clock: Clock;
	readonly write?: (line: string) => void;
}

type Entry = readonly [name: CountName | LatencyName, value: number | readonly number[]];

export function trafficReport({ mode, service, stage, clock, write = toStandardOutput }: TrafficOptions): Metrics {
	const counts = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 0])) as Record<CountName, number>;
	const latencies: Record<LatencyName, Sample> = { CallbackLatency: new Sample(), StoreLatency: new Sample() };
	const countNames = Object.keys(COUNTS) as CountName[];
	const latencyNames = Object.keys(LATENCIES) as LatencyName[];
	/** The end of the time that the last line is about. */
	let reportedAt = Number.NEGATIVE_INFINITY;
	/** The time of the last call of `report`: nothing was counted after it and before the next one. */
	let seenAt = clock.now();

	const isDue = (now: number) =>
		now - reportedAt >= REPORT_MS ||
		now < reportedAt || // the clock was set back
		(mode === "on" && latencyNames.some((name) => latencies[name].values.length >= MANY_VALUES));

	const takeEntries = (): Entry[] => {
		const entries: Entry[] = [];
		for (const name of countNames) {
			if (counts[name] > 0) entries.push([name, counts[name]]);
			counts[name] = 0;
		}
		for (const name of latencyNames) {
			if (latencies[name].values.length > 0) entries.push([name, latencies[name].values]);
			latencies[name] = new Sample();
		}
		return entries;
	};

	const lineOf = (entries: readonly Entry[], at: number): string =>
		JSON.stringify({
			level: "INFO",
			timestamp: new Date(at).toISOString(),
			event: "traffic",
			...(mode !== "off" && { _aws: directive(entries, at) }),
			Service: service,
			Stage: stage,
			...Object.fromEntries(entries),
		});

	return {
		count(name, by = 1) {
			counts[name] += by;
		},
		measure(name, text) {
			counts[name] += Buffer.byteLength(text);
		},
		time(name, ms) {
			latencies[name].add(Math.round(ms));
		},
		report() {
			const now = clock.now();
			const at = seenAt;
			seenAt = now;
			if (!isDue(now)) return;
			const entries = takeEntries();
			if (entries.length === 0) return;
			reportedAt = at;
			try {
				write(lineOf(entries, at));
			} catch {
				// A report that cannot be written is lost. The event that it came with has been handled.
			}
		},
	};
}

function directive(entries: readonly Entry[], at: number) {
	return {
		Timestamp: at,
		CloudWatchMetrics: [
			{
				Namespace: NAMESPACE,
				Dimensions: [["Service", "Stage"]],
				Metrics: entries.map(([name]) => ({ Name: name, Unit: METRICS[name].unit })),
			},
		],
	};
}

/** Some of many values, evenly spread over them: when it is full it drops every second one, and then takes half as many. */
class Sample {
	values: number[] = [];
	#stride = 1;
	#seen = 0;

	add(value: number): void {
		if (this.#seen++ % this.#stride !== 0) return;
		if (this.values.length === MOST_VALUES) {
			this.values = this.values.filter((_, index) => index % 2 === 0);
			this.#stride *= 2;
			if ((this.#seen - 1) % this.#stride !== 0) return;
		}
		this.values.push(value);
	}
}

function toStandardOutput(line: string): void {
	process.stdout.write(`${line}\n`);
}
