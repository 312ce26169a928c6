/** Ranks peers by their XOR distance from a key, and keeps the nearest. */
import type { PeerRecord } from "./records.ts";
import { compareDistance, headDistance, headOf, type RoutingKey } from "./routing-key.ts";

export interface Ranking {
	/** The nearest of the peers that were added, nearest first, ties by position. */
	readonly peers: readonly PeerRecord[];
	/** The distances of the heads of their keys. */
	readonly distances: readonly number[];
	/**
	 * Adds a peer, in place of one at its position.
	 * @param head of its key
	 */
	add(peer: PeerRecord, head: number): void;
}

/**
 * It keeps few, so a peer that is too far costs one comparison of two numbers, and the others are put at their place one by one:
 * less than sorting all.
 * @param most peers to keep
 */
export function createRanking(key: RoutingKey, most: number): Ranking {
	const target = headOf(key);
	const peers: PeerRecord[] = [];
	const distances: number[] = [];

	/** Negative if a peer at this distance comes before the nth, 0 if it has its position. */
	const compare = (peer: PeerRecord, distance: number, n: number): number => {
		const difference = distance - (distances[n] as number);
		if (difference !== 0) return difference;
		const other = peers[n] as PeerRecord;
		const exact = compareDistance(key, peer.key, other.key);
		if (exact !== 0) return exact;
		// Keys that are equally far are the same, so the ids say the order of the positions.
		return peer.peerId === other.peerId ? 0 : peer.peerId < other.peerId ? -1 : 1;
	};

	return {
		peers,
		distances,
		add(peer, head) {
			const distance = headDistance(head, target);
			let at = peers.length;
			if (at === most && distance > (distances[at - 1] as number)) return;
			while (at > 0) {
				const order = compare(peer, distance, at - 1);
				if (order === 0) {
					peers[at - 1] = peer;
					return;
				}
				if (order > 0) break;
				at -= 1;
			}
			if (at === most) return;
			for (let n = Math.min(peers.length, most - 1); n > at; n--) {
				peers[n] = peers[n - 1] as PeerRecord;
				distances[n] = distances[n - 1] as number;
			}
			peers[at] = peer;
			distances[at] = distance;
		},
	};
}
