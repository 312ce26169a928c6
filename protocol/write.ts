/** Writes the server's frames, and the text of relayed ones. */
import { ERROR_CODES } from "./codes.ts";
import type { FrameMarks, Refusal, RelayedMessage, ServerFrame } from "./frames.ts";
import { clip } from "./ids.ts";
import { GATEWAY_MAX_FRAME_BYTES } from "./limits.ts";
import { tooLarge } from "./parse.ts";
import { addStamp, stamp } from "./stamp.ts";
import { isLonger, utf8Length } from "./utf8.ts";

export function encodeFrame(frame: ServerFrame): string {
	return JSON.stringify(frame);
}

export function errorFrame(refusal: Refusal, marks: FrameMarks = {}): ServerFrame {
	return {
		type: "error",
		code: refusal.code,
		message: refusal.message,
		retryable: ERROR_CODES[refusal.code].retryable,
		...(refusal.retryAfter !== undefined && { retryAfter: refusal.retryAfter }),
		...marks,
	};
}

/** The refusal of a frame to a peer that is not in the room. */
export function peerNotFound(peerId: string): Refusal {
	return { code: "PEER_NOT_FOUND", message: `Peer ${clip(peerId)} not found.` };
}

/**
 * The frame that the target gets: the sender's, with `from` set to the id that it joined with.
 * @returns the text, or why there is none
 */
export function stampFrom(message: RelayedMessage, from: string): string | Refusal {
	// MAX_MESSAGE_BYTES leaves room for the one that is added.
	if (!Object.hasOwn(message.content, "from")) return addStamp(message.text, from);
	// Each `from` in the frame is replaced by an id that may be longer.
	const text = stamp(message.text, from);
	if (!isLonger(text, GATEWAY_MAX_FRAME_BYTES)) return text;
	return tooLarge(utf8Length(text), GATEWAY_MAX_FRAME_BYTES);
}
