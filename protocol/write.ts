/** Writes the server's frames, and the text of relayed ones. */
import { ERROR_CODES } from "./codes.ts";
import type { FrameMarks, Refusal, RelayedMessage, ServerFrame } from "./frames.ts";
import { clip } from "./ids.ts";
import { GATEWAY_MAX_FRAME_BYTES } from "./limits.ts";
import { tooLarge } from "./parse.ts";
import { stamp } from "./stamp.ts";
import { utf8Length } from "./utf8.ts";

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
	const text = stamp(message.text, from);
	if (!Object.hasOwn(message.content, "from")) return text; // MAX_MESSAGE_BYTES leaves room for the one that was added
	// Each `from` in the frame is replaced by an id that may be longer.
	const size = utf8Length(text);
	return size > GATEWAY_MAX_FRAME_BYTES ? tooLarge(size, GATEWAY_MAX_FRAME_BYTES) : text;
}
