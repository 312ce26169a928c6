/** Ranks peers by their XOR distance from a key, and keeps the nearest. */
import type { PeerRecord } from "./records.ts";
import { compareDistance, headDistance, headOf, positionOf, type RoutingKey } from "./routing-key.ts";

export interface Ranking {
	/** The nearest of the peers that were added, nearest first, ties by position. */
	readonly peers: readonly PeerRecord[];
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
	/** The distances of the heads of their keys. */
	const distances: number[] = [];

	/** Negative if a peer at this distance comes before the nth, 0 if it has its position. */
	const compare = (peer: PeerRecord, distance: number, n: number): number => {
		const difference = distance - (distances[n] as number);
		if (difference !== 0) return difference;
		const other = peers[n] as PeerRecord;
		return compareDistance(key, peer.key, other.key) || comparePositions(peer, other);
	};

	return {
		peers,
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
			if (peers.length === most) {
				peers.pop();
				distances.pop();
			}
			peers.splice(at, 0, peer);
			distances.splice(at, 0, distance);
		},
	};
}

function comparePositions(a: PeerRecord, b: PeerRecord): number {
	const [left, right] = [positionOf(a), positionOf(b)];
	return left === right ? 0 : left < right ? -1 : 1;
}
