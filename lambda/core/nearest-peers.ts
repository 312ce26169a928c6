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

/** Reads part of the room, see SignalingStore.range. */
export type ReadRange = (query: Omit<RangeQuery, "room" | "consistency">) => Promise<RangePage>;

export interface SearchOptions {
	/** The id of a peer that does not count, such as the reader. */
	readonly exclude?: string;
	/**
	 * Whether a peer counts. With it the search ends after `FILTERED_ROUNDS` rounds, because a room may hold few peers that
	 * count. @default all do
	 */
	readonly accepts?: (peerId: string) => boolean;
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

interface Candidate {
	readonly peer: PeerRecord;
	readonly position: Position;
	readonly distance: bigint;
}

export async function nearestPeers(
	readRange: ReadRange,
	key: RoutingKey,
	count: number,
	{ exclude, accepts = () => true }: SearchOptions = {},
): Promise<Found> {
	const target = toNumber(key);
	const accepted = new Map<Position, Candidate>();
	const others = new Map<Position, Candidate>();
	let unseen: Interval[] = [{ from: FIRST_POSITION, to: LAST_POSITION }];

	for (let round = 0, window = NEIGHBOUR_WINDOW; ; round++, window *= 2) {
		const ranked = byDistance(accepted);
		const reach = ranked[count - 1]?.distance;
		const next = nearestInterval(unseen, target);
		const endsEarly = others.size > 0 && round >= FILTERED_ROUNDS;
		if (next === undefined || endsEarly || (reach !== undefined && next.distance > reach)) {
			return { peers: peersOf(ranked), others: peersOf(byDistance(others)), complete: next === undefined };
		}

		const { interval, start } = next;
		const upwards = { from: start, to: interval.to, direction: "ascending", limit: window } as const;
		const downwards = { from: interval.from, to: start, direction: "descending", limit: window } as const;
		const nothing: RangePage = { peers: [] };
		const [above, below] = await all([readRange(upwards), start > interval.from ? readRange(downwards) : nothing]);

		for (const peer of [...above.peers, ...below.peers]) {
			if (peer.peerId === exclude) continue;
			const position = positionOf(peer);
			const candidate = { peer, position, distance: toNumber(peer.key) ^ target };
			(accepts(peer.peerId) ? accepted : others).set(position, candidate);
		}
		unseen = unseen.filter((other) => other !== interval);
		if (above.stoppedAt !== undefined) unseen.push({ from: above.stoppedAt, to: interval.to });
		if (below.stoppedAt !== undefined) unseen.push({ from: interval.from, to: below.stoppedAt });
	}
}

/** Nearest first, ties by position. */
function byDistance(candidates: ReadonlyMap<Position, Candidate>): Candidate[] {
	return [...candidates.values()].sort((a, b) => compare(a.distance, b.distance) || compare(a.position, b.position));
}

function peersOf(candidates: readonly Candidate[]): PeerRecord[] {
	return candidates.map(({ peer }) => peer);
}

/** The interval that comes nearest to the target, its distance, and the position in it at which to start reading. */
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
