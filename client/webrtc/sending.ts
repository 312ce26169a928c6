/**
 * Messages on their way into a data channel. What the browser does not take yet waits here, up to a limit. After a burst
 * the page gets its turn, although the buffer has room: a loop that awaits every send would freeze it otherwise.
 */
import type { Timers } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import {
	BUFFER_HIGH_BYTES,
	BUFFER_LOW_BYTES,
	BURST_FRAMES,
	DRAIN_POLL_MS,
	MAX_WAITING_BYTES,
	WAITING_COST_BYTES,
} from "../limits.ts";
import { split } from "./chunks.ts";
import { createQueue } from "./queue.ts";

export interface Sending {
	/** Resolves once it is handed to the browser. Rejects with `BUFFER_FULL` or `CLOSED`. */
	send(message: Uint8Array | string): Promise<void>;
	/** Sends a frame at once, past the messages that wait. */
	put(frame: Frame): void;
	/** Whether something has waited for longer than `ms` while the browser took nothing. */
	isStuck(ms: number): boolean;
	/** Refuses the messages that still wait. */
	close(): void;
}

type Frame = Uint8Array<ArrayBuffer> | string;

interface Waiting {
	readonly frames: Iterator<Frame, undefined>;
	/** The frame that is next. Made once the message is the first that waits. */
	next: Frame | undefined;
	readonly cost: number;
	settle(error?: MeshError): void;
}

const ended = () => passing("CLOSED", "The link ended.");

/** @param dead the data channel takes nothing any more. Not called after `close` */
export function createSending(timers: Timers, raw: RTCDataChannel, dead: () => void): Sending {
	const waiting = createQueue<Waiting>();
	let waitingBytes = 0;
	/** One error for all that is refused until a message has gone: its stack costs more than all the rest of a `send`. */
	let full: MeshError | undefined;
	let movedAt = timers.elapsed();
	/** Frames that were handed over since the page had its turn. */
	let burst = 0;
	let cancelTurn: (() => void) | undefined;
	let closed = false;

	const put = (frame: Frame) => {
		try {
			// The DOM's overloads do not take the union.
			raw.send(frame as string);
		} catch {
			// It is about to close, or says that its buffer is full. Either way it is of no use.
			if (!closed) dead();
		}
	};

	/** The page had its turn, or the buffer has drained. */
	const turn = () => {
		cancelTurn?.();
		cancelTurn = undefined;
		burst = 0;
		pump();
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
	const drained = () => {
		const isFull = raw.bufferedAmountLowThreshold === BUFFER_LOW_BYTES;
		if (isFull || globalThis.document?.visibilityState === "hidden") turn();
	};

	const pump = () => {
		for (let { first } = waiting; first !== undefined && !closed; { first } = waiting) {
			if (raw.bufferedAmount >= BUFFER_HIGH_BYTES) return pause(DRAIN_POLL_MS);
			if (burst >= BURST_FRAMES) return pause(0);
			if (burst++ === 0) pause(0);
			movedAt = timers.elapsed();
			put(first.next ?? (first.frames.next().value as Frame));
			first.next = first.frames.next().value;
			if (first.next !== undefined || closed) continue;
			waiting.shift();
			waitingBytes -= first.cost;
			full = undefined;
			first.settle();
		}
	};

	raw.onbufferedamountlow = drained;

	return {
		put,
		isStuck: (ms) => waiting.first !== undefined && timers.elapsed() - movedAt > ms,
		async send(message) {
			if (closed) throw ended();
			const cost = message.length + WAITING_COST_BYTES;
			if (waiting.first !== undefined && waitingBytes + cost > MAX_WAITING_BYTES) {
				full ??= passing("BUFFER_FULL", "Too much waits to be sent.");
				throw full;
			}
			return new Promise((resolve, reject) => {
				// The wait of a first message begins now, not when the last one before it went.
				if (waiting.first === undefined) movedAt = timers.elapsed();
				waitingBytes += cost;
				waiting.push({
					frames: typeof message === "string" ? [message].values() : split(message),
					next: undefined,
					cost,
					settle: (error) => (error === undefined ? resolve() : reject(error)),
				});
				pump();
			});
		},
		close() {
			closed = true;
			cancelTurn?.();
			for (const { settle } of waiting.clear()) settle(ended());
		},
	};
}
