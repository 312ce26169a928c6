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
 * `FILTERED_ROUNDS` rounds. Of the peers that it reads it looks only at those that may be among the wanted ones (ranking.ts).
 */
import { all } from "./all.ts";
import { FILTERED_ROUNDS, NEIGHBOUR_WINDOW } from "./limits.ts";
import type { Awaitable, RangePage, RangeQuery } from "./ports.ts";
import { createRanking } from "./ranking.ts";
import type { PeerRecord } from "./records.ts";
import {
	closestInRange,
	compareDistance,
	FIRST_POSITION,
	headDistance,
	headOf,
	keyOf,
	LAST_POSITION,
	leastBeyond,
	type Position,
	type RoutingKey,
	startOf,
} from "./routing-key.ts";

interface Interval {
	readonly from: Position;
	readonly to: Position;
}

/** Reads part of the room, see SignalingStore.range. */
export type ReadRange = (query: Omit<RangeQuery, "room" | "consistency">) => Awaitable<RangePage>;

export interface SearchOptions {
	/** A peer that does not count, such as the reader. */
	readonly exclude?: { readonly key: RoutingKey; readonly peerId: string };
	/**
	 * Whether a peer counts. One whose id is its routing key letter by letter always does. With it the search ends after `FILTERED_ROUNDS` rounds, because a room may hold few peers that
	 * count. @default all do
	 */
	readonly accepts?: ((peer: PeerRecord) => boolean) | undefined;
	/** Most peers to tell, at least `count`. @default count */
	readonly most?: number;
}

export interface Found {
	/**
	 * The nearest of the accepted peers that the search read, nearest first, ties by position. The first `count` are exactly the
	 * nearest `count` of the room, unless the search ended early. The rest is near, but other peers may be nearer.
	 */
	readonly peers: readonly PeerRecord[];
	/** The nearest of the peers that the search read and that are not accepted, nearest first. */
	readonly others: readonly PeerRecord[];
	/** Whether the search came upon the peer to exclude. */
	readonly metExcluded: boolean;
	/** All peers of the room, if the search read the whole of it. */
	readonly wholeRoom?: readonly PeerRecord[];
}

export async function nearestPeers(
	readRange: ReadRange,
	key: RoutingKey,
	count: number,
	{ exclude, accepts, most = count }: SearchOptions = {},
): Promise<Found> {
	const accepted = createRanking(key, most);
	const others = createRanking(key, most);
	const target = headOf(key);
	const excludedHead = exclude === undefined ? undefined : headOf(exclude.key);
	const pages: RangePage[] = [];
	let metExcluded = false;
	let unseen: readonly Interval[] = [{ from: FIRST_POSITION, to: LAST_POSITION }];

	const rank = ({ peers, heads, plain }: RangePage) => {
		const accept = plain === true ? undefined : accepts;
		for (let n = 0; n < peers.length; n++) {
			const peer = peers[n] as PeerRecord;
			const head = heads === undefined ? headOf(peer.key) : (heads[n] as number);
			if (head === excludedHead && peer.peerId === exclude?.peerId) metExcluded = true;
			else if (accept === undefined || accept(peer)) accepted.add(peer, head);
			else others.add(peer, head);
		}
	};

	for (let round = 0, window = NEIGHBOUR_WINDOW; ; round++, window *= 2) {
		if (round === 1 && isSettled(pages, accepted.distances[count - 1], target)) {
			return { peers: accepted.peers, others: others.peers, metExcluded };
		}
		const last = accepted.peers[count - 1];
		const next = nearestInterval(unseen, key);
		const endsEarly = others.peers.length > 0 && round >= FILTERED_ROUNDS;
		if (next === undefined || endsEarly || (last !== undefined && compareDistance(key, next.closest, last.key) > 0)) {
			const found = { peers: accepted.peers, others: others.peers, metExcluded };
			return next === undefined ? { ...found, wholeRoom: pages.flatMap(({ peers }) => peers) } : found;
		}

		const { interval, start } = next;
		const upwards = { from: start, to: interval.to, direction: "ascending", limit: window } as const;
		const downwards = { from: interval.from, to: start, direction: "descending", limit: window } as const;
		const nothing: RangePage = { peers: [] };
		const queries = all([readRange(upwards), start > interval.from ? readRange(downwards) : nothing]);
		const [above, below] = queries instanceof Promise ? await queries : queries;

		rank(above);
		rank(below);
		pages.push(above, below);
		const left = unseen.filter((other) => other !== interval);
		if (above.stoppedAt !== undefined) left.push({ from: above.stoppedAt, to: interval.to });
		if (below.stoppedAt !== undefined) left.push({ from: interval.from, to: below.stoppedAt });
		unseen = left;
	}
}

/**
 * Whether the heads alone say that no peer beyond the pages can be nearer than the last wanted one, at `distance`. They mostly do,
 * and the exact look at the intervals costs much more.
 */
function isSettled(pages: readonly RangePage[], distance: number | undefined, target: number): boolean {
	if (distance === undefined) return false;
	let readAll = true;
	for (const { heads, stoppedAt } of pages) {
		if (stoppedAt === undefined) continue;
		readAll = false;
		const stop = heads?.at(-1);
		if (stop === undefined || distance >= leastBeyond(headDistance(stop, target))) return false;
	}
	return !readAll;
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
