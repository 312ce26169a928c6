/**
 * When the next frame may go into a data channel: not while the browser's buffer is full, and after a burst the page gets its
 * turn first. A loop that awaits every send would freeze it otherwise.
 */
import type { Timers } from "../environment.ts";
import {
	BUFFER_HIGH_BYTES,
	BUFFER_LOW_BYTES,
	BURST_FRAMES,
	BURST_MS,
	DRAIN_POLL_MS,
	FRAMES_PER_LOOK,
} from "../limits.ts";

export interface Turns {
	/** Whether one more frame may go now. If not, `goOn` is called when it may. */
	mayPut(): boolean;
	/** When the browser took something, at the last look. */
	movedAt: number;
	/** Notes bytes that were handed over. */
	put(bytes: number): void;
	stop(): void;
}

export function createTurns(timers: Timers, raw: RTCDataChannel, goOn: () => void): Turns {
	/** Frames that were handed over since the page had its turn, and when the first of them was. */
	let burst = 0;
	let burstAt = 0;
	let now = 0;
	let cancelTurn: (() => void) | undefined;
	/** The most that the buffer can hold. Reading its size may wait for another thread, so it is read at the beginning of a burst, and when this says that it is full. */
	let most = 0;

	/** The page had its turn, or the buffer has drained. */
	const turn = () => {
		cancelTurn?.();
		cancelTurn = undefined;
		burst = 0;
		goOn();
	};

	/**
	 * Goes on in a later task: when a timer says so, or the buffer's event. That comes only if the buffer holds more than its
	 * threshold now.
	 */
	const pause = (ms: number) => {
		raw.bufferedAmountLowThreshold = Math.max(0, Math.min(BUFFER_LOW_BYTES, raw.bufferedAmount - 1));
		cancelTurn ??= timers.after(ms, turn);
	};

	/**
	 * Chromium prefers this event to the page's timers, so after a burst it would take their turn. A hidden page's timers come
	 * once a second only, and there the event is welcome.
	 */
	raw.onbufferedamountlow = () => {
		const isFull = raw.bufferedAmountLowThreshold === BUFFER_LOW_BYTES;
		if (isFull || globalThis.document?.visibilityState === "hidden") turn();
	};

	const turns: Turns = {
		movedAt: timers.elapsed(),
		mayPut() {
			if (!(burst % FRAMES_PER_LOOK)) now = timers.elapsed();
			const before = most;
			if (burst === 0 || most >= BUFFER_HIGH_BYTES) most = raw.bufferedAmount;
			const isFull = most >= BUFFER_HIGH_BYTES;
			if (!isFull || most < before) turns.movedAt = now;
			if (isFull || burst >= BURST_FRAMES || (burst > 0 && now - burstAt >= BURST_MS)) {
				pause(isFull ? DRAIN_POLL_MS : 0);
				return false;
			}
			if (burst++ === 0) {
				burstAt = now;
				pause(0);
			}
			return true;
		},
		put(bytes) {
			most += bytes;
		},
		stop: () => cancelTurn?.(),
	};
	return turns;
}
