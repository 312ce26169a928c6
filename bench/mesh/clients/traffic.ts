/** Frames on the links, in bytes, by kind; and how far signals go through the mesh. */
import { MAX_HOPS } from "../../../client/limits.ts";

const DECODER = new TextDecoder();
/** The first byte of a frame that ends a message, which is the only one of a short message (client/webrtc/chunks.ts). */
const LAST = 0;
/** `{"k":"` after that byte. */
const KIND_AT = 7;
const QUOTE = 34;
const NEWLINE = 10;

export class Traffic {
	readonly bytes: Record<string, number> = {};
	/** Signals that arrived, by the number of links that they passed. */
	readonly hops: Record<number, number> = {};

	/** @param to the receiver's id */
	count(frame: Uint8Array, to: string): void {
		const kind = kindOf(frame);
		this.bytes[kind] = (this.bytes[kind] ?? 0) + frame.length;
		if (kind === "overlay") this.#countHops(frame, to);
	}

	#countHops(frame: Uint8Array, to: string) {
		const header = JSON.parse(DECODER.decode(frame.subarray(1, frame.indexOf(NEWLINE)))) as Record<string, unknown>;
		if (header.s === undefined || header.t !== to) return;
		const hops = MAX_HOPS - Number(header.h) + 1;
		this.hops[hops] = (this.hops[hops] ?? 0) + 1;
	}
}

function kindOf(frame: Uint8Array): string {
	if (frame.length === 1) return "alive";
	// A header begins with its kind, unless it belongs to a message through the mesh.
	if (frame[0] !== LAST || frame[3] !== 107 || frame[2] !== QUOTE) return "routed";
	return DECODER.decode(frame.subarray(KIND_AT, frame.indexOf(QUOTE, KIND_AT)));
}
