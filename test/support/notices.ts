/**
 * The knowledge of a receiver from its notices, as docs/protocol.md says: it orders them by the time of the lease
 * that they speak of. A departure is later than the arrival of the same lease.
 */
import type { Frame } from "./client.ts";

export const isNotice = (frame: Frame): boolean => frame.type === "peer_joined" || frame.type === "peer_left";

/** The last notice by time of each peer: peer id -> `peer_joined` or `peer_left`. */
export function lastNotices(frames: readonly Frame[]): Map<string, string> {
	const last = new Map<string, Frame>();
	for (const frame of frames.filter(isNotice)) {
		const known = last.get(frame.peerId as string);
		if (known === undefined || !isOlder(frame, known)) last.set(frame.peerId as string, frame);
	}
	return new Map([...last].map(([peerId, frame]) => [peerId, frame.type as string]));
}

function isOlder(a: Frame, b: Frame): boolean {
	if (a.at !== b.at) return Number(a.at) < Number(b.at);
	return a.type === "peer_joined" && b.type === "peer_left";
}
