/**
 * Which broadcasts have been here already. Copies arrive over several links, and a copy over a slow link may be minutes late.
 *
 * Every run of a peer numbers its broadcasts, so the memory of an origin is a window of numbers and not a list of messages. A
 * number in the window is new or not; a number below it is old. An old one is never taken for new: a lost message is better
 * than one that comes twice, and that every peer passes on once more.
 *
 * The window is kept in blocks. A number far ahead starts a new block and leaves the lower blocks in force, so a few
 * forged numbers cannot make an origin's own numbers old.
 */
import { BoundedMemory } from "../bounded-map.ts";
import type { Timers } from "../environment.ts";
import {
	BROADCAST_BLOCK,
	BROADCAST_IDLE_MS,
	BROADCAST_REORDER,
	MAX_BROADCAST_BLOCKS,
	MAX_ORIGINS,
	MAX_SEEN_MESSAGES,
} from "../limits.ts";

interface Origin {
	/** The neighbour that brought its first broadcast. */
	readonly via: string;
	/** Numbers below are old. */
	floor: number;
	/** By number of the block: one bit for each of its numbers. */
	readonly blocks: Map<number, Uint8Array>;
	/** When it last had a new number, by `Timers.elapsed`. */
	at: number;
}

/** How an id holds a number. Peers of p2pmesh and of version 0.1 have other ids. */
const NUMBERED = /^([0-9a-f]{16})\.([0-9]{1,15})$/;

export function numberedId(run: string, number: number): string {
	return `${run}.${number}`;
}

export class BroadcastMemory {
	readonly #timers: Pick<Timers, "elapsed">;
	/** By peer and run; the one that was active last is the last. */
	readonly #origins = new Map<string, Origin>();
	/** Ids without a number. */
	readonly #unnumbered = new BoundedMemory<string>(MAX_SEEN_MESSAGES);

	constructor(timers: Pick<Timers, "elapsed">) {
		this.#timers = timers;
	}

	/**
	 * Takes note of a broadcast.
	 * @param via the neighbour that brought it
	 * @returns whether it has certainly not been here before
	 */
	isNew(from: string, id: string, via: string): boolean {
		const [, run, digits] = NUMBERED.exec(id) ?? [];
		if (run === undefined) return this.#unnumbered.isNew(`${from} ${id}`);
		const number = Number(digits);
		const key = `${run} ${from}`;
		const known = this.#origins.get(key);
		const now = this.#timers.elapsed();
		const isFresh = known !== undefined && now - known.at < BROADCAST_IDLE_MS;
		const origin = isFresh ? known : { via, floor: number - BROADCAST_REORDER, blocks: new Map(), at: now };
		if (!takeNumber(origin, number)) return false;
		origin.at = now;
		this.#origins.delete(key);
		this.#origins.set(key, origin);
		if (this.#origins.size > MAX_ORIGINS) this.#evict();
		return true;
	}

	/** Forgets an origin of the neighbour that brought the most: one that invents origins displaces its own only. */
	#evict() {
		const counts = new Map<string, number>();
		for (const { via } of this.#origins.values()) counts.set(via, (counts.get(via) ?? 0) + 1);
		const most = Math.max(...counts.values());
		for (const [key, { via }] of this.#origins) {
			if (counts.get(via) === most) return this.#origins.delete(key);
		}
	}
}

/** @returns whether the number is new */
function takeNumber(origin: Origin, number: number): boolean {
	if (number < origin.floor) return false;
	const index = Math.floor(number / BROADCAST_BLOCK);
	const bit = number % BROADCAST_BLOCK;
	const block = origin.blocks.get(index) ?? new Uint8Array(BROADCAST_BLOCK / 8);
	const byte = bit >> 3;
	const mask = 1 << (bit & 7);
	const before = block[byte] ?? 0;
	if ((before & mask) !== 0) return false;
	block[byte] = before | mask;
	origin.blocks.set(index, block);
	if (origin.blocks.size > MAX_BROADCAST_BLOCKS) {
		const lowest = Math.min(...origin.blocks.keys());
		origin.blocks.delete(lowest);
		origin.floor = (lowest + 1) * BROADCAST_BLOCK;
	}
	return true;
}
