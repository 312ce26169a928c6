/** Messages in pieces that fit a data channel: the channel keeps their order, so a mark on each piece is enough. */

/**
 * The first byte of every frame on a data channel between two of our own. A message begins with a byte for it, so that one that
 * fits a frame is sent and received without a copy.
 */
export const LAST = 0;
export const MORE = 1;
export const PING = 2;
export const PONG = 3;

export type Frame = Uint8Array | string;

/** A message of which a part may have gone. */
export interface Sendable {
	/** Bytes go in pieces. Text is for peers of p2pmesh, and goes as it is. */
	message: Uint8Array | string;
	/** How much of it has gone. */
	offset: number;
}

/** Takes the next frame of a message. */
export function takeFrame(from: Sendable, mostBytes: number): Frame {
	const { message, offset } = from;
	if (typeof message === "string") {
		from.offset = message.length;
		return message;
	}
	const end = offset + mostBytes;
	const isLast = end >= message.length;
	// Not a view on a part of it: some implementations keep what they are given, and the mark of the next piece stands within it.
	const frame = isLast && offset === 0 ? message : message.slice(offset, end);
	frame[0] = isLast ? LAST : MORE;
	// The place of the next mark is before its piece.
	from.offset = isLast ? message.length : end - 1;
	return frame;
}

export interface Joiner {
	/** @returns the whole message with its last piece, and before that nothing, nor for another frame */
	add(frame: Uint8Array): Uint8Array | undefined;
}

/**
 * @param limit bytes of a message; the joiner never holds much more than twice as much, even if the pieces are tiny
 * @param tooLarge is called for every frame from the one on that exceeds it
 */
export function createJoiner(limit: number, tooLarge: () => void): Joiner {
	let held: Uint8Array[] = [];
	let length = 0;

	/** One frame out of all that are held. */
	const join = () => {
		const whole = new Uint8Array(1 + length);
		let at = 1;
		for (const frame of held) {
			whole.set(frame.subarray(1), at);
			at += frame.length - 1;
		}
		return whole;
	};

	return {
		add(frame) {
			const mark = frame[0] ?? PING;
			if (mark > MORE) return undefined;
			const isLast = mark === LAST;
			length += frame.length - 1;
			if (length > limit) return tooLarge() as undefined;
			held.push(frame);
			// Each frame that is held costs something in addition to its bytes.
			if (held.length > 1 && (isLast || held.length > 16 + length / 1024)) held = [join()];
			if (!isLast) return undefined;
			const [whole] = held;
			held = [];
			length = 0;
			return whole;
		},
	};
}
