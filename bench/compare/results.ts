/** From rounds to figures: ratios within rounds, medians, least values, and the table. */
import { table } from "../report.ts";
import { BARE, CONTESTANTS, INTRODUCING, OURS, UNBUNDLED } from "./contestants.ts";
import type { AllSeries, Extent, Series } from "./measure.ts";

export interface Results {
	readonly machine: string;
	readonly extent: Extent;
	readonly series: AllSeries;
}

const numbers = (values: readonly (number | null)[] | undefined) =>
	(values ?? []).filter((value): value is number => value !== null);

export function median(values: readonly number[]): number | undefined {
	if (values.length === 0) return undefined;
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] as number;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

export function least(values: readonly number[]): number | undefined {
	return values.length === 0 ? undefined : Math.min(...values);
}

/** The ratio of one server to another in each round that both finished. */
export function ratios(series: Series, name: string, reference: string): number[] {
	return (series[name] ?? []).flatMap((value, round) => {
		const other = series[reference]?.[round];
		return typeof value === "number" && typeof other === "number" ? [value / other] : [];
	});
}

const times = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(2));
const whole = (value: number | undefined) => (value === undefined ? "–" : Math.round(value).toLocaleString("en-US"));
const tenths = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(1));

export const medianRatio = (series: Series, name: string, reference = BARE) => median(ratios(series, name, reference));

export function leastRatio(series: Series, name: string, reference = BARE): number | undefined {
	const own = least(numbers(series[name]));
	const other = least(numbers(series[reference]));
	return own === undefined || other === undefined ? undefined : own / other;
}

export const leastOf = (series: Series, name: string) => least(numbers(series[name]));

/** The middle half of the rounds. */
function spread(values: readonly number[]): string {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (part: number) => times(sorted[Math.round((sorted.length - 1) * part)]);
	return `${at(0.25)}–${at(0.75)}`;
}

/** For a run of some subjects. */
export const EMPTY: AllSeries = {
	throughput: {},
	processor: {},
	latency: {},
	storm: {},
	stormProcessor: {},
	start: {},
	startProcessor: {},
	memory: {},
	perPeer: {},
};

export function tableOf({ extent, series }: Results): string {
	const names = CONTESTANTS.map(({ name }) => name);
	const figures = { ...EMPTY, ...series };
	const { throughput, processor, latency, storm, stormProcessor, start, startProcessor, memory, perPeer } = figures;
	const rows: [string, (name: string) => string][] = [
		["signals per second, ratio", (name) => times(medianRatio(throughput, name))],
		["– middle half of the rounds", (name) => (name in throughput ? spread(ratios(throughput, name, BARE)) : "–")],
		["processor for a signal, µs, least", (name) => tenths(divided(leastOf(processor, name), 100))],
		["– ratio", (name) => times(leastRatio(processor, name))],
		["latency p50 at 1,000/s, ms, least", (name) => times(leastOf(latency, name))],
		["– ratio", (name) => times(medianRatio(latency, name))],
		[
			`${extent.stormPeers.toLocaleString("en-US")} join one room, s, least`,
			(name) => times(divided(leastOf(storm, name), 1000)),
		],
		["– ratio", (name) => times(medianRatio(storm, name))],
		["– ratio to the introducing relay", (name) => times(medianRatio(storm, name, INTRODUCING))],
		["– processor, ratio to the introducing relay", (name) => times(leastRatio(stormProcessor, name, INTRODUCING))],
		["start to the first line, ms, least", (name) => whole(leastOf(start, name))],
		["– ratio", (name) => times(medianRatio(start, name))],
		["– processor, ms, least", (name) => whole(leastOf(startProcessor, name))],
		["memory at rest, MiB, least", (name) => whole(leastOf(memory, name))],
		[
			`memory per peer at ${extent.memoryPeers.toLocaleString("en-US")}, kB, least`,
			(name) => tenths(leastOf(perPeer, name)),
		],
	];
	const shown = rows
		.map(([title, cell]) => [title, ...names.map(cell)])
		.filter(([, ...cells]) => cells.some((cell) => cell !== "–"));
	return table(["", ...names], shown);
}

const divided = (value: number | undefined, by: number) => (value === undefined ? undefined : value / by);

/** Whether this server was measured in everything that ran. */
export function isPresent({ series }: Results): boolean {
	return Object.values(series).every((figure: Series) => numbers(figure[OURS] ?? figure[UNBUNDLED]).length > 0);
}
