/** Frames for peers, as they are sent: candidates wait a moment for others to the same peer, and go together. */
import { MAX_MESSAGE_BYTES } from "../../protocol/limits.ts";
import type { Timers } from "../environment.ts";
import { MeshError } from "../errors.ts";
import { GATHER_MS } from "../limits.ts";
import { isCandidate, pack } from "./batch.ts";
import { sizeOf } from "./frames.ts";
import type { RelayedFrame } from "./session.ts";

/** Bytes that the session adds to a frame after `to`, for its id; and that a batch adds, for its type and brackets. */
const ID_ROOM = 40;
const BATCH_ROOM = 1_024;

export interface Gathering {
	/** @throws MeshError `TOO_LARGE` */
	send(to: string, frame: RelayedFrame): void;
	/** Hands on the candidates that wait. */
	end(): void;
}

interface Group {
	readonly frames: RelayedFrame[];
	bytes: number;
	readonly cancel: () => void;
}

export function createGathering(timers: Timers, hand: (to: string, frame: RelayedFrame) => void): Gathering {
	const groups = new Map<string, Group>();

	const release = (to: string) => {
		const group = groups.get(to);
		if (group === undefined) return;
		group.cancel();
		groups.delete(to);
		hand(to, pack(group.frames));
	};

	return {
		send(to, frame) {
			const bytes = sizeOf({ ...frame, to }) + ID_ROOM;
			if (bytes > MAX_MESSAGE_BYTES) {
				throw new MeshError("TOO_LARGE", `A frame may have ${MAX_MESSAGE_BYTES} bytes; got ${bytes}.`, { peerId: to });
			}
			const gathers = isCandidate(frame);
			if (!gathers || (groups.get(to)?.bytes ?? 0) + bytes > MAX_MESSAGE_BYTES - BATCH_ROOM) release(to);
			if (!gathers) return hand(to, frame);
			const group = groups.get(to) ?? { frames: [], bytes: 0, cancel: timers.after(GATHER_MS, () => release(to)) };
			group.frames.push(frame);
			group.bytes += bytes;
			groups.set(to, group);
		},
		end: () => [...groups.keys()].forEach(release),
	};
}
