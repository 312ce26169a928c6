/**
 * Memory of each peer's signals, since frames may overtake each other: the number of its newest description, and the
 * candidates that came before their offer.
 */
import { BoundedMap } from "../bounded-map.ts";
import type { Timers } from "../environment.ts";
import { MAX_EARLY_CANDIDATES, MAX_QUEUED_MS, MAX_REMEMBERED_PEERS } from "../limits.ts";
import type { Candidate, Description } from "./signals.ts";

export interface Inbox {
	/** Whether it is newer than all before. An older one belongs to an attempt that its sender has given up. */
	isNew(from: string, description: Description): boolean;
	/** Keeps a candidate for an attempt that is not known yet. */
	keep(from: string, candidate: Candidate): void;
	/** The candidates kept for an attempt; one that names no attempt fits each. All of them are forgotten. */
	take(from: string, attempt: string | undefined): Candidate[];
}

interface Memory {
	readonly at: number;
	newest: number;
	early: Candidate[];
}

export function createInbox(timers: Timers): Inbox {
	const memories = new BoundedMap<string, Memory>(MAX_REMEMBERED_PEERS);

	const memoryOf = (from: string): Memory => {
		const now = timers.elapsed();
		let memory = memories.get(from);
		// No frame is on its way for so long.
		if (memory === undefined || now - memory.at > MAX_QUEUED_MS) {
			memory = { at: now, newest: -1, early: [] };
			memories.set(from, memory);
		}
		return memory;
	};

	return {
		isNew(from, { order }) {
			const memory = memoryOf(from);
			if (order === undefined) return true; // p2pmesh's peers do not number
			if (!(order > memory.newest)) return false;
			memory.newest = order;
			return true;
		},
		keep(from, candidate) {
			const { early } = memoryOf(from);
			if (early.length < MAX_EARLY_CANDIDATES) early.push(candidate);
		},
		take(from, attempt) {
			const memory = memoryOf(from);
			const taken = memory.early.filter((candidate) => (candidate.attempt ?? attempt) === attempt);
			memory.early = [];
			return taken;
		},
	};
}
