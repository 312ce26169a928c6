/**
 * Finds the peers of a room that are nearest to a key, by XOR, with range queries only.
 *
 * The search keeps the peers that it has read and the intervals that it has not read. An interval matters only if its
 * nearest point to the key is nearer than the last of the wanted peers. The search queries upwards and downwards from the
 * nearest such point until no interval matters. So the answer is exact for any set of ids, hostile ones included.
 *
 * Cost: one query up and one down settle nearly every search among random ids. The window doubles with every round, and
 * a round that does not finish its interval finds at least that many records in it. So in a room of N records, in any
 * arrangement, at most L = log2(N / 16) + 1 rounds do not finish theirs. Each of them leaves at most one interval more
 * than it took. So a search takes at most 2L + 1 rounds of two queries. A search that accepts only some peers stops after
 * `FILTERED_ROUNDS` rounds.
 */
import { all } from "./all.ts";
import { FILTERED_ROUNDS, NEIGHBOUR_WINDOW } from "./limits.ts";
import type { RangePage, RangeQuery } from "./ports.ts";
import type { PeerRecord } from "./records.ts";
import {
	closestInRange,
	compareDistance,
	FIRST_POSITION,
	keyOf,
	LAST_POSITION,
	type Position,
	positionOf,
	type RoutingKey,
	startOf,
} from "./routing-key.ts";

interface Interval {
	readonly from: Position;
	readonly to: Position;
}

/** Reads part of the room, see SignalingStore.range. */
export type ReadRange = (query: Omit<RangeQuery, "room" | "consistency">) => Promise<RangePage>;

export interface SearchOptions {
	/** The id of a peer that does not count, such as the reader. */
	readonly exclude?: string;
	/**
	 * Whether a peer counts. With it the search ends after `FILTERED_ROUNDS` rounds, because a room may hold few peers that
	 * count. @default all do
	 */
	readonly accepts?: (peer: PeerRecord) => boolean;
}

export interface Found {
	/**
	 * Every accepted peer that the search read, nearest first, ties by position. The first `count` are exactly the nearest
	 * `count` of the room, unless the search ended early. The rest is near, but other peers may be nearer.
	 */
	readonly peers: PeerRecord[];
	/** The peers that the search read and that are not accepted, nearest first. */
	readonly others: PeerRecord[];
	/** Whether the search read the whole room. */
	readonly complete: boolean;
}

export async function nearestPeers(
	readRange: ReadRange,
	key: RoutingKey,
	count: number,
	{ exclude, accepts = () => true }: SearchOptions = {},
): Promise<Found> {
	// By id, which says the position in a room, because the windows of two rounds may overlap.
	const accepted = new Map<string, PeerRecord>();
	const others = new Map<string, PeerRecord>();
	let unseen: Interval[] = [{ from: FIRST_POSITION, to: LAST_POSITION }];

	for (let round = 0, window = NEIGHBOUR_WINDOW; ; round++, window *= 2) {
		const ranked = byDistance(accepted, key);
		const last = ranked[count - 1];
		const next = nearestInterval(unseen, key);
		const endsEarly = others.size > 0 && round >= FILTERED_ROUNDS;
		if (next === undefined || endsEarly || (last !== undefined && compareDistance(key, next.closest, last.key) > 0)) {
			return { peers: ranked, others: byDistance(others, key), complete: next === undefined };
		}

		const { interval, start } = next;
		const upwards = { from: start, to: interval.to, direction: "ascending", limit: window } as const;
		const downwards = { from: interval.from, to: start, direction: "descending", limit: window } as const;
		const nothing: RangePage = { peers: [] };
		const [above, below] = await all([readRange(upwards), start > interval.from ? readRange(downwards) : nothing]);

		for (const { peers } of [above, below]) {
			for (const peer of peers) if (peer.peerId !== exclude) (accepts(peer) ? accepted : others).set(peer.peerId, peer);
		}
		unseen = unseen.filter((other) => other !== interval);
		if (above.stoppedAt !== undefined) unseen.push({ from: above.stoppedAt, to: interval.to });
		if (below.stoppedAt !== undefined) unseen.push({ from: interval.from, to: below.stoppedAt });
	}
}

/** Nearest first, ties by position. */
function byDistance(peers: ReadonlyMap<string, PeerRecord>, key: RoutingKey): PeerRecord[] {
	return [...peers.values()].sort(
		(a, b) => compareDistance(key, a.key, b.key) || (positionOf(a) < positionOf(b) ? -1 : 1),
	);
}

/** The interval that comes nearest to a key, its closest key, and the position in it at which to start reading. */
function nearestInterval(intervals: readonly Interval[], key: RoutingKey) {
	let nearest: { interval: Interval; closest: RoutingKey; start: Position } | undefined;
	for (const interval of intervals) {
		const closest = closestInRange(keyOf(interval.from), keyOf(interval.to), key);
		if (nearest === undefined || compareDistance(key, closest, nearest.closest) < 0) {
			const start = startOf(closest);
			nearest = { interval, closest, start: start < interval.from ? interval.from : start };
		}
	}
	return nearest;
}
