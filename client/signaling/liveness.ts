/** Whether the other end is still there. A connection that is cut off without a word looks like one that is silent. */
import type { Timers } from "../environment.ts";
import { PONG_TIMEOUT_MS, PROBE_PONG_TIMEOUT_MS, UNANSWERED_MS } from "../limits.ts";
import { alarm } from "./alarm.ts";

export interface Liveness {
	/** A frame arrived, of any kind. */
	heard(): void;
	/** A frame was sent that is no ping. */
	sent(): void;
	/** Asks now, unless an answer is awaited already. */
	probe(): void;
	stop(): void;
}

export interface LivenessDuties {
	readonly timers: Timers;
	/** Silence in both directions after which to ask, in ms. */
	readonly intervalMs: number;
	ping(): void;
	/** No answer came. */
	dead(): void;
}

export function createLiveness({ timers, intervalMs, ping, dead }: LivenessDuties): Liveness {
	/** Whether something was sent that nothing has followed. */
	let unanswered: boolean;
	/** Whether the answer to a ping is awaited. */
	let asked: boolean;
	let cancel = () => {};

	const after = (ms: number, callback: () => void) => {
		cancel();
		cancel = alarm(timers, ms, callback);
	};

	const ask = (timeoutMs = PONG_TIMEOUT_MS) => {
		if (asked) return;
		asked = true;
		ping();
		after(timeoutMs, dead);
	};

	const heard = () => {
		asked = unanswered = false;
		after(intervalMs, ask);
	};

	heard();
	return {
		heard,
		sent() {
			if (!asked && !unanswered) after(Math.min(intervalMs, UNANSWERED_MS), ask);
			unanswered = true;
		},
		probe: () => ask(PROBE_PONG_TIMEOUT_MS),
		stop: () => cancel(),
	};
}
