/** Messages in pieces that fit a data channel: the channel keeps their order, so a mark on each piece is enough. */
import { CHUNK_BYTES } from "../limits.ts";

/** The first byte of every frame on a data channel between two of our own. */
export const LAST = 0;
export const MORE = 1;
export const PING = 2;
export const PONG = 3;

export type Frame = Uint8Array<ArrayBuffer> | string;

/** A message of which a part may have gone. */
export interface Sendable {
	/** Bytes go in pieces. Text is for peers of p2pmesh, and goes as it is. */
	message: Uint8Array | string;
	/** How much of it has gone. */
	offset: number;
}

/** Takes the next frame of a message. */
export function takeFrame(from: Sendable): Frame {
	const { message, offset } = from;
	if (typeof message === "string") {
		from.offset = message.length;
		return message;
	}
	const piece = message.subarray(offset, offset + CHUNK_BYTES - 1);
	from.offset += piece.length;
	const frame = new Uint8Array(piece.length + 1);
	frame[0] = from.offset < message.length ? MORE : LAST;
	frame.set(piece, 1);
	return frame;
}

export interface Joiner {
	/** @returns the whole message with its last piece, and before that nothing. `"too large"` is for good. */
	add(frame: Uint8Array): Uint8Array | "too large" | undefined;
}

/** @param limit bytes of a message; the joiner never holds more than twice as much, even if the pieces are tiny */
export function createJoiner(limit: number): Joiner {
	let held = new Uint8Array(0);
	let length = 0;

	return {
		add(frame) {
			const piece = frame.subarray(1);
			if (length + piece.length > limit) return "too large";
			if (length === 0 && frame[0] === LAST) return piece;
			if (length + piece.length > held.length) {
				const larger = new Uint8Array(Math.max(length + piece.length, held.length * 2));
				larger.set(held.subarray(0, length));
				held = larger;
			}
			held.set(piece, length);
			length += piece.length;
			if (frame[0] !== LAST) return undefined;
			const whole = held.subarray(0, length);
			held = new Uint8Array(0);
			length = 0;
			return whole;
		},
	};
}
