/** A peer with an open link, and the language that it speaks. */

import { unlinked } from "../errors.ts";
import { heedless } from "../heedless.ts";
import type { Link } from "../webrtc/link.ts";
import { decodeFrame, encodeFrame, type MeshFrame, type Replaceable } from "./frames.ts";

/** A peer of ours or of p2pmesh: how to write to it and how to read what it writes. */
export interface Language {
	/** Same duties as `Channel.send`. A frame that the neighbour has no word for is dropped, unless it is data for it. */
	send(frame: MeshFrame): Promise<void>;
	/** @param take is not called for a message that is no frame */
	read(message: Uint8Array | string, take: (frame: MeshFrame) => void): void;
}

export interface Neighbour extends Language {
	readonly peerId: string;
	/** Whether it takes beacons and bridges, and passes on messages to one peer. */
	readonly ours: boolean;
}

export function ourNeighbour(link: Link): Neighbour {
	return {
		peerId: link.peerId,
		ours: true,
		send: (frame) => write(link, encodeFrame(frame), (frame as Replaceable).latest),
		read(message, take) {
			const frame = decodeFrame(message as Uint8Array);
			if (frame !== undefined) take(frame);
		},
	};
}

/** A peer of p2pmesh. Its language loads when the first such peer is met, so frames wait for it, in their order. */
export function p2pmeshNeighbour(peerId: string, language: Promise<Language>): Neighbour {
	return {
		peerId,
		ours: false,
		send: async (frame) => (await language).send(frame),
		read: (message, take) => heedless(language.then(({ read }) => read(message, take))),
	};
}

export function write(link: Link, message: Uint8Array | string, key?: string): Promise<void> {
	return link.send(message, key) ?? unlinked();
}
