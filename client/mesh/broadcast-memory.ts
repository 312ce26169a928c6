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
import type { Timers } from "../environment.ts";
import { BROADCAST_BLOCK, BROADCAST_IDLE_MS, BROADCAST_REORDER, MAX_BROADCAST_BLOCKS, MAX_ORIGINS } from "../limits.ts";

/** One run of a peer. */
export interface Origin {
	/** The neighbour that brought its first broadcast. */
	readonly via: string;
	/** Numbers below are old. */
	floor: number;
	/** By number of the block: one bit for each of its numbers. */
	readonly blocks: Map<number, Uint8Array>;
	/** When it last had a new number, by `Timers.elapsed`. */
	at: number;
}

/** What is known of a broadcast. */
export interface Known {
	/** Whether it has certainly not been here before. */
	readonly isNew: boolean;
	readonly origin: Origin;
	readonly run: string;
	readonly number: number;
}

/** How an id holds a number. Peers of p2pmesh and of version 0.1 have other ids. */
const NUMBERED = /^([0-9a-f]{16})\.([0-9]{1,15})$/;

export class BroadcastMemory {
	readonly #timers: Pick<Timers, "elapsed">;
	/** By run, which no two peers share; the one that was active last is the last. */
	readonly origins = new Map<string, Origin>();

	constructor(timers: Pick<Timers, "elapsed">) {
		this.#timers = timers;
	}

	/**
	 * Takes note of a broadcast.
	 * @param via the neighbour that brought it, or this peer itself
	 * @returns undefined if its id has no number
	 */
	take(id: string, via: string): Known | undefined {
		const [, run, digits] = NUMBERED.exec(id) ?? [];
		if (run === undefined) return undefined;
		const number = Number(digits);
		const known = this.origins.get(run);
		const now = this.#timers.elapsed();
		const isFresh = known !== undefined && now - known.at < BROADCAST_IDLE_MS;
		const origin = isFresh ? known : { via, floor: number - BROADCAST_REORDER, blocks: new Map(), at: now };
		const isNew = takeNumber(origin, number);
		if (isNew) {
			origin.at = now;
			this.origins.delete(run);
			this.origins.set(run, origin);
			if (this.origins.size > MAX_ORIGINS) this.#evict();
		}
		return { isNew, origin, run, number };
	}

	/** Forgets an origin of the neighbour that brought the most: one that invents origins displaces its own only. */
	#evict() {
		const counts = new Map<string, number>();
		for (const { via } of this.origins.values()) counts.set(via, (counts.get(via) ?? 0) + 1);
		const most = Math.max(...counts.values());
		for (const [key, { via }] of this.origins) {
			if (counts.get(via) === most) return this.origins.delete(key);
		}
	}
}

/** Whether a number would not be new. */
export function hasNumber(origin: Origin, number: number): boolean {
	const { index, byte, mask } = placeOf(number);
	return number < origin.floor || ((origin.blocks.get(index)?.[byte] ?? 0) & mask) !== 0;
}

function placeOf(number: number) {
	const bit = number % BROADCAST_BLOCK;
	return { index: Math.floor(number / BROADCAST_BLOCK), byte: bit >> 3, mask: 1 << (bit & 7) };
}

/** @returns whether the number is new */
function takeNumber(origin: Origin, number: number): boolean {
	if (hasNumber(origin, number)) return false;
	const { index, byte, mask } = placeOf(number);
	const block = origin.blocks.get(index) ?? new Uint8Array(BROADCAST_BLOCK / 8);
	block[byte] = (block[byte] ?? 0) | mask;
	origin.blocks.set(index, block);
	if (origin.blocks.size > MAX_BROADCAST_BLOCKS) {
		const lowest = Math.min(...origin.blocks.keys());
		origin.blocks.delete(lowest);
		origin.floor = (lowest + 1) * BROADCAST_BLOCK;
	}
	return true;
}
