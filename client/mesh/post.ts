/**
 * The one place where signals for peers leave and arrive. Two parts that load later have their place here: the identity, which
 * signs what leaves and verifies what arrives, and the overlay, which carries signals through the mesh. Without them a signal
 * goes to the server, and from there to the links, in the same turn.
 */
import { MAX_OPENING } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";

/** The way that a signal took. */
export type Way = "server" | "mesh";

/** What the identity does with signals. Those of one peer are handled one after the other, so they keep their order. */
export interface Sealing {
	/** Signs a frame for a peer. If it rejects, the link that the frame is of fails. */
	seal(to: string, frame: RelayedFrame): Promise<RelayedFrame>;
	/** Verifies a frame of a peer. Undefined: it is dropped. */
	open(from: string, frame: RelayedFrame, way: Way): Promise<RelayedFrame | undefined>;
}

/** What the overlay does with signals, after they were signed and before they are verified. */
export interface Carrier {
	/** @returns whether the mesh carries the frame. Then the overlay answers for it: it may hand it to the server later. */
	carry(to: string, frame: RelayedFrame): boolean;
	/** A frame of a peer came by the server. */
	cameByServer(from: string, frame: RelayedFrame): void;
}

export interface PostDuties {
	/** Sends through the server. @throws MeshError `TOO_LARGE` */
	send(to: string, frame: RelayedFrame): void;
	receive(from: string, frame: RelayedFrame): void;
	/** A frame could not be signed, or is too large once it is. */
	failed(to: string, error: unknown): void;
}

export class Post {
	/** The two parts, once they are there. They stay. */
	sealing: Sealing | undefined;
	carrier: Carrier | undefined;
	readonly #duties: PostDuties;
	/** By direction and peer: the end of the work under way. */
	readonly #lanes = new Map<string, Promise<void>>();
	/** Frames that wait to be verified. */
	#opening = 0;

	constructor(duties: PostDuties) {
		this.#duties = duties;
	}

	/** @throws MeshError `TOO_LARGE`, unless the frame is signed first */
	send(to: string, frame: RelayedFrame) {
		const { sealing } = this;
		if (sealing === undefined) return this.#hand(to, frame);
		this.#inOrder(`>${to}`, async () => {
			try {
				this.#hand(to, await sealing.seal(to, frame));
			} catch (error) {
				this.#duties.failed(to, error);
			}
		});
	}

	/** Takes a frame of a peer, as it came. */
	receive(from: string, frame: RelayedFrame, way: Way) {
		const { sealing, carrier } = this;
		const { receive } = this.#duties;
		if (way === "server") carrier?.cameByServer(from, frame);
		if (sealing === undefined) return receive(from, frame);
		// Verifying takes longer than sending: nobody can make us hold more than this.
		if (this.#opening >= MAX_OPENING) return;
		this.#opening++;
		this.#inOrder(`<${from}`, async () => {
			const opened = await sealing.open(from, frame, way).catch(() => undefined);
			this.#opening--;
			if (opened !== undefined) receive(from, opened);
		});
	}

	/** Sends by the server what was signed before. */
	toServer(to: string, frame: RelayedFrame) {
		try {
			this.#duties.send(to, frame);
		} catch (error) {
			this.#duties.failed(to, error);
		}
	}

	#hand(to: string, frame: RelayedFrame) {
		if (!this.carrier?.carry(to, frame)) this.#duties.send(to, frame);
	}

	#inOrder(lane: string, work: () => Promise<void>) {
		const done = (this.#lanes.get(lane) ?? Promise.resolve()).then(work);
		this.#lanes.set(lane, done);
		void done.then(() => {
			if (this.#lanes.get(lane) === done) this.#lanes.delete(lane);
		});
	}
}
