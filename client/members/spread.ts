/**
 * Records on their way from neighbour to neighbour.
 *
 * Two neighbours begin with a greeting. A client that does not know it says nothing, and gets nothing else. Then each tells
 * which records it has, and gets the others. From then on a neighbour gets a record when it changes, so a room at rest costs
 * nothing.
 */
import type { Timers } from "../environment.ts";
import { decodeText, encodeText, isObject, parseJson } from "../json.ts";
import { Limiter } from "../limiter.ts";
import {
	MAX_MEMBERS,
	MAX_RECORDS_BYTES,
	MAX_RECORDS_HEARD_BYTES,
	MAX_TALLIES,
	RECORDS_HEARD_MS,
	SPREAD_AGAIN_MS,
	SPREAD_MS,
} from "../limits.ts";
import { type Held, isHeld, isNewer, type MemberRecord, readRecord, writeRecord } from "./record.ts";

export interface SpreadOptions {
	readonly timers: Timers;
	/** Sends to a neighbour: a greeting without a body. Rejects if it is lost. */
	send(neighbour: string, body: Uint8Array): Promise<void>;
	/** Every record that is known, this peer's own among them. */
	records(): readonly MemberRecord[];
	get(id: string): MemberRecord | undefined;
	/** A neighbour tells of a record. @returns whether it was news */
	take(via: string, record: MemberRecord): boolean;
	/** A neighbour has another record of this peer than its own. */
	contradicted(version: number): void;
	isOwn(id: string): boolean;
}

interface Neighbour {
	/** Whether it takes more than a greeting. */
	greeted: boolean;
	/** Ids of the records that it is to get. */
	readonly pending: Set<string>;
	cancelSending?: (() => void) | undefined;
	cancelTally?: (() => void) | undefined;
	/** Of the time that runs: when it began, and what was heard. */
	heardSince: number;
	heardBytes: number;
}

export class Spread {
	readonly #options: SpreadOptions;
	readonly #neighbours = new Map<string, Neighbour>();
	readonly #tallies: Limiter;

	constructor(options: SpreadOptions) {
		this.#options = options;
		this.#tallies = new Limiter(options.timers, MAX_TALLIES, RECORDS_HEARD_MS);
	}

	connected(id: string): void {
		this.disconnected(id);
		const heardSince = this.#options.timers.elapsed();
		this.#neighbours.set(id, { greeted: false, pending: new Set(), heardSince, heardBytes: 0 });
		this.#options.send(id, new Uint8Array(0)).catch(() => {}); // the link is about to end
	}

	disconnected(id: string): void {
		const neighbour = this.#neighbours.get(id);
		neighbour?.cancelSending?.();
		neighbour?.cancelTally?.();
		this.#neighbours.delete(id);
	}

	/** A record is news to all neighbours, except those that have it from its peer itself. */
	pass(record: MemberRecord, via?: string): void {
		for (const [id, neighbour] of this.#neighbours) {
			if (id === via || id === record.id) continue;
			if (via === undefined || !record.links.includes(id)) this.#queue(id, neighbour, [record.id]);
		}
	}

	/** Something may have been lost on its way here: asks all neighbours. */
	askAll(): void {
		for (const [id, neighbour] of this.#neighbours) if (neighbour.greeted) this.#askLater(id, neighbour);
	}

	receive(via: string, body: Uint8Array): void {
		const neighbour = this.#neighbours.get(via);
		if (neighbour === undefined) return;
		if (!neighbour.greeted) {
			neighbour.greeted = true;
			this.#ask(via);
		}
		if (body.length === 0) return;
		if (!this.#isWithinBudget(neighbour, body.length)) {
			this.#askLater(via, neighbour);
			return;
		}
		const told = parseJson(decodeText(body));
		if (!isObject(told)) return;
		if (Array.isArray(told.have)) this.#compare(via, neighbour, told.have.slice(0, MAX_MEMBERS + 1).filter(isHeld));
		if (Array.isArray(told.records)) {
			for (const written of told.records.slice(0, MAX_MEMBERS + 1)) this.#take(via, readRecord(written));
		}
	}

	#take(via: string, record: MemberRecord | undefined) {
		if (record === undefined) return;
		const { get, isOwn, contradicted, take } = this.#options;
		this.#neighbours.get(via)?.pending.delete(record.id);
		if (isOwn(record.id)) {
			const own = get(record.id);
			const isSame = JSON.stringify(own && writeRecord(own)) === JSON.stringify(writeRecord(record));
			if (own !== undefined && !isSame && !isNewer(own.version, record.version)) contradicted(record.version);
		} else if (take(via, record)) this.pass(record, via);
	}

	/** A neighbour says which records it has. It gets those that it lacks. */
	#compare(via: string, neighbour: Neighbour, have: readonly Held[]) {
		if (!this.#tallies.allows(via)) return;
		const { isOwn, get, contradicted, records } = this.#options;
		const versions = new Map(have);
		for (const [id, version] of versions) {
			const own = isOwn(id) ? get(id) : undefined;
			if (own !== undefined && isNewer(version, own.version)) contradicted(version);
		}
		const lacks = records().filter(({ id, version }) => {
			const theirs = versions.get(id);
			return theirs === undefined || isNewer(version, theirs);
		});
		this.#queue(
			via,
			neighbour,
			lacks.flatMap(({ id }) => (id === via ? [] : [id])),
		);
	}

	#ask(id: string) {
		const have = this.#options.records().map(({ id, version }): Held => [id, version]);
		const lost = () => {
			const neighbour = this.#neighbours.get(id);
			if (neighbour !== undefined) this.#askLater(id, neighbour);
		};
		this.#options.send(id, encodeText(JSON.stringify({ have }))).catch(lost);
	}

	#askLater(id: string, neighbour: Neighbour) {
		neighbour.cancelTally ??= this.#options.timers.after(RECORDS_HEARD_MS, () => {
			neighbour.cancelTally = undefined;
			this.#ask(id);
		});
	}

	#queue(id: string, neighbour: Neighbour, ids: readonly string[], ms = SPREAD_MS) {
		for (const other of ids) neighbour.pending.add(other);
		if (neighbour.pending.size === 0) return;
		neighbour.cancelSending ??= this.#options.timers.after(ms, () => {
			neighbour.cancelSending = undefined;
			if (neighbour.greeted) this.#send(id, neighbour);
			// Else it gets all that it lacks once it has answered the greeting.
			else neighbour.pending.clear();
		});
	}

	#send(id: string, neighbour: Neighbour) {
		const ids: string[] = [];
		const records: string[] = [];
		let bytes = 0;
		for (const pending of neighbour.pending) {
			neighbour.pending.delete(pending);
			const record = this.#options.get(pending);
			if (record === undefined) continue;
			const written = JSON.stringify(writeRecord(record));
			ids.push(pending);
			records.push(written);
			bytes += written.length;
			if (bytes >= MAX_RECORDS_BYTES) break;
		}
		if (records.length === 0) return;
		const lost = () => {
			if (this.#neighbours.get(id) === neighbour) this.#queue(id, neighbour, ids, SPREAD_AGAIN_MS);
		};
		this.#options.send(id, encodeText(`{"records":[${records.join()}]}`)).catch(lost);
		this.#queue(id, neighbour, []);
	}

	/** What a neighbour may make us read and pass on. */
	#isWithinBudget(neighbour: Neighbour, bytes: number): boolean {
		const now = this.#options.timers.elapsed();
		if (now - neighbour.heardSince >= RECORDS_HEARD_MS) {
			neighbour.heardSince = now;
			neighbour.heardBytes = 0;
		}
		neighbour.heardBytes += bytes;
		return neighbour.heardBytes <= MAX_RECORDS_HEARD_BYTES;
	}
}
