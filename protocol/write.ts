/** Writes the server's frames, and the text of relayed ones. */
import { ERROR_CODES } from "./codes.ts";
import type { FrameMarks, Refusal, RelayedMessage, ServerFrame } from "./frames.ts";
import { clip } from "./ids.ts";
import { GATEWAY_MAX_FRAME_BYTES } from "./limits.ts";
import { tooLarge } from "./parse.ts";
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
 *
 * If the frame has no `from`, the text is extended and not written again, so that what the server does not understand
 * (large numbers, escapes) arrives as it was sent.
 * @returns the text, or why there is none
 */
export function stampFrom(message: RelayedMessage, from: string): string | Refusal {
	if (!Object.hasOwn(message.content, "from")) {
		return `${message.text.slice(0, message.text.lastIndexOf("}"))},"from":${JSON.stringify(from)}}`;
	}
	let text: string;
	try {
		text = JSON.stringify({ ...message.content, from });
	} catch (error) {
		// JSON.parse reads deeper nesting than JSON.stringify writes, which then exhausts the stack.
		if (error instanceof RangeError) return { code: "BAD_REQUEST", message: "Message is nested too deeply." };
		throw error;
	}
	// JSON.stringify can lengthen numbers: 1e20 becomes 21 characters.
	const size = utf8Length(text);
	return size > GATEWAY_MAX_FRAME_BYTES ? tooLarge(size, GATEWAY_MAX_FRAME_BYTES) : text;
}
