/** The figures of runs of clients. */
import type { Purpose } from "./clients/bill.ts";
import type { ClientOutcome, Minute, Signals } from "./clients/run.ts";
import { dollarsOfAnHour } from "./dollars.ts";
import { mean, sum } from "./figures.ts";

export interface Scenario {
	readonly size: number;
	readonly signals: Signals;
	readonly minutes: number;
	readonly away?: readonly [from: number, to: number] | undefined;
	readonly runs: number;
}

export interface Done extends Scenario {
	readonly outcomes: readonly ClientOutcome[];
}

/** The minutes of coming and going: before the server went, while it was away, the first one after that, and those after it. */
function phasesOf({ outcomes, away }: Done) {
	const [from, to] = away ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	const pick = (holds: (minute: number) => boolean) => outcomes.map((all) => all.filter((_, minute) => holds(minute)));
	return {
		joined: pick((minute) => minute === 0),
		before: pick((minute) => minute > 0 && minute <= from),
		away: pick((minute) => minute > from && minute <= to),
		back: pick((minute) => minute === to + 1),
		after: pick((minute) => minute > to + 1),
	};
}

/** Share of the peers that are in the largest component, of all runs together, in the worst minute. Undefined if there is none. */
function leastShare(runs: readonly (readonly Minute[])[]): number | undefined {
	const minutes = runs[0]?.map((_, at) => runs.flatMap((run) => run[at] ?? [])) ?? [];
	if (minutes.length === 0) return undefined;
	const shares = minutes.map(
		(all) => sum(all.map((one) => one.peers * one.largestShare)) / sum(all.map((one) => one.peers)),
	);
	return Math.min(...shares);
}

/** Messages, bytes and signals are counted in the minutes before the server goes. */
export function figuresOf(done: readonly Done[]) {
	const phases = done.map(phasesOf);
	const up = phases.flatMap(({ before }) => before.flat());
	const peerMinutes = sum(up.map(({ present }) => present));
	const newcomers = up.flatMap((minute) => minute.newcomers).sort((a, b) => a - b);
	const perHour = (purpose: Purpose) => (60 * sum(up.map(({ bill }) => bill[purpose]))) / peerMinutes;
	const bytes = up.flatMap((minute) => Object.entries(minute.bytes));
	const bytesOf = (isOf: (kind: string) => boolean) =>
		sum(bytes.map(([kind, value]) => (isOf(kind) ? value : 0))) / peerMinutes;
	const hops = up.flatMap((minute) => Object.entries(minute.hops).map(([links, n]) => [Number(links), n] as const));
	const signals = sum(hops.map(([, n]) => n));
	const aways = phases.filter(({ away }) => away[0]?.length);
	return {
		dollarsOfAnHour: dollarsOfAnHour(up, 1_000),
		messagesPerNewcomer: mean(newcomers),
		medianOfMessages: newcomers[Math.floor(newcomers.length / 2)] ?? Number.NaN,
		messagesOf95: newcomers[Math.floor(newcomers.length * 0.95)] ?? Number.NaN,
		perHour,
		billPerHour: (60 * sum(up.flatMap(({ bill }) => Object.values(bill)))) / peerMinutes,
		overlayBytes: bytesOf((kind) => kind === "overlay"),
		allBytes: bytesOf(() => true),
		hops: signals === 0 ? undefined : sum(hops.map(([links, n]) => links * n)) / signals,
		mostHops: Math.max(...hops.map(([links]) => links)),
		shareUp: Math.min(
			...phases.flatMap(({ joined, before, after }) => [joined, before, after].map((runs) => leastShare(runs) ?? 1)),
		),
		shareAway: Math.min(...aways.map(({ away }) => leastShare(away) ?? 1)),
		shareBack: Math.min(...phases.map(({ back }) => leastShare(back) ?? 1)),
		peak: Math.max(...phases.flatMap(({ back }) => back.flat().map(({ peak, present }) => peak / present))),
	};
}

/** Scenarios of one size and one way of signals are one group. */
export function groupsOf(done: readonly Done[]): Done[][] {
	const keys = new Set(done.map(({ size, signals }) => `${size} ${signals}`));
	return [...keys].map((key) => done.filter(({ size, signals }) => `${size} ${signals}` === key)).reverse();
}
