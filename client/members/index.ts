/**
 * The members of the room: every peer that the mesh reaches, with its metadata. Loads when the application or a neighbour first
 * uses it. A peer with this part passes on the records of all others, whether its application asks for them or not.
 */

import { Limiter } from "../limiter.ts";
import { MAX_CORRECTIONS, RECORDS_HEARD_MS, SPREAD_MS } from "../limits.ts";
import type { Member } from "../mesh/api.ts";
import type { Extra, ExtraHost } from "../mesh/extras.ts";
import type { ExtraFrame } from "../mesh/frames.ts";
import { Attendance } from "./attendance.ts";
import { reach } from "./reach.ts";
import { copyMetadata, type MemberRecord, type Metadata, nextVersion } from "./record.ts";
import { Records } from "./records.ts";
import { Spread } from "./spread.ts";

export interface Members extends Extra {
	list(): Member[];
	/** @throws MeshError `BAD_OPTIONS`, BadData */
	setMetadata(metadata: Metadata): void;
}

class RoomMembers implements Members {
	readonly #host: ExtraHost;
	readonly #records = new Records();
	readonly #spread: Spread;
	readonly #attendance: Attendance;
	readonly #corrections: Limiter;
	#own: MemberRecord;
	#reached: ReadonlyMap<string, number> = new Map();
	/** When it looks again, by `Timers.elapsed`, and how not to. */
	#due = Number.POSITIVE_INFINITY;
	#cancelLook: (() => void) | undefined;
	#isLeft = false;

	constructor(host: ExtraHost) {
		const { environment, selfId, emitter } = host;
		const { timers } = environment;
		this.#host = host;
		this.#own = {
			id: selfId,
			version: Number.parseInt(environment.randomHex(8), 16),
			links: host.peers(),
			metadata: {},
		};
		this.#corrections = new Limiter(timers, MAX_CORRECTIONS, RECORDS_HEARD_MS);
		this.#attendance = new Attendance(timers, {
			join: (peerId, metadata) => emitter.emit("peer:join", peerId, metadata),
			update: (peerId, metadata) => emitter.emit("peer:update", peerId, metadata),
			leave: (peerId) => emitter.emit("peer:leave", peerId),
			bare: () => this.#spread.askAll(),
			forget: (peerId) => this.#records.delete(peerId),
		});
		this.#spread = new Spread({
			timers,
			send: (neighbour, body) => host.transmit(neighbour, { kind: "members", bytes: true, body }),
			records: () => [this.#own, ...this.#records.all()],
			get: (id) => (id === selfId ? this.#own : this.#records.get(id)),
			take: (via, record) => this.#take(via, record),
			contradicted: (version) => this.#correct(version),
			isOwn: (id) => id === selfId,
		});
		emitter.on("peer:connect", (peerId) => this.#connected(peerId));
		emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
		emitter.on("state", (state) => {
			this.#isLeft = state === "left";
			if (this.#isLeft) this.#clear();
		});
		for (const peerId of host.peers()) this.#connected(peerId);
	}

	list(): Member[] {
		return [...this.#attendance.present].map(([peerId, metadata]) => ({
			peerId,
			metadata,
			hops: this.#reached.get(peerId),
			links: this.#records.get(peerId)?.links ?? [],
		}));
	}

	setMetadata(metadata: Metadata): void {
		this.#change({ metadata: copyMetadata(metadata) });
	}

	receive(via: string, frame: ExtraFrame): void {
		// After `leave` neighbours may still be draining.
		if (!this.#isLeft) this.#spread.receive(via, frame.body);
	}

	#connected(peerId: string) {
		if (this.#host.ours().includes(peerId)) this.#spread.connected(peerId);
		this.#change({ links: this.#host.peers() });
	}

	#disconnected(peerId: string) {
		this.#spread.disconnected(peerId);
		this.#change({ links: this.#host.peers() });
	}

	#change(change: Partial<MemberRecord>, version = this.#own.version) {
		this.#own = { ...this.#own, ...change, version: nextVersion(version) };
		this.#spread.pass(this.#own);
		this.#lookSoon();
	}

	/** Another record of this peer is under way: from before its program started again, or forged. This one is to be newer. */
	#correct(version: number) {
		if (this.#corrections.allows("")) this.#change({}, version);
	}

	#take(via: string, record: MemberRecord): boolean {
		const isNews = this.#records.take(via, record);
		if (isNews) this.#lookSoon();
		return isNews;
	}

	#lookSoon(ms = SPREAD_MS) {
		const { timers } = this.#host.environment;
		const due = timers.elapsed() + ms;
		if (due >= this.#due || this.#isLeft) return;
		this.#cancelLook?.();
		this.#due = due;
		this.#cancelLook = timers.after(ms, () => this.#look());
	}

	#look() {
		this.#due = Number.POSITIVE_INFINITY;
		const records = this.#records.all();
		this.#reached = reach(this.#own.id, this.#own.links, records);
		const metadata = new Map(records.map((record) => [record.id, record.metadata]));
		const again = this.#attendance.look(new Set(this.#reached.keys()), metadata);
		if (again !== undefined) this.#lookSoon(again);
	}

	#clear() {
		this.#cancelLook?.();
		this.#due = Number.POSITIVE_INFINITY;
		this.#records.clear();
		this.#attendance.clear();
		this.#reached = new Map();
	}
}

export function start(host: ExtraHost): Members {
	return new RoomMembers(host);
}
