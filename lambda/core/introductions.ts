/** Whom a newcomer is introduced to: its nearest peers, and some far ones without which a large mesh falls into islands. */

import type { ListedPeer } from "../../protocol/index.ts";
import { all } from "./all.ts";
import { FAR_WINDOW } from "./limits.ts";
import { nearestPeers, type ReadRange } from "./nearest-peers.ts";
import type { Consistency, Dependencies, Identity, PeerRecord } from "./ports.ts";
import { isHexadecimal, positionOf, type RoutingKey, randomRoutingKey, startOf } from "./routing-key.ts";

export interface Introductions {
	/** The peers for a newcomer, or for one that asks again: nearest first, then far ones. Never itself, none twice. */
	forNewcomer(self: Identity, around?: RoutingKey): Promise<PeerRecord[]>;

	/** The `count` peers nearest to a key, nearest first, without `self`. */
	nearest(self: Identity, around: RoutingKey, count: number): Promise<PeerRecord[]>;

	/** Those who are told that a peer leaves: as many as a newcomer is introduced to, all of them near. */
	neighbours(self: Identity): Promise<PeerRecord[]>;

	/**
	 * Those who are told that a peer has left, once its lease is gone. Nobody, where the id is held again by now: who holds
	 * it has announced itself, and must not be taken for gone.
	 */
	neighboursLeftBehind(self: Identity): Promise<PeerRecord[]>;
}

export function createIntroductions({ store, crypto, settings }: Dependencies): Introductions {
	const listLength = settings.nearestPeers + settings.farPeers;

	const search = (room: string, around: RoutingKey, count: number, consistency: Consistency, exclude?: string) => {
		const readRange: ReadRange = (query) => store.range({ ...query, room, consistency });
		return nearestPeers(readRange, around, count, exclude);
	};

	const nearest = async (self: Identity, around: RoutingKey, count: number) =>
		(await search(self.room, around, count, "eventual", self.peerId)).slice(0, count);

	/**
	 * The peers next to a random key. Reading from there towards `self` finds somebody unless all others lie on the far
	 * side of the key, so the search never has to go round the end of the key space.
	 */
	const aroundRandomKey = async (self: Identity): Promise<readonly PeerRecord[]> => {
		const random = startOf(randomRoutingKey(crypto));
		const own = positionOf(self);
		const { peers } = await store.range({
			room: self.room,
			limit: FAR_WINDOW,
			consistency: "eventual",
			...(random < own
				? { from: random, to: own, direction: "ascending" }
				: { from: own, to: random, direction: "descending" }),
		});
		return peers;
	};

	return {
		nearest,

		neighbours: (self) => nearest(self, self.key, listLength),

		async neighboursLeftBehind(self) {
			const found = await search(self.room, self.key, listLength, "strong");
			if (found.some((peer) => peer.peerId === self.peerId)) return [];
			return found.slice(0, listLength);
		},

		async forNewcomer(self, around = self.key) {
			const [known, ...samples] = await all([
				// Of two peers that join in the same moment the one that reads last must see the other.
				search(self.room, around, settings.nearestPeers, "strong", self.peerId),
				...Array.from({ length: settings.farPeers }, () => aroundRandomKey(self)),
			]);

			const chosen = new Map(known.slice(0, settings.nearestPeers).map((peer) => [peer.peerId, peer]));
			for (const sample of samples) {
				const far = sample.find((peer) => peer.peerId !== self.peerId && !chosen.has(peer.peerId));
				if (far !== undefined) chosen.set(far.peerId, far);
			}
			// In a small room the samples repeat what is near; filling up introduces everybody to everybody there.
			for (const peer of known) {
				if (chosen.size >= listLength) break;
				chosen.set(peer.peerId, peer);
			}
			return [...chosen.values()];
		},
	};
}

/** The peers as a reader's list shows them. */
export function listFor(readerId: string, peers: readonly PeerRecord[]): ListedPeer[] {
	return peers
		.filter((peer) => mayList(peer.peerId, readerId))
		.map((peer) => ({ id: peer.peerId, lastSeen: peer.lastSeen }));
}

/**
 * Whether a peer may stand in another's list. p2pmesh's Node client stops at an id that is not of its own form, so a
 * peer with a hexadecimal id is listed only hexadecimal ids of the same length.
 */
export function mayList(listedId: string, readerId: string): boolean {
	return !isHexadecimal(readerId) || (listedId.length === readerId.length && isHexadecimal(listedId));
}
