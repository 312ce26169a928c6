import type { Timers } from "../environment.ts";
import { CLOCK_CHECK_MS } from "../limits.ts";

/**
 * Calls back once `ms` have passed by either clock. A timer alone would not do: it may stand still while the machine sleeps,
 * and the monotonic clock of some browsers does so, too. The wall clock shows the sleep.
 * @returns a function that cancels it
 */
export function alarm(timers: Timers, ms: number, callback: () => void): () => void {
	const start = timers.now();
	const startElapsed = timers.elapsed();
	const look = () => {
		const left = ms - Math.max(timers.elapsed() - startElapsed, timers.now() - start);
		if (left < 1) callback();
		else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look);
	};
	let cancel = timers.after(0, look);
	return () => cancel();
}
