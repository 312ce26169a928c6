/** A peer with an open link, and the language that it speaks. */
import type { Timers } from "../environment.ts";
import { MeshError, passing } from "../errors.ts";
import type { Link } from "../webrtc/link.ts";
import { decodeFrame, encodeFrame, type MeshFrame, type RoutedFrame } from "./frames.ts";
import { fromP2pmesh, toP2pmesh } from "./p2pmesh.ts";

export interface Neighbour {
	readonly peerId: string;
	/** Whether it takes beacons and bridges, and passes on messages to one peer. */
	readonly ours: boolean;
	/** Same duties as `Channel.send`. A frame that the neighbour has no word for is dropped, unless it is data for it. */
	send(frame: MeshFrame): Promise<void>;
	/** @returns undefined for a message that is no frame */
	read(message: Uint8Array | string): MeshFrame | undefined;
}

export function ourNeighbour(link: Link): Neighbour {
	return {
		peerId: link.peerId,
		ours: true,
		send: (frame) => write(link, encodeFrame(frame)),
		read: (message) => (typeof message === "string" ? undefined : decodeFrame(message)),
	};
}

/** @param delivered is called with each message through the mesh that the neighbour took: it does not answer them itself */
export function p2pmeshNeighbour(
	link: Link,
	timers: Pick<Timers, "now">,
	delivered: (frame: RoutedFrame) => void,
): Neighbour {
	const { peerId } = link;
	return {
		peerId,
		ours: false,
		async send(frame) {
			const isForIt = frame.kind === "direct" || (frame.kind === "routed" && frame.to === peerId);
			const text = toP2pmesh(peerId, frame, timers.now());
			if (text !== undefined) await write(link, text);
			else if (isForIt && frame.bytes) {
				throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
			}
			if (isForIt && frame.kind === "routed" && frame.answers === undefined) delivered(frame);
		},
		read: (message) => (typeof message === "string" ? fromP2pmesh(message) : undefined),
	};
}

async function write(link: Link, message: Uint8Array | string): Promise<void> {
	await (link.send(message) ?? Promise.reject(passing("CLOSED", "The link ended.")));
}
