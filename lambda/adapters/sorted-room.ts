/**
 * The leases of one room in the order of their positions, in blocks of some hundred. So an insertion moves one block and not
 * the whole room. The order is by key and then by id, which is the order of positions; no position is stored.
 *
 * Beside each record stands the number that its key begins with. A search compares these, which lie side by side in memory, and
 * looks at a record only if two begin alike. In a large room each record that it need not look at saves a cache miss.
 */
import type { PeerRecord } from "../core/records.ts";
import { keyOf, type Position, peerIdOf, type RoutingKey, SEPARATOR } from "../core/routing-key.ts";

/** A larger block is split in two. */
const MOST_IN_BLOCK = 256;
/** A block is joined with the next one if both together are this small. */
const FEW_IN_BLOCKS = 96;
/** Digits of a key that a number holds exactly. */
const HEAD_DIGITS = 13;

interface Block {
	readonly heads: number[];
	readonly records: PeerRecord[];
}

export interface Walk {
	readonly from: Position;
	readonly to: Position;
	readonly direction: "ascending" | "descending";
	readonly limit: number;
}

export interface SortedRoom {
	readonly size: () => number;
	get(position: Position): PeerRecord | undefined;
	/** Writes a record, in place of the one at its position. */
	set(position: Position, record: PeerRecord): void;
	delete(position: Position): void;
	/** The records of a range, at most `limit`, and whether the range holds no more. */
	walk(walk: Walk): { readonly records: PeerRecord[]; readonly complete: boolean };
	/** All records. */
	records(): Iterable<PeerRecord>;
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

	const recordAt = ({ at, index }: Place) => blocks[at]?.records[index];

	const found = (place: Place, point: Point) => {
		const record = recordAt(place);
		return record !== undefined && compare(record, point) === 0 ? record : undefined;
	};

	/** Corrects what is noted of a block after a change. */
	const settle = (at: number) => {
		const block = blocks[at] as Block;
		const { heads, records } = block;
		if (records.length === 0) {
			blocks.splice(at, 1);
			lastHeads.splice(at, 1);
			return;
		}
		if (records.length > MOST_IN_BLOCK) {
			const half = records.length >> 1;
			blocks.splice(at + 1, 0, { heads: heads.splice(half), records: records.splice(half) });
			lastHeads.splice(at + 1, 0, lastHeads[at] as number);
		}
		const next = blocks[at + 1];
		if (next !== undefined && records.length + next.records.length <= FEW_IN_BLOCKS) {
			heads.push(...next.heads);
			records.push(...next.records);
			blocks.splice(at + 1, 1);
			lastHeads.splice(at + 1, 1);
		}
		lastHeads[at] = heads.at(-1) as number;
		const after = blocks[at + 1];
		if (after !== undefined) lastHeads[at + 1] = after.heads.at(-1) as number;
	};

	return {
		size: () => size,

		get(position) {
			const point = pointOf(position);
			return found(find(point), point);
		},

		set(position, record) {
			const point = pointOf(position);
			const place = find(point);
			if (found(place, point) !== undefined) {
				(blocks[place.at] as Block).records[place.index] = record;
				return;
			}
			size += 1;
			if (place.at === blocks.length) {
				// After all others, so at the end of the last block.
				if (blocks.length === 0) blocks.push({ heads: [], records: [] });
				place.at = blocks.length - 1;
				place.index = (blocks[place.at] as Block).records.length;
			}
			const { heads, records } = blocks[place.at] as Block;
			heads.splice(place.index, 0, point.head);
			records.splice(place.index, 0, record);
			settle(place.at);
		},

		delete(position) {
			const point = pointOf(position);
			const place = find(point);
			if (found(place, point) === undefined) return;
			size -= 1;
			const { heads, records } = blocks[place.at] as Block;
			heads.splice(place.index, 1);
			records.splice(place.index, 1);
			settle(place.at);
		},

		walk({ from, to, direction, limit }) {
			return direction === "ascending"
				? climb(blocks, find(pointOf(from)), pointOf(to), limit)
				: descend(blocks, find(pointOf(to)), pointOf(from), pointOf(to), limit);
		},

		*records() {
			for (const { records } of blocks) yield* records;
		},
	};
}

/** From a place upwards to a point. */
function climb(blocks: readonly Block[], place: Place, to: Point, limit: number) {
	const found: PeerRecord[] = [];
	let { at, index } = place;
	for (let block = blocks[at]; block !== undefined; block = blocks[++at], index = 0) {
		const { heads, records } = block;
		// One look at the last record that may be taken says mostly that all before it are in the range.
		const end = Math.min(records.length, index + limit - found.length);
		const allIn = end > index && isBeyond(block, end - 1, to) <= 0;
		for (; index < end; index++) {
			if (!allIn && isBeyond(block, index, to) > 0) return { records: found, complete: true };
			found.push(records[index] as PeerRecord);
		}
		if (index < heads.length) return { records: found, complete: isBeyond(block, index, to) > 0 };
	}
	return { records: found, complete: true };
}

/** From a place downwards to a point. The record at the place itself counts only if it is at `start`. */
function descend(blocks: readonly Block[], place: Place, to: Point, start: Point, limit: number) {
	const found: PeerRecord[] = [];
	let { at, index } = place;
	const first = blocks[at];
	if (first === undefined || isBeyond(first, index, start) > 0) index -= 1;
	for (let block = blocks[at]; at >= 0; block = blocks[--at], index = (block?.records.length ?? 0) - 1) {
		if (block === undefined || index < 0) continue;
		const { records } = block;
		const end = Math.max(-1, index - (limit - found.length));
		const allIn = end < index && isBeyond(block, end + 1, to) >= 0;
		for (; index > end; index--) {
			if (!allIn && isBeyond(block, index, to) < 0) return { records: found, complete: true };
			found.push(records[index] as PeerRecord);
		}
		if (index >= 0) return { records: found, complete: isBeyond(block, index, to) < 0 };
	}
	return { records: found, complete: true };
}

/** A position, taken apart: a key, a key with an id, or a key with a character after all ids. See routing-key.ts. */
interface Point {
	readonly head: number;
	readonly key: RoutingKey;
	readonly id: string;
	/** How a record with the same key compares, if the position names no id. */
	readonly edge: 1 | 0 | -1;
}

function pointOf(position: Position): Point {
	const key = keyOf(position);
	const rest = position.charAt(key.length);
	const edge = rest === "" ? 1 : rest === SEPARATOR ? 0 : -1;
	return { head: Number.parseInt(key.slice(0, HEAD_DIGITS), 16), key, id: edge === 0 ? peerIdOf(position) : "", edge };
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
