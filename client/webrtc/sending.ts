/** Messages on their way into a data channel. What may not go yet (turns.ts) waits here, up to a limit. */
import type { Timers } from "../environment.ts";
import { full, type MeshError, unlinked } from "../errors.ts";
import { DONE } from "../heedless.ts";
import { MAX_WAITING_BYTES, WAITING_COST_BYTES } from "../limits.ts";
import { type Frame, type Sendable, takeFrame } from "./chunks.ts";
import { createQueue, type Queued } from "./queue.ts";
import { createTurns } from "./turns.ts";

export interface Sending {
	/**
	 * Resolves once it is handed to the browser. Rejects with `BUFFER_FULL` or `CLOSED`.
	 * @param key it takes the place of a message that waits with the same key, and both resolve when it goes
	 */
	send(message: Uint8Array | string, key?: string): Promise<void>;
	/** Sends a frame at once, past the messages that wait. */
	put(frame: Frame): void;
	/** Whether something has waited for longer than `ms` while the browser took nothing. */
	isStuck(ms: number): boolean;
	/** Refuses the messages that still wait. */
	close(): void;
}

interface Waiting extends Sendable, Queued<Waiting> {
	readonly key: string | undefined;
	cost: number;
	/** What `send` gave, if it had to wait. */
	taken?: Promise<void>;
	settle?(outcome?: Promise<never>): void;
}

/**
 * @param mostBytes of a frame
 * @param dead the data channel takes nothing any more. Not called after `close`
 */
export function createSending(timers: Timers, raw: RTCDataChannel, mostBytes: number, dead: () => void): Sending {
	const waiting = createQueue<Waiting>();
	let waitingBytes = 0;
	/** By key: those that wait whole, and may be replaced. */
	const latest = new Map<string | undefined, Waiting>();
	/** One error for all that is refused until half has gone: its stack costs more than all the rest of a `send`. */
	let refusal: MeshError | undefined;
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

	const pump = () => {
		for (let { first } = waiting; first !== undefined && !closed && turns.mayPut(); { first } = waiting) {
			latest.delete(first.key);
			const frame = takeFrame(first, mostBytes);
			turns.put(frame.length);
			put(frame);
			if (first.offset < first.message.length || closed) continue;
			waiting.shift();
			waitingBytes -= first.cost;
			if (waitingBytes <= MAX_WAITING_BYTES / 2) refusal = undefined;
			first.settle?.();
		}
	};

	const turns = createTurns(timers, raw, pump);

	return {
		put,
		isStuck: (ms) => waiting.first !== undefined && timers.elapsed() - turns.movedAt > ms,
		send(message, key) {
			if (closed) return unlinked();
			const older = key === undefined ? undefined : latest.get(key);
			const cost = message.length + WAITING_COST_BYTES;
			const bytes = waitingBytes + cost - (older?.cost ?? 0);
			const isFirst = waiting.first === undefined;
			if (!isFirst && bytes > MAX_WAITING_BYTES) {
				refusal ??= full();
				return Promise.reject(refusal);
			}
			waitingBytes = bytes;
			if (older !== undefined) {
				older.message = message;
				older.cost = cost;
				return older.taken as Promise<void>;
			}
			const entry: Waiting = { message, offset: 0, key, cost };
			if (key !== undefined) latest.set(key, entry);
			waiting.push(entry);
			// The others have their turn later.
			if (isFirst) {
				pump();
				if (closed) return unlinked();
				if (!waiting.first) return DONE;
				// Its wait begins now, not when the last one before it went.
				turns.movedAt = timers.elapsed();
			}
			entry.taken = new Promise((resolve) => {
				entry.settle = resolve;
			});
			return entry.taken;
		},
		close() {
			closed = true;
			turns.stop();
			for (let { first } = waiting; first !== undefined; { first } = waiting) {
				waiting.shift();
				first.settle?.(unlinked());
			}
		},
	};
}
