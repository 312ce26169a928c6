/** Frames on the links, in bytes, by kind. */

const DECODER = new TextDecoder();
/** The first byte of a frame that begins or holds a message (client/webrtc/chunks.ts). */
const LAST = 0;
/** `{"k":"` after that byte. */
const KIND_AT = 7;
const QUOTE = 34;

export class Traffic {
	readonly bytes: Record<string, number> = {};
	readonly frames: Record<string, number> = {};

	get total(): number {
		return Object.values(this.bytes).reduce((sum, bytes) => sum + bytes, 0);
	}

	count(frame: Uint8Array): void {
		const kind = kindOf(frame);
		this.bytes[kind] = (this.bytes[kind] ?? 0) + frame.length;
		this.frames[kind] = (this.frames[kind] ?? 0) + 1;
	}
}

function kindOf(frame: Uint8Array): string {
	if (frame.length === 1) return "alive";
	// A header begins with its kind, unless it belongs to a message through the mesh.
	if (frame[0] !== LAST || frame[3] !== 107 || frame[2] !== QUOTE) return "routed";
	return DECODER.decode(frame.subarray(KIND_AT, frame.indexOf(QUOTE, KIND_AT)));
}
