/** Signals through the identity, those of one peer one after the other, so that they keep their order. */
import { MAX_OPENING } from "../limits.ts";
import type { Post, Sealed, Way } from "../mesh/post.ts";
import type { RelayedFrame } from "../signaling/session.ts";

/** What the identity does with a signal. */
export interface Sealing {
	/** Signs a frame for a peer. If it rejects, the link that the frame is of fails. */
	seal(to: string, frame: RelayedFrame): Promise<RelayedFrame>;
	/** Verifies a frame of a peer. Undefined: it is dropped. */
	open(from: string, frame: RelayedFrame, way: Way): Promise<RelayedFrame | undefined>;
}

/** @returns the sealing, and what takes the identity's place in the post */
export function inLanes(sealing: Sealing, post: Pick<Post, "hand" | "duties">): Sealing & Sealed {
	/** By direction and peer: the end of the work under way. */
	const lanes = new Map<string, Promise<void>>();
	/** Frames that wait to be verified. */
	let opening = 0;

	const inOrder = (lane: string, work: () => Promise<void>) => {
		const done = (lanes.get(lane) ?? Promise.resolve()).then(work);
		lanes.set(lane, done);
		void done.then(() => {
			if (lanes.get(lane) === done) lanes.delete(lane);
		});
	};

	return {
		...sealing,
		send(to, frame) {
			inOrder(`>${to}`, async () => {
				try {
					post.hand(to, await sealing.seal(to, frame));
				} catch (error) {
					post.duties.failed(to, error);
				}
			});
		},
		receive(from, frame, way) {
			// Verifying takes longer than sending: nobody can make us hold more than this.
			if (opening >= MAX_OPENING) return;
			opening++;
			inOrder(`<${from}`, async () => {
				const opened = await sealing.open(from, frame, way).catch(() => undefined);
				opening--;
				if (opened !== undefined) post.duties.receive(from, opened);
			});
		},
	};
}
