/**
 * Which peers of a room are nearest to a key, by XOR, from range queries alone.
 *
 * The search keeps what it has seen and the intervals that it has not. An interval matters only if the point in it that
 * is nearest to the key is nearer than the last of the peers wanted; the search queries upwards and downwards from the
 * nearest such point until no interval matters. So the answer is exact for any set of ids, also for hostile ones.
 *
 * Cost: one query up and one down settle nearly every search among random ids. The window doubles with every round, and
 * a round that does not finish its interval finds at least that many records in it, so in a room of N records, however
 * arranged, at most L = log2(N / 16) + 1 rounds do not finish theirs; each of them leaves at most one interval more than
 * it took. So a search takes at most 2L + 1 rounds of two queries.
 */
import { all } from "./all.ts";
import { NEIGHBOUR_WINDOW } from "./limits.ts";
import type { PeerRecord, RangePage, RangeQuery } from "./ports.ts";
import {
	closestInRange,
	FIRST_POSITION,
	fromNumber,
	keyOf,
	LAST_POSITION,
	type Position,
	positionOf,
	type RoutingKey,
	startOf,
	toNumber,
} from "./routing-key.ts";

interface Interval {
	readonly from: Position;
	readonly to: Position;
}

/** Reads part of the room, see PeerStore.range. */
export type ReadRange = (query: Omit<RangeQuery, "room" | "consistency">) => Promise<RangePage>;

/**
 * @param exclude the id of a peer that does not count, such as the one that asks
 * @returns every peer that the search came across, nearest first, ties by position. The first `count` are exactly the
 * nearest `count` of the room; what follows them is near, but others may be nearer.
 */
export async function nearestPeers(
	readRange: ReadRange,
	key: RoutingKey,
	count: number,
	exclude?: string,
): Promise<PeerRecord[]> {
	const target = toNumber(key);
	const seen = new Map<Position, { peer: PeerRecord; position: Position; distance: bigint }>();
	let unseen: Interval[] = [{ from: FIRST_POSITION, to: LAST_POSITION }];

	for (let window = NEIGHBOUR_WINDOW; ; window *= 2) {
		const ranked = [...seen.values()].sort(
			(a, b) => compare(a.distance, b.distance) || compare(a.position, b.position),
		);
		const reach = ranked[count - 1]?.distance;
		const next = nearestInterval(unseen, target);
		if (next === undefined || (reach !== undefined && next.distance > reach)) {
			return ranked.map((entry) => entry.peer);
		}

		const { interval, start } = next;
		const upwards = { from: start, to: interval.to, direction: "ascending", limit: window } as const;
		const downwards = { from: interval.from, to: start, direction: "descending", limit: window } as const;
		const nothing: RangePage = { peers: [] };
		const [above, below] = await all([readRange(upwards), start > interval.from ? readRange(downwards) : nothing]);

		for (const peer of [...above.peers, ...below.peers]) {
			if (peer.peerId === exclude) continue;
			const position = positionOf(peer);
			seen.set(position, { peer, position, distance: toNumber(peer.key) ^ target });
		}
		unseen = unseen.filter((other) => other !== interval);
		if (above.stoppedAt !== undefined) unseen.push({ from: above.stoppedAt, to: interval.to });
		if (below.stoppedAt !== undefined) unseen.push({ from: interval.from, to: below.stoppedAt });
	}
}

/** The interval that comes nearest to the target, how near, and where in it to start reading. */
function nearestInterval(intervals: readonly Interval[], target: bigint) {
	let nearest: { interval: Interval; distance: bigint; start: Position } | undefined;
	for (const interval of intervals) {
		const closest = closestInRange(toNumber(keyOf(interval.from)), toNumber(keyOf(interval.to)), target);
		const distance = closest ^ target;
		if (nearest === undefined || distance < nearest.distance) {
			const start = startOf(fromNumber(closest));
			nearest = { interval, distance, start: start < interval.from ? interval.from : start };
		}
	}
	return nearest;
}

function compare<T extends bigint | string>(a: T, b: T): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
