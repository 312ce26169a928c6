/**
 * The peers of the room that this peer has heard of, and what the application is told of them.
 *
 * News may overtake each other on their way from the server. They carry the time of the lease that they speak of, by the
 * server's clock. News that is older than the known news about a peer is dropped. Of one lease the end is the last news.
 */
import { BoundedMap } from "../bounded-map.ts";
import type { Emitter } from "../emitter.ts";
import { MAX_ROSTER_PEERS } from "../limits.ts";
import type { MeshEvents } from "./api.ts";

interface Entry {
	/** Whether the application knows that it is here: it was told `peer:discovered`, and no `peer:gone` since. */
	readonly here: boolean;
	/** Whether the last news of the server was that it left. */
	readonly left: boolean;
	/** The time of the newest news, in ms. */
	readonly at: number;
	/** The hash of its key, as the server told with the newest lease; "" if it told none, undefined if it has not named it. */
	readonly identity: string | undefined;
}

const UNKNOWN: Entry = { here: false, left: false, at: Number.NEGATIVE_INFINITY, identity: undefined };

export class Roster {
	readonly #emit: Emitter<MeshEvents>["emit"];
	readonly #entries = new BoundedMap<string, Entry>(MAX_ROSTER_PEERS);

	constructor(emit: Emitter<MeshEvents>["emit"]) {
		this.#emit = emit;
	}

	/**
	 * The server named the peer.
	 * @param at the time of its lease; a server of version 0.1 does not say
	 * @returns `old` if newer news are known, `again` if the peer was here with an earlier lease: its program may have
	 * started again
	 */
	arrived(peerId: string, at?: number, identity: unknown = ""): "old" | "again" | "here" {
		const { here, left, at: known } = this.#get(peerId);
		if (at !== undefined && (at < known || (left && at === known))) return "old";
		this.#enter(peerId, { left: false, at: at ?? known, identity: String(identity) });
		const isLater = at !== undefined && Number.isFinite(known) && at > known;
		return here && isLater ? "again" : "here";
	}

	/** A link to the peer opened. The server may not have named it: other peers pass on ids, too. */
	connected(peerId: string): void {
		this.#enter(peerId, {});
	}

	/**
	 * The server says that the peer left. `gone` is to follow, once its link is closed.
	 * @returns false if newer news are known
	 */
	left(peerId: string, at?: number): boolean {
		const entry = this.#get(peerId);
		if (at !== undefined && at < entry.at) return false;
		this.#entries.set(peerId, { ...entry, left: true, at: at ?? entry.at });
		return true;
	}

	/** See {@link Entry}. */
	identity(peerId: string): string | undefined {
		return this.#get(peerId).identity;
	}

	hasLeft(peerId: string): boolean {
		return this.#get(peerId).left;
	}

	/** Whether the application knows that the peer is here. */
	isHere(peerId: string): boolean {
		return this.#get(peerId).here;
	}

	gone(peerId: string): void {
		const entry = this.#get(peerId);
		this.#entries.set(peerId, { ...entry, here: false });
		if (entry.here) this.#emit("peer:gone", peerId);
	}

	/** This peer leaves the room. The application knows, and the others have not left. */
	clear(): void {
		this.#entries.clear();
	}

	#enter(peerId: string, news: Partial<Entry>) {
		const entry = this.#get(peerId);
		this.#entries.set(peerId, { ...entry, ...news, here: true });
		if (!entry.here) this.#emit("peer:discovered", peerId);
	}

	#get(peerId: string): Entry {
		return this.#entries.get(peerId) ?? UNKNOWN;
	}
}
