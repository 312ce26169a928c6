/** The peers of the room that this peer has heard of, and what the application is told of them. */
import { BoundedMap } from "../bounded-map.ts";
import type { Emitter } from "../emitter.ts";
import { MAX_ROSTER_PEERS } from "../limits.ts";
import type { MeshEvents } from "./api.ts";

interface Entry {
	/** Whether the application knows that it is here: it was told `peer:discovered`, and no `peer:gone` since. */
	readonly here: boolean;
	/** Whether the server says that it left, while its link is open. */
	readonly departed: boolean;
}

const UNKNOWN: Entry = { here: false, departed: false };

export class Roster {
	readonly #emit: Emitter<MeshEvents>["emit"];
	readonly #entries = new BoundedMap<string, Entry>(MAX_ROSTER_PEERS);

	constructor(emit: Emitter<MeshEvents>["emit"]) {
		this.#emit = emit;
	}

	/** The server named the peer. */
	arrived(peerId: string): void {
		this.#enter(peerId, false);
	}

	/** A link to the peer opened. The server may not have named it: other peers pass on ids, too. */
	connected(peerId: string): void {
		this.#enter(peerId, this.#get(peerId).departed);
	}

	/** The server says that the peer left, and its link is open. */
	departed(peerId: string): void {
		this.#entries.set(peerId, { ...this.#get(peerId), departed: true });
	}

	isDeparted(peerId: string): boolean {
		return this.#get(peerId).departed;
	}

	gone(peerId: string): void {
		const { here } = this.#get(peerId);
		this.#entries.set(peerId, UNKNOWN);
		if (here) this.#emit("peer:gone", peerId);
	}

	#enter(peerId: string, departed: boolean) {
		const { here } = this.#get(peerId);
		this.#entries.set(peerId, { here: true, departed });
		if (!here) this.#emit("peer:discovered", peerId);
	}

	#get(peerId: string): Entry {
		return this.#entries.get(peerId) ?? UNKNOWN;
	}
}
