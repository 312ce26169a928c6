/** One open data channel: what waits for it, whether it lives, and messages out of pieces. */
import type { Environment } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import { decodeText } from "../json.ts";
import {
	BUFFER_HIGH_BYTES,
	BUFFER_LOW_BYTES,
	CHANNEL_CHECK_MS,
	CHANNEL_DEAD_MS,
	CHANNEL_SILENCE_MS,
	DRAIN_POLL_MS,
	MAX_DATA_BYTES,
	MAX_HEADER_BYTES,
	MAX_WAITING_BYTES,
} from "../limits.ts";
import { createJoiner, LAST, MORE, PING, PONG, split } from "./chunks.ts";

export interface Channel {
	/**
	 * Sends a message: bytes to one of our own, text to a peer of p2pmesh. Resolves once it is handed to the browser.
	 * Rejects with `BUFFER_FULL` where too much waits already, with `CLOSED` where the channel ended before.
	 */
	send(message: Uint8Array | string): Promise<void>;
	/** Refuses what still waits. The data channel itself is its connection's to close. */
	close(): void;
}

export interface ChannelEvents {
	message(message: Uint8Array | string): void;
	/** Nothing comes or goes any more, or what comes breaks the rules. Not called after `close`. */
	dead(): void;
}

interface Waiting {
	readonly frames: Iterator<Uint8Array<ArrayBuffer> | string>;
	readonly size: number;
	settle(error?: MeshError): void;
}

/** @param framed whether the other side is one of our own: then messages come in pieces, and heartbeats are answered */
export function createChannel(
	{ timers }: Pick<Environment, "timers">,
	raw: RTCDataChannel,
	framed: boolean,
	events: ChannelEvents,
): Channel {
	const joiner = createJoiner(MAX_DATA_BYTES + MAX_HEADER_BYTES);
	const waiting: Waiting[] = [];
	let waitingBytes = 0;
	let closed = false;
	let heardAt = timers.now();
	let drainedAt = heardAt;
	let stopPolling: (() => void) | undefined;

	const ended = () => passing("CLOSED", "The link ended.");

	const die = () => {
		if (closed) return;
		close();
		events.dead();
	};

	const close = () => {
		closed = true;
		stopChecking();
		stopPolling?.();
		for (const { settle } of waiting.splice(0)) settle(ended());
	};

	/** A data channel that is about to close throws, or says that its buffer is full. Either way it is of no use. */
	const put = (frame: Uint8Array<ArrayBuffer> | string) => {
		try {
			// The DOM's overloads do not take the union.
			raw.send(frame as string);
		} catch {
			die();
		}
	};

	const pump = () => {
		stopPolling?.();
		stopPolling = undefined;
		for (let first = waiting[0]; first !== undefined && !closed; first = waiting[0]) {
			if (raw.bufferedAmount >= BUFFER_HIGH_BYTES) {
				stopPolling = timers.after(DRAIN_POLL_MS, pump);
				return;
			}
			drainedAt = timers.now();
			const { done, value } = first.frames.next();
			if (!done) {
				put(value);
				continue;
			}
			waiting.shift();
			waitingBytes -= first.size;
			first.settle();
		}
	};

	const check = () => {
		const now = timers.now();
		if (waiting.length === 0) drainedAt = now;
		if (now - drainedAt > CHANNEL_DEAD_MS || (framed && now - heardAt > CHANNEL_DEAD_MS)) return die();
		stopChecking = timers.after(CHANNEL_CHECK_MS, check);
		if (framed && now - heardAt >= CHANNEL_SILENCE_MS) put(Uint8Array.of(PING));
	};

	const receive = (data: unknown) => {
		if (closed) return;
		heardAt = timers.now();
		if (typeof data === "string") {
			if (!framed && data.length <= MAX_DATA_BYTES) events.message(data);
			return;
		}
		if (!(data instanceof ArrayBuffer)) return;
		const frame = new Uint8Array(data);
		// simple-peer sends text as bytes where its user does.
		if (!framed) return receive(decodeText(frame));
		// Not to one that asks on and on and takes nothing: its answers would fill the buffer.
		if (frame[0] === PING && raw.bufferedAmount < BUFFER_HIGH_BYTES) put(Uint8Array.of(PONG));
		if (frame[0] !== LAST && frame[0] !== MORE) return;
		const message = joiner.add(frame);
		if (message === "too large") die();
		else if (message !== undefined) events.message(message);
	};

	let stopChecking = timers.after(CHANNEL_CHECK_MS, check);
	raw.bufferedAmountLowThreshold = BUFFER_LOW_BYTES;
	raw.onbufferedamountlow = pump;
	raw.onmessage = (event) => receive(event.data);

	return {
		close,
		async send(message) {
			if (closed) throw ended();
			const size = message.length;
			if (waitingBytes + size > MAX_WAITING_BYTES) throw passing("BUFFER_FULL", "Too much waits to be sent.");
			return new Promise((resolve, reject) => {
				waitingBytes += size;
				waiting.push({
					frames: typeof message === "string" ? [message].values() : split(message),
					size,
					settle: (error) => (error === undefined ? resolve() : reject(error)),
				});
				if (stopPolling === undefined) pump();
			});
		},
	};
}
