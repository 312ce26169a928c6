/** The records that are known, the newest of each peer, within a limit. */
import { MAX_MEMBERS } from "../limits.ts";
import { isNewer, type MemberRecord } from "./record.ts";

interface Entry {
	readonly record: MemberRecord;
	/** The neighbour that brought it. */
	readonly via: string;
}

export class Records {
	readonly #entries = new Map<string, Entry>();

	get(id: string): MemberRecord | undefined {
		return this.#entries.get(id)?.record;
	}

	all(): MemberRecord[] {
		return [...this.#entries.values()].map(({ record }) => record);
	}

	/** @returns whether it is news */
	take(via: string, record: MemberRecord): boolean {
		const known = this.#entries.get(record.id);
		if (known !== undefined && !isNewer(record.version, known.record.version)) return false;
		if (known === undefined && this.#entries.size >= MAX_MEMBERS && !this.#makeRoom(via, record)) return false;
		this.#entries.set(record.id, { record, via });
		return true;
	}

	delete(id: string): void {
		this.#entries.delete(id);
	}

	clear(): void {
		this.#entries.clear();
	}

	/**
	 * Forgets a record of the neighbour that brought the most: one that invents peers displaces its own only. Neighbours
	 * themselves always have room.
	 */
	#makeRoom(via: string, { id }: MemberRecord): boolean {
		const counts = new Map<string, number>([[via, 0]]);
		for (const entry of this.#entries.values()) counts.set(entry.via, (counts.get(entry.via) ?? 0) + 1);
		const most = Math.max(...counts.values());
		if (via !== id && counts.get(via) === most) return false;
		for (const [held, entry] of this.#entries) {
			if (counts.get(entry.via) === most && entry.via !== held) return this.#entries.delete(held);
		}
		return false;
	}
}
