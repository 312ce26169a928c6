import { MAX_CONNECTION_AGE_MS } from "../../protocol/limits.ts";
import type { Environment } from "../environment.ts";
import { ROLL_SPREAD_MS } from "../limits.ts";
import type { Frame } from "./frames.ts";

/**
 * How long a connection may be kept, in ms: until a moment of this client's own, before the server ends it. Undefined if
 * the welcome does not say. The welcome has a duration and a time. The duration wins, because it needs no clock that shows
 * the right time; a server of version 0.1 has the time only.
 */
export function rollAfter({ timers, random }: Environment, welcome: Frame): number | undefined {
	const { reconnectIn, reconnectBefore } = welcome;
	let left: number;
	if (typeof reconnectIn === "number") left = reconnectIn;
	else if (typeof reconnectBefore === "number") left = reconnectBefore - timers.now();
	else return undefined;
	// An impossible value means that this machine's clock is hours off. Then the latest possible time holds.
	const ms = left > 0 && left < MAX_CONNECTION_AGE_MS ? left : MAX_CONNECTION_AGE_MS - ROLL_SPREAD_MS;
	return ms - random() * Math.min(ms / 10, ROLL_SPREAD_MS);
}
