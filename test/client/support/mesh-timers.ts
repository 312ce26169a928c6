import type { Timers } from "../../../client/environment.ts";

export interface SimulatedTimers extends Timers {
	/** Lets time pass, as fast as it goes. */
	advance(ms: number): Promise<void>;
	/** Lets time pass until the condition holds. Throws if that takes longer. */
	until(condition: () => boolean, limitMs: number): Promise<void>;
}

/** A clock for many peers: timers in buckets of a millisecond, and the turn of the promises after each bucket. */
export function simulatedTimers(start = 1_700_000_000_000): SimulatedTimers {
	let now = start;
	const buckets = new Map<number, (() => void)[]>();
	/** The times of the buckets, a binary heap. */
	const heap: number[] = [];

	const push = (at: number) => {
		let index = heap.push(at) - 1;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if ((heap[parent] as number) <= at) break;
			heap[index] = heap[parent] as number;
			index = parent;
		}
		heap[index] = at;
	};

	const pop = () => {
		const first = heap[0] as number;
		const last = heap.pop() as number;
		if (heap.length === 0) return first;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
			if (child >= heap.length || (heap[child] as number) >= last) break;
			heap[index] = heap[child] as number;
			index = child;
		}
		heap[index] = last;
		return first;
	};

	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

	const step = async () => {
		now = pop();
		for (const callback of buckets.get(now) ?? []) callback();
		buckets.delete(now);
		await settle();
	};

	return {
		now: () => now,
		elapsed: () => now - start,
		after(ms, callback) {
			const at = now + Math.max(1, Math.ceil(ms));
			let active = true;
			const entry = () => active && callback();
			const bucket = buckets.get(at);
			if (bucket === undefined) {
				buckets.set(at, [entry]);
				push(at);
			} else bucket.push(entry);
			return () => {
				active = false;
			};
		},
		async advance(ms) {
			const end = now + ms;
			await settle();
			while (heap.length > 0 && (heap[0] as number) <= end) await step();
			now = end;
		},
		async until(condition, limitMs) {
			const end = now + limitMs;
			await settle();
			while (!condition()) {
				if (heap.length === 0 || (heap[0] as number) > end)
					throw new Error(`Not within ${limitMs} ms of simulated time.`);
				await step();
			}
		},
	};
}
