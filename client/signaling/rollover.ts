import type { Environment } from "../environment.ts";
import { CONNECTION_AGE_MS, ROLL_SPREAD_MS } from "../limits.ts";

/**
 * How long a connection may be kept, in ms: until a moment of this client's own, before the server ends it.
 * @param reconnectBefore the server's word, in ms since the epoch by its clock
 */
export function rollAfter({ timers, random }: Environment, reconnectBefore: number): number {
	const left = reconnectBefore - timers.now();
	// What cannot be is a clock of this machine that is hours off: then it is as if the server had named the latest time.
	const ms = left > 0 && left < CONNECTION_AGE_MS ? left : CONNECTION_AGE_MS - ROLL_SPREAD_MS;
	return ms - random() * Math.min(ms / 10, ROLL_SPREAD_MS);
}
