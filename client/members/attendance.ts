/**
 * Who is here, as the application is told it: each arrival and each departure once.
 *
 * Records overtake each other, and links move. So a peer that is reached no longer is missed for a moment before it counts
 * as gone. A peer that others tell of is awaited for a moment, until its own record with its metadata is here.
 */
import type { Timers } from "../environment.ts";
import { FORGET_MEMBER_MS, MEMBER_GRACE_MS } from "../limits.ts";
import type { Metadata } from "./record.ts";

export interface AttendanceEvents {
	join(peerId: string, metadata: Metadata): void;
	update(peerId: string, metadata: Metadata): void;
	leave(peerId: string): void;
	/** A peer is reached, and its record has not come: it has none, or it was lost. */
	bare(): void;
	/** A peer was not reached for so long that its record is of no use. */
	forget(peerId: string): void;
}

export class Attendance {
	readonly #timers: Timers;
	readonly #events: AttendanceEvents;
	/** The peers that the application knows of, with what it knows. */
	readonly #present = new Map<string, Metadata>();
	/** By peer: since when it has been missed, or awaited, by `Timers.elapsed`. */
	readonly #missed = new Map<string, number>();
	readonly #awaited = new Map<string, number>();

	constructor(timers: Timers, events: AttendanceEvents) {
		this.#timers = timers;
		this.#events = events;
	}

	get present(): ReadonlyMap<string, Metadata> {
		return this.#present;
	}

	/**
	 * Compares with how it is now.
	 * @param reached the peers that the mesh reaches
	 * @param metadata by peer, of all records that are known
	 * @returns in how many ms to look again, unless something changes before
	 */
	look(reached: ReadonlySet<string>, metadata: ReadonlyMap<string, Metadata>): number | undefined {
		const now = this.#timers.elapsed();
		const news: (() => void)[] = [];
		this.#lookForArrivals(now, reached, metadata, news);
		this.#lookForDepartures(now, reached, metadata, news);
		for (const tell of news) tell();
		const due = [
			...[...this.#awaited.values()].map((since) => since + MEMBER_GRACE_MS),
			...[...this.#missed].map(([id, since]) => since + (this.#present.has(id) ? MEMBER_GRACE_MS : FORGET_MEMBER_MS)),
		];
		return due.length === 0 ? undefined : Math.max(1, Math.min(...due) - now);
	}

	clear(): void {
		this.#present.clear();
		this.#missed.clear();
		this.#awaited.clear();
	}

	#lookForArrivals(
		now: number,
		reached: ReadonlySet<string>,
		metadata: ReadonlyMap<string, Metadata>,
		news: (() => void)[],
	) {
		for (const id of this.#awaited.keys()) if (!reached.has(id)) this.#awaited.delete(id);
		for (const id of reached) {
			this.#missed.delete(id);
			const known = this.#present.get(id);
			const told = metadata.get(id);
			if (known !== undefined) {
				if (told === undefined || told === known) continue;
				this.#present.set(id, told);
				// A record with other links has the same metadata.
				if (JSON.stringify(told) !== JSON.stringify(known)) news.push(() => this.#events.update(id, told));
				continue;
			}
			if (told === undefined && !this.#isOver(this.#awaited, id, now, MEMBER_GRACE_MS)) continue;
			this.#awaited.delete(id);
			const first = told ?? {};
			this.#present.set(id, first);
			news.push(() => this.#events.join(id, first));
			if (told === undefined) news.push(() => this.#events.bare());
		}
	}

	#lookForDepartures(
		now: number,
		reached: ReadonlySet<string>,
		metadata: ReadonlyMap<string, Metadata>,
		news: (() => void)[],
	) {
		for (const id of new Set([...this.#present.keys(), ...metadata.keys()])) {
			if (reached.has(id)) continue;
			if (this.#isOver(this.#missed, id, now, MEMBER_GRACE_MS) && this.#present.delete(id)) {
				news.push(() => this.#events.leave(id));
			}
			if (!this.#isOver(this.#missed, id, now, FORGET_MEMBER_MS)) continue;
			this.#missed.delete(id);
			this.#events.forget(id);
		}
		for (const id of this.#missed.keys()) {
			if (!this.#present.has(id) && !metadata.has(id)) this.#missed.delete(id);
		}
	}

	/** Whether it has lasted for so long. Begins with the first question. */
	#isOver(since: Map<string, number>, id: string, now: number, ms: number): boolean {
		const start = since.get(id) ?? now;
		since.set(id, start);
		return now - start >= ms;
	}
}
