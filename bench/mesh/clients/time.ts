/**
 * Simulated time for many clients: as fast as their work takes. Timers lie in a ring of buckets, one for each of the next
 * milliseconds, so that setting, cancelling and finding one costs the same however many there are.
 */
import type { Timers } from "../../../client/environment.ts";

const RING = 2 ** 16;

interface Entry {
	readonly at: number;
	/** Undefined once it is cancelled, so that its memory is free. */
	callback: (() => void) | undefined;
}

export interface SimulatedTime extends Timers {
	/** Lets time pass until a time by `elapsed`. */
	runTo(end: number): Promise<void>;
}

/** @param start by the wall clock, in ms since the epoch */
export function simulatedTime(start = 1_700_000_000_000): SimulatedTime {
	let now = 0;
	const ring: (Entry[] | undefined)[] = Array.from({ length: RING });
	/** By the number of the ring's turn: timers that are too far ahead for the ring. */
	const later = new Map<number, Entry[]>();

	const put = (entry: Entry) => {
		const turn = Math.floor(entry.at / RING);
		if (turn > Math.floor(now / RING)) {
			const waiting = later.get(turn);
			if (waiting === undefined) later.set(turn, [entry]);
			else waiting.push(entry);
			return;
		}
		const bucket = ring[entry.at % RING];
		if (bucket === undefined) ring[entry.at % RING] = [entry];
		else bucket.push(entry);
	};

	/** All promises have had their turn when this resolves. */
	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

	return {
		now: () => start + now,
		elapsed: () => now,
		after(ms, callback) {
			const entry: Entry = { at: now + Math.max(1, Math.ceil(ms)), callback };
			if (entry.at < Number.POSITIVE_INFINITY) put(entry);
			return () => {
				entry.callback = undefined;
			};
		},
		async runTo(end) {
			await settle();
			while (now < end) {
				now++;
				if (now % RING === 0) {
					for (const entry of later.get(now / RING) ?? []) if (entry.callback !== undefined) put(entry);
					later.delete(now / RING);
				}
				const bucket = ring[now % RING];
				if (bucket === undefined) continue;
				ring[now % RING] = undefined;
				for (const entry of bucket) entry.callback?.();
				await settle();
			}
		},
	};
}
