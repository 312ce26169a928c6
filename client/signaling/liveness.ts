/** Whether the other end is still there. A connection that is cut off without a word looks like one that is silent. */
import type { Timers } from "../environment.ts";
import { CLOCK_CHECK_MS, PONG_TIMEOUT_MS, SLEPT_MS, UNANSWERED_MS } from "../limits.ts";

export interface Liveness {
	/** When anything last arrived, in ms since the epoch. */
	readonly heardAt: number;
	/** Something arrived, whatever it was. */
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
	let heardAt = timers.now();
	let activeAt = heardAt;
	/** When something was sent first that nothing has followed. */
	let unansweredAt: number | undefined;
	let pingedAt: number | undefined;
	/** Whether the answer was late at a moment when timers were late as well. */
	let pardoned = false;
	let plannedAt = heardAt;
	let cancel = () => {};

	const dueAt = () => {
		if (pingedAt !== undefined) return pingedAt + PONG_TIMEOUT_MS;
		return Math.min(activeAt + intervalMs, (unansweredAt ?? Number.POSITIVE_INFINITY) + UNANSWERED_MS);
	};

	const plan = () => {
		cancel();
		const wait = Math.min(CLOCK_CHECK_MS, Math.max(0, dueAt() - timers.now()));
		plannedAt = timers.now() + wait;
		cancel = timers.after(wait, look);
	};

	const ask = () => {
		pingedAt = activeAt = timers.now();
		ping();
		plan();
	};

	const look = () => {
		const now = timers.now();
		const late = Math.abs(now - plannedAt);
		if (pingedAt !== undefined && now - pingedAt >= PONG_TIMEOUT_MS) {
			// After a pause the answer may be waiting to be read, or the question was asked in vain: once more.
			if (pardoned || late < PONG_TIMEOUT_MS / 2) return dead();
			pardoned = true;
			return ask();
		}
		// A clock that was set back would put the next question off by as long.
		if (late > SLEPT_MS || (pingedAt === undefined && now >= dueAt())) return ask();
		plan();
	};

	plan();
	return {
		get heardAt() {
			return heardAt;
		},
		heard() {
			const asked = pingedAt !== undefined;
			heardAt = activeAt = timers.now();
			pingedAt = unansweredAt = undefined;
			pardoned = false;
			if (asked) plan();
		},
		sent() {
			activeAt = timers.now();
			if (unansweredAt !== undefined) return;
			unansweredAt = activeAt;
			plan();
		},
		probe() {
			if (pingedAt === undefined) ask();
		},
		stop: () => cancel(),
	};
}
