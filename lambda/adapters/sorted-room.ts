/**
 * The leases of one room in the order of their positions, in blocks of about a hundred. So an insertion moves one block and not
 * the whole room. The order is by key and then by id, which is the order of positions; no position is stored.
 *
 * Beside each record stands the head of its key. A search compares these, which lie side by side in memory, and looks at a record
 * only if two begin alike. In a large room each record that it need not look at saves some cache misses. For the same reason each
 * block knows when the first of its leases ends, and how many of its ids are not their keys.
 */
import type { PeerIdentity, PeerRecord } from "../core/records.ts";
import {
	FIRST_POSITION,
	headOf,
	keyOf,
	LAST_POSITION,
	type Position,
	peerIdOf,
	type RoutingKey,
	SEPARATOR,
} from "../core/routing-key.ts";

/** A larger block is split in two. */
const MOST_IN_BLOCK = 128;
/** A block is joined with the next one if both together are this small. */
const FEW_IN_BLOCKS = 48;

interface Block {
	readonly heads: number[];
	readonly records: PeerRecord[];
	/** No record expires before, in epoch seconds. */
	expiresFrom: number;
	/** Records whose id is not their key. */
	odd: number;
}

export interface Walk {
	readonly from: Position;
	readonly to: Position;
	readonly direction: "ascending" | "descending";
	readonly limit: number;
}

/** The records of a range. */
export interface Walked {
	readonly records: PeerRecord[];
	/** The heads of their keys. */
	readonly heads: number[];
	/** Whether each of their ids is certainly its key. */
	plain: boolean;
	/** None of them expires before, in epoch seconds. */
	expiresFrom: number;
	/** Whether the range holds no more. */
	complete: boolean;
}

export interface SortedRoom {
	readonly size: () => number;
	get(identity: PeerIdentity): PeerRecord | undefined;
	/** Writes a record, in place of the one at its position. */
	set(record: PeerRecord): void;
	delete(identity: PeerIdentity): void;
	/** The records of a range, at most `limit`. */
	walk(walk: Walk): Walked;
	/** The records that have expired by a time, in epoch seconds. Looks at all, and notes of each block when its first one expires. */
	expiredBy(time: number): PeerRecord[];
}

/** A place in the order, with an index of a block and one within it. */
interface Place {
	at: number;
	index: number;
}

export function sortedRoom(): SortedRoom {
	/** None is empty. */
	const blocks: Block[] = [];
	/** The last head of each block. */
	const lastHeads: number[] = [];
	let size = 0;

	/** The first place that is not before a point. Its block may be the one after the last. */
	const find = (point: Point): Place => {
		let low = 0;
		let high = blocks.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const head = lastHeads[middle] as number;
			const isBefore = head === point.head ? compare(lastOf(blocks[middle] as Block), point) < 0 : head < point.head;
			if (isBefore) low = middle + 1;
			else high = middle;
		}
		const block = blocks[low];
		return { at: low, index: block === undefined ? 0 : indexIn(block, point) };
	};

	const found = ({ at, index }: Place, point: Point) => {
		const block = blocks[at];
		// Mostly the head alone says that there is none.
		if (block === undefined || block.heads[index] !== point.head) return undefined;
		const record = block.records[index] as PeerRecord;
		return compare(record, point) === 0 ? record : undefined;
	};

	/** Corrects what is noted of a block after a change. */
	const settle = (at: number) => {
		const block = blocks[at] as Block;
		const { heads, records, expiresFrom } = block;
		if (records.length === 0) {
			blocks.splice(at, 1);
			lastHeads.splice(at, 1);
			return;
		}
		if (records.length > MOST_IN_BLOCK) {
			const half = records.length >> 1;
			const upper = records.splice(half);
			const odd = block.odd === 0 ? 0 : upper.filter(isOdd).length;
			block.odd -= odd;
			blocks.splice(at + 1, 0, { heads: heads.splice(half), records: upper, expiresFrom, odd });
			lastHeads.splice(at + 1, 0, lastHeads[at] as number);
		}
		const next = blocks[at + 1];
		if (next !== undefined && records.length + next.records.length <= FEW_IN_BLOCKS) {
			heads.push(...next.heads);
			records.push(...next.records);
			block.expiresFrom = Math.min(expiresFrom, next.expiresFrom);
			block.odd += next.odd;
			blocks.splice(at + 1, 1);
			lastHeads.splice(at + 1, 1);
		}
		lastHeads[at] = heads.at(-1) as number;
		const after = blocks[at + 1];
		if (after !== undefined) lastHeads[at + 1] = after.heads.at(-1) as number;
	};

	return {
		size: () => size,

		get(identity) {
			const point = pointOfPeer(identity);
			return found(find(point), point);
		},

		set(record) {
			const point = pointOfPeer(record);
			const place = find(point);
			const replaces = found(place, point) !== undefined;
			if (place.at === blocks.length) {
				// After all others, so at the end of the last block.
				if (blocks.length === 0) blocks.push({ heads: [], records: [], expiresFrom: Number.POSITIVE_INFINITY, odd: 0 });
				place.at = blocks.length - 1;
				place.index = (blocks[place.at] as Block).records.length;
			}
			const block = blocks[place.at] as Block;
			block.expiresFrom = Math.min(block.expiresFrom, record.expiresAt);
			if (replaces) {
				block.records[place.index] = record;
				return;
			}
			size += 1;
			if (isOdd(record)) block.odd += 1;
			insert(block.heads, place.index, point.head);
			insert(block.records, place.index, record);
			settle(place.at);
		},

		delete(identity) {
			const point = pointOfPeer(identity);
			const place = find(point);
			if (found(place, point) === undefined) return;
			size -= 1;
			const block = blocks[place.at] as Block;
			if (isOdd(identity)) block.odd -= 1;
			block.heads.splice(place.index, 1);
			block.records.splice(place.index, 1);
			settle(place.at);
		},

		walk({ from, to, direction, limit }) {
			return direction === "ascending"
				? climb(blocks, find(pointOf(from)), pointOf(to), limit)
				: descend(blocks, find(pointOf(to)), pointOf(from), pointOf(to), limit);
		},

		expiredBy(time) {
			return blocks.flatMap((block) => {
				block.expiresFrom = block.records.reduce((least, { expiresAt }) => Math.min(least, expiresAt), Infinity);
				return block.expiresFrom <= time ? block.records.filter(({ expiresAt }) => expiresAt <= time) : [];
			});
		},
	};
}

/** As `splice`, which is slow for so few. */
function insert<T>(array: T[], index: number, item: T): void {
	array.push(item);
	for (let n = array.length - 1; n > index; n--) array[n] = array[n - 1] as T;
	array[index] = item;
}

/** From a place upwards to a point. */
function climb(blocks: readonly Block[], place: Place, to: Point, limit: number): Walked {
	let walked: Walked | undefined;
	let { at, index } = place;
	for (let block = blocks[at]; block !== undefined; block = blocks[++at], index = 0) {
		const most = Math.min(block.records.length, index + limit - (walked?.records.length ?? 0));
		// One look at the last record that may be taken says mostly that all before it are in the range.
		const end = most > index && isBeyond(block, most - 1, to) > 0 ? indexAfter(block, to) : most;
		walked = add(walked, block, index, end);
		if (end < block.records.length) {
			walked.complete = end < most || isBeyond(block, end, to) > 0;
			return walked;
		}
	}
	return walked ?? add(undefined, NO_BLOCK, 0, 0);
}

/** From a place downwards to a point. The record at the place itself counts only if it is at `start`. */
function descend(blocks: readonly Block[], place: Place, to: Point, start: Point, limit: number): Walked {
	let walked: Walked | undefined;
	let { at, index } = place;
	const first = blocks[at];
	let end = first !== undefined && isBeyond(first, index, start) <= 0 ? index + 1 : index;
	for (let block = first; at >= 0; block = blocks[--at], end = block?.records.length ?? 0) {
		if (block === undefined || end === 0) continue;
		const most = Math.max(0, end - (limit - (walked?.records.length ?? 0)));
		const begin = most < end && isBeyond(block, most, to) < 0 ? indexIn(block, to) : most;
		walked = add(walked, block, begin, end, true);
		if (begin > 0) {
			walked.complete = begin > most || isBeyond(block, begin - 1, to) < 0;
			return walked;
		}
	}
	return walked ?? add(undefined, NO_BLOCK, 0, 0);
}

const NO_BLOCK: Block = { heads: [], records: [], expiresFrom: Number.POSITIVE_INFINITY, odd: 0 };

const isOdd = ({ key, peerId }: PeerIdentity) => peerId !== key;

/** Adds a part of a block. */
function add(walked: Walked | undefined, block: Block, from: number, end: number, reversed = false): Walked {
	const { expiresFrom } = block;
	const plain = block.odd === 0;
	const heads = block.heads.slice(from, end);
	const records = block.records.slice(from, end);
	if (reversed) {
		heads.reverse();
		records.reverse();
	}
	if (walked === undefined) return { heads, records, plain, expiresFrom, complete: true };
	walked.heads.push(...heads);
	walked.records.push(...records);
	walked.plain &&= plain;
	walked.expiresFrom = Math.min(walked.expiresFrom, expiresFrom);
	return walked;
}

/** A position, taken apart: a key, a key with an id, or a key with a character after all ids. See routing-key.ts. */
interface Point {
	readonly head: number;
	readonly key: RoutingKey;
	readonly id: string;
	/** How a record with the same key compares, if the position names no id. */
	readonly edge: 1 | 0 | -1;
}

const FIRST_POINT = takenApart(FIRST_POSITION);
const LAST_POINT = takenApart(LAST_POSITION);

function pointOf(position: Position): Point {
	if (position === LAST_POSITION) return LAST_POINT;
	return position === FIRST_POSITION ? FIRST_POINT : takenApart(position);
}

function takenApart(position: Position): Point {
	const key = keyOf(position);
	const rest = position.charAt(key.length);
	const edge = rest === "" ? 1 : rest === SEPARATOR ? 0 : -1;
	return { head: headOf(key), key, id: edge === 0 ? peerIdOf(position) : "", edge };
}

function pointOfPeer({ key, peerId }: PeerIdentity): Point {
	return { head: headOf(key), key, id: peerId, edge: 0 };
}

/** Negative if the record comes before the point, 0 if it is there. */
function compare(record: PeerRecord, { key, id, edge }: Point): number {
	if (record.key !== key) return record.key < key ? -1 : 1;
	if (edge !== 0) return edge;
	return record.peerId === id ? 0 : record.peerId < id ? -1 : 1;
}

/** The same for a record of a block. */
function isBeyond({ heads, records }: Block, index: number, point: Point): number {
	const head = heads[index] as number;
	return head === point.head ? compare(records[index] as PeerRecord, point) : head - point.head;
}

function lastOf({ records }: Block): PeerRecord {
	return records.at(-1) as PeerRecord;
}

/** The first index of a block that is not before a point. */
function indexIn(block: Block, point: Point): number {
	let low = 0;
	let high = block.records.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (isBeyond(block, middle, point) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** The first index of a block that is after a point. */
function indexAfter(block: Block, point: Point): number {
	const index = indexIn(block, point);
	return index < block.records.length && isBeyond(block, index, point) === 0 ? index + 1 : index;
}
