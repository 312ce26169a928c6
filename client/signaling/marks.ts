/**
 * The `id` of every frame to a peer. The server repeats it in an error, and the receiver knows by it a frame that was
 * sent twice because nobody could say whether it had arrived.
 */
import { MAX_REMEMBERED_FRAMES } from "../limits.ts";
import type { Frame } from "./frames.ts";

const NONCE_DIGITS = 12;
/** What other clients put there need not be unique. */
const MARK = /^[0-9a-f]{12}-[0-9a-z]+$/;

/** Gives a new mark with every call. */
export function newMarks(randomHex: (digits: number) => string): () => string {
	const nonce = randomHex(NONCE_DIGITS);
	let count = 0;
	return () => `${nonce}-${(count++).toString(36)}`;
}

/** Tells of every frame whether it has come before. */
export function createRepetitions(): (frame: Frame) => boolean {
	const known = new Set<string>();
	return ({ from, id }) => {
		if (typeof id !== "string" || !MARK.test(id)) return false;
		const mark = `${id} ${from}`;
		if (known.has(mark)) return true;
		known.add(mark);
		for (const oldest of known) {
			if (known.size <= MAX_REMEMBERED_FRAMES) break;
			known.delete(oldest);
		}
		return false;
	};
}
