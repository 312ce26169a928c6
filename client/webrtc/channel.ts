/** One open data channel: messages out of pieces, and whether it lives. */
import { bytesOf } from "../data.ts";
import type { Environment } from "../environment.ts";
import { decodeText } from "../json.ts";
import {
	BUFFER_HIGH_BYTES,
	BUFFER_LOW_BYTES,
	CHANNEL_CHECK_MS,
	CHANNEL_DEAD_MS,
	CHANNEL_SILENCE_MS,
	MAX_DATA_BYTES,
	MAX_HEADER_BYTES,
	PROBE_MS,
	UNHEARD_MS,
} from "../limits.ts";
import { createJoiner, PING, PONG } from "./chunks.ts";
import { createSending } from "./sending.ts";

export interface Channel {
	/**
	 * Sends a message: bytes to one of our own, text to a peer of p2pmesh. The first of the bytes is the channel's own, here and
	 * where the message arrives. Resolves once it is handed to the browser.
	 * Rejects with `BUFFER_FULL` if too much waits already, with `CLOSED` if the channel ended before.
	 * @param key it takes the place of a message that waits with the same key, and both resolve when it goes
	 */
	send(message: Uint8Array | string, key?: string): Promise<void>;
	/** Whether a ping was not answered in time, and nothing else has come since. */
	readonly silent: boolean;
	/** Asks for a sign of life. @param unanswered is called if none comes in time */
	probe(unanswered: () => void): void;
	/** Refuses the messages that still wait. The data channel itself is its connection's to close. */
	close(): void;
}

export interface ChannelEvents {
	message(message: Uint8Array | string): void;
	/** Nothing comes or goes any more, or the other side breaks the rules. Not called after `close`. */
	dead(): void;
	/** A message was sent, and nothing has come that shows that it arrives. */
	unheard(): void;
	/** Whether another link could take the place of a silent one now. */
	replaceable(): boolean;
}

/**
 * @param framed whether the other side is one of our own: then messages come in pieces, and heartbeats are answered
 * @param mostBytes that the other side takes in a frame
 */
export function createChannel(
	{ timers }: Pick<Environment, "timers">,
	raw: RTCDataChannel,
	framed: boolean,
	mostBytes: number,
	events: ChannelEvents,
): Channel {
	const joiner = createJoiner(MAX_DATA_BYTES + MAX_HEADER_BYTES, () => die());
	let closed = false;
	let heardAt = timers.elapsed();
	/** Since the last check. A look at the clock for every message costs more than anything else here. */
	let heard = false;
	let silent = false;
	/** Of the wait for a sign after a message, or for the answer to a ping. */
	let cancelWait: (() => void) | undefined;
	let isAsking = false;

	const close = () => {
		closed = true;
		stopChecking();
		cancelWait?.();
		sending.close();
	};
	const die = () => {
		if (closed) return;
		close();
		events.dead();
	};
	const sending = createSending(timers, raw, mostBytes, die);

	const check = () => {
		const now = timers.elapsed();
		if (heard) heardAt = now - CHANNEL_CHECK_MS;
		heard = false;
		const silentMs = now - heardAt;
		const isDead = sending.isStuck(CHANNEL_DEAD_MS) || (framed && silentMs > CHANNEL_DEAD_MS);
		if (isDead && events.replaceable()) return die();
		stopChecking = timers.after(CHANNEL_CHECK_MS, check);
		if (framed && silentMs >= CHANNEL_SILENCE_MS) sending.put(Uint8Array.of(PING));
	};

	const receiveText = (text: string) => {
		if (!framed && text.length <= MAX_DATA_BYTES) events.message(text);
	};

	let stopChecking = timers.after(CHANNEL_CHECK_MS, check);
	raw.onmessage = ({ data }) => {
		if (closed) return;
		heard = true;
		cancelWait?.();
		cancelWait = undefined;
		isAsking = silent = false;
		if (typeof data === "string") return receiveText(data);
		const frame = bytesOf(data);
		if (frame === undefined) return;
		// simple-peer sends text as bytes if its user does.
		if (!framed) return receiveText(decodeText(frame));
		// Not to a peer that asks on and on and takes nothing: the answers would fill the buffer.
		if (frame[0] === PING && raw.bufferedAmount < BUFFER_HIGH_BYTES) sending.put(Uint8Array.of(PONG));
		const message = joiner.add(frame);
		if (message !== undefined) events.message(message);
	};

	const wait = (ms: number, then: () => void) => {
		cancelWait?.();
		cancelWait = timers.after(ms, () => {
			cancelWait = undefined;
			then();
		});
	};
	const probe = (unanswered: () => void) => {
		// Peers of p2pmesh answer no ping.
		if (!framed || closed || isAsking) return;
		isAsking = true;
		sending.put(Uint8Array.of(PING));
		wait(PROBE_MS, () => {
			isAsking = false;
			silent = true;
			unanswered();
		});
	};

	return {
		close,
		probe,
		get silent() {
			return silent;
		},
		send(message, key) {
			if (framed && !closed && cancelWait === undefined) {
				wait(UNHEARD_MS, () => {
					// Behind a full buffer the ping would be late, and say nothing about the path.
					if (raw.bufferedAmount < BUFFER_LOW_BYTES) probe(events.unheard);
				});
			}
			return sending.send(message, key);
		},
	};
}
