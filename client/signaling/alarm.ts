import type { Timers } from "../environment.ts";
import { CLOCK_CHECK_MS } from "../limits.ts";

/**
 * Calls back once the clock shows `time`, in ms since the epoch. A timer alone would not do: it may stand still while
 * the machine sleeps, and then be late by as long.
 * @returns what cancels it
 */
export function alarm(timers: Timers, time: number, callback: () => void): () => void {
	let cancel = () => {};
	const look = () => {
		const left = time - timers.now();
		if (left <= 0) callback();
		else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look);
	};
	cancel = timers.after(Math.min(Math.max(0, time - timers.now()), CLOCK_CHECK_MS), look);
	return () => cancel();
}
