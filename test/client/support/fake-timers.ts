import type { Timers } from "../../../client/environment.ts";

export interface FakeTimers extends Timers {
	/** Lets time pass: calls the timers that are due, in their order, and lets promises run in between. */
	advance(ms: number): Promise<void>;
	/** Moves the clock while no timer runs, like a laptop's sleep, or a user that sets it. */
	jump(ms: number): void;
	/** Waits until nothing is left to do at this moment. */
	settle(): Promise<void>;
	/** How many timers are set. */
	pending(): number;
}

interface Waiting {
	readonly at: number;
	readonly callback: () => void;
}

/** A clock that moves when it is told to. */
export function fakeTimers(start = 1_700_000_000_000): FakeTimers {
	let now = start;
	/** Time that timers have seen pass. A jump of the clock is not among it. */
	let elapsed = 0;
	let sequence = 0;
	const waiting = new Map<number, Waiting>();

	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	/** The first that is due. Of several at one time the first in the map was set first. */
	const earliest = (limit: number) => {
		let first: [id: number, timer: Waiting] | undefined;
		for (const entry of waiting)
			if (entry[1].at <= limit && (first === undefined || entry[1].at < first[1].at)) first = entry;
		return first;
	};

	return {
		now: () => now,
		elapsed: () => elapsed,
		after(ms, callback) {
			const id = sequence++;
			waiting.set(id, { at: elapsed + Math.max(0, ms), callback });
			return () => void waiting.delete(id);
		},
		async advance(ms) {
			const end = elapsed + ms;
			await settle();
			for (let next = earliest(end); next !== undefined; next = earliest(end)) {
				const [id, { at, callback }] = next;
				waiting.delete(id);
				now += at - elapsed;
				elapsed = at;
				callback();
				await settle();
			}
			now += end - elapsed;
			elapsed = end;
		},
		jump(ms) {
			now += ms;
		},
		settle,
		pending: () => waiting.size,
	};
}
