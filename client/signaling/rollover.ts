/** When it is time for a new connection: before the server ends this one, at a moment of this client's own. */
import type { Environment } from "../environment.ts";
import { CONNECTION_AGE_MS, PONG_TIMEOUT_MS, ROLL_SPREAD_MS } from "../limits.ts";
import { alarm } from "./alarm.ts";

export interface Rollover {
	/**
	 * @param reconnectBefore the server's word, in ms since the epoch by its clock; anything else is ignored
	 * @param atLeastMs how long to wait at any rate
	 */
	plan(reconnectBefore: unknown, atLeastMs: number): void;
	/** What the server's clock shows. That of this machine may be hours off. */
	clock(timestamp: unknown): void;
	stop(): void;
}

export interface RolloverDuties {
	due(): void;
	/** The server's word cannot be true by the clock of this machine: somebody ask for the server's. */
	clockUnknown(): void;
}

export function createRollover({ timers, random }: Environment, { due, clockUnknown }: RolloverDuties): Rollover {
	/** By how much the server's clock is ahead, in ms. */
	let ahead = 0;
	/** By the server's clock. */
	let target: number | undefined;
	let earliest = 0;
	let cancel = () => {};

	const set = () => {
		cancel();
		if (target !== undefined) cancel = alarm(timers, Math.max(earliest, target - ahead), due);
	};

	return {
		plan(reconnectBefore, atLeastMs) {
			target = undefined;
			cancel();
			if (typeof reconnectBefore !== "number") return;
			const now = timers.now();
			const left = reconnectBefore - ahead - now;
			const possible = left > 0 && left <= CONNECTION_AGE_MS;
			target = reconnectBefore - random() * Math.min(Math.max(0, left) / 10, ROLL_SPREAD_MS);
			earliest = now + Math.max(atLeastMs, possible ? 0 : PONG_TIMEOUT_MS);
			set();
			if (!possible) clockUnknown();
		},
		clock(timestamp) {
			if (typeof timestamp !== "number") return;
			ahead = timestamp - timers.now();
			set();
		},
		stop() {
			target = undefined;
			cancel();
		},
	};
}
