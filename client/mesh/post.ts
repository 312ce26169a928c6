/**
 * The one place where signals for peers leave and arrive. Two parts that load later have their place here: the identity, which
 * signs what leaves and verifies what arrives, and the overlay, which carries signals through the mesh. Without them a signal
 * goes to the server, and from there to the links, in the same turn.
 */
import type { RelayedFrame } from "../signaling/session.ts";

/** The way that a signal took. */
export type Way = "server" | "mesh";

/** The identity's place: it hands on what it has signed and verified (identity/lanes.ts). */
export interface Sealed {
	send(to: string, frame: RelayedFrame): void;
	receive(from: string, frame: RelayedFrame, way: Way): void;
}

/** What the overlay does with signals, after they were signed and before they are verified. */
export interface Carrier {
	/** @returns whether the mesh carries the frame. Then the overlay answers for it: it may hand it to the server later. */
	carry(to: string, frame: RelayedFrame): boolean;
	/** A frame of a peer came by the server. */
	cameByServer(from: string, frame: RelayedFrame): void;
}

export interface PostDuties {
	/** Sends through the server, which takes 32,000 bytes. @throws MeshError `TOO_LARGE`: no peer could answer such a description */
	send(to: string, frame: RelayedFrame): void;
	receive(from: string, frame: RelayedFrame): void;
	/** A frame could not be signed, or is too large once it is. */
	failed(to: string, error: unknown): void;
}

export class Post {
	/** The two parts, once they are there. They stay. */
	sealing: Sealed | undefined;
	carrier: Carrier | undefined;
	readonly duties: PostDuties;

	constructor(duties: PostDuties) {
		this.duties = duties;
	}

	/** @throws MeshError `TOO_LARGE`, unless the frame is signed first */
	send(to: string, frame: RelayedFrame): void {
		if (this.sealing === undefined) this.hand(to, frame);
		else this.sealing.send(to, frame);
	}

	/** Takes a frame of a peer, as it came. */
	receive(from: string, frame: RelayedFrame, way: Way): void {
		if (way === "server") this.carrier?.cameByServer(from, frame);
		(this.sealing ?? this.duties).receive(from, frame, way);
	}

	/** Sends what is signed, if it is to be. */
	hand(to: string, frame: RelayedFrame): void {
		if (!this.carrier?.carry(to, frame)) this.duties.send(to, frame);
	}

	/** Sends by the server what was signed before. */
	toServer(to: string, frame: RelayedFrame): void {
		try {
			this.duties.send(to, frame);
		} catch (error) {
			this.duties.failed(to, error);
		}
	}
}
