/**
 * The leases of one room in the order of their positions, in blocks of some hundred. So an insertion moves one block and not
 * the whole room, and a search is two binary searches. The order is by key and then by id, which is the order of positions;
 * no position is stored.
 */
import type { PeerRecord } from "../core/records.ts";
import { keyOf, type Position, peerIdOf, SEPARATOR } from "../core/routing-key.ts";

/** A larger block is split in two. */
const MOST_IN_BLOCK = 256;
/** A block is joined with the next one if both together are this small. */
const FEW_IN_BLOCKS = 96;

type Block = PeerRecord[];

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

export function sortedRoom(): SortedRoom {
	/** None is empty. */
	const blocks: Block[] = [];
	let size = 0;

	/** The first block with a record that is not before the position; the number of blocks if there is none. */
	const blockOf = (compare: Compare): number =>
		firstIndex(blocks.length, (at) => compare((blocks[at] as Block).at(-1) as PeerRecord) >= 0);

	const find = (position: Position) => {
		const compare = comparing(position);
		const at = blockOf(compare);
		const block = blocks[at];
		if (block === undefined) return { at, block, index: 0, found: undefined };
		const index = firstIndex(block.length, (other) => compare(block[other] as PeerRecord) >= 0);
		const record = block[index] as PeerRecord;
		return { at, block, index, found: compare(record) === 0 ? record : undefined };
	};

	const split = (at: number, block: Block) => {
		if (block.length > MOST_IN_BLOCK) blocks.splice(at + 1, 0, block.splice(block.length >> 1));
	};

	const join = (at: number, block: Block) => {
		if (block.length === 0) blocks.splice(at, 1);
		const next = blocks[at + 1];
		if (next === undefined || block.length + next.length > FEW_IN_BLOCKS) return;
		block.push(...next);
		blocks.splice(at + 1, 1);
	};

	return {
		size: () => size,
		get: (position) => find(position).found,

		set(position, record) {
			const { at, block, index, found } = find(position);
			if (found !== undefined && block !== undefined) {
				block[index] = record;
				return;
			}
			size += 1;
			const last = blocks.length - 1;
			if (block !== undefined) {
				block.splice(index, 0, record);
				split(at, block);
			} else if (last >= 0) {
				(blocks[last] as Block).push(record);
				split(last, blocks[last] as Block);
			} else blocks.push([record]);
		},

		delete(position) {
			const { at, block, index, found } = find(position);
			if (found === undefined || block === undefined) return;
			size -= 1;
			block.splice(index, 1);
			join(at, block);
		},

		walk({ from, to, direction, limit }) {
			const records: PeerRecord[] = [];
			const step = direction === "ascending" ? 1 : -1;
			const isPast = step === 1 ? comparing(to) : comparing(from);
			let { at, block, index } = find(step === 1 ? from : to);
			if (step === -1 && (block === undefined || comparing(to)(block[index] as PeerRecord) > 0)) {
				index -= 1;
				if (index < 0) {
					block = blocks[--at];
					index = (block?.length ?? 0) - 1;
				}
			}
			while (block !== undefined) {
				for (; index >= 0 && index < block.length; index += step) {
					const record = block[index] as PeerRecord;
					if (isPast(record) * step > 0) return { records, complete: true };
					if (records.length === limit) return { records, complete: false };
					records.push(record);
				}
				at += step;
				block = blocks[at];
				index = step === 1 ? 0 : (block?.length ?? 0) - 1;
			}
			return { records, complete: true };
		},

		*records() {
			for (const block of blocks) yield* block;
		},
	};
}

/** Negative if the record comes before a position, 0 if it is there. */
type Compare = (record: PeerRecord) => number;

/** A position is a key, a key with an id, or a key with a character after the ids: see routing-key.ts. */
function comparing(position: Position): Compare {
	const key = keyOf(position);
	const id = peerIdOf(position);
	const rest = position.slice(key.length);
	const beyond = rest === "" ? 1 : rest.startsWith(SEPARATOR) ? 0 : -1;
	return (record) => {
		if (record.key !== key) return record.key < key ? -1 : 1;
		if (beyond !== 0) return beyond;
		return record.peerId === id ? 0 : record.peerId < id ? -1 : 1;
	};
}

/** The first index from 0 to below `length` of which `holds` is true, in an order in which it stays true; or `length`. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
	let low = 0;
	let high = length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (holds(middle)) high = middle;
		else low = middle + 1;
	}
	return low;
}
