import type { Timers } from "../environment.ts";
import { CLOCK_CHECK_MS } from "../limits.ts";

/**
 * Calls back once the clock shows that `ms` have passed. A timer alone would not do: it may stand still while the machine
 * sleeps, and then be late by as long. A clock that is set back makes it late by no more than `ms`.
 * @returns what cancels it
 */
export function alarm(timers: Timers, ms: number, callback: () => void): () => void {
	const start = timers.now();
	const look = () => {
		const left = ms - Math.abs(timers.now() - start);
		if (left < 1) callback();
		else cancel = timers.after(Math.min(left, CLOCK_CHECK_MS), look);
	};
	let cancel = timers.after(0, look);
	return () => cancel();
}
