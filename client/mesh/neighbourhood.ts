/**
 * Decides which peers to link with, and which links to let go.
 *
 * - Of two peers that are introduced to each other the one with the smaller id calls, as between p2pmesh's peers. The other
 *   waits for a while, and calls then if it still needs the link. It calls at once if the first may not know of it.
 * - A newcomer calls the peers that know the overlay itself: one by the server, and the others through the mesh once that
 *   link is open. They wait for it.
 * - With fewer than `FEWEST_LINKS` links a peer calls the peers that it knows of, and has more found (search.ts).
 * - A full peer makes place for a caller from another island, and for a caller that has few links: it lets a link go that
 *   its own island can do without (island.ts). It refuses all others, and names its neighbours instead.
 * - A link that is in the making for long takes no place. So peers that do not answer keep no peer out that does.
 */
import type { Environment } from "../environment.ts";
import {
	CHECK_MS,
	FEWEST_LINKS,
	FIRST_LINK_MS,
	GIVEN_UP_MS,
	KEEPS_OUT_MS,
	MAX_ALTERNATIVES,
	MAX_BRIDGE_STEPS,
	OVERLAP_LINKS,
	PATIENCE_MS,
	SLOW_CALL_MS,
} from "../limits.ts";
import type { Link } from "../webrtc/link.ts";
import type { Caller } from "../webrtc/signals.ts";
import { Candidates } from "./candidates.ts";
import type { BridgeFrame } from "./frames.ts";
import type { Redundant } from "./island.ts";
import type { Links } from "./links.ts";
import type { Search } from "./search.ts";

/** The ways of signals through the mesh (overlay/). */
export interface SignalWays {
	/** Whether one to that peer is known. */
	leadsTo(peerId: string): boolean;
	/** Finds peers near to a key, and ways to them. The nearest comes first. */
	find(key: string): Promise<readonly string[]>;
}

export interface NeighbourhoodOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex">;
	readonly selfId: string;
	readonly maxPeers: number;
	/** Of this peer's island. */
	root(): string;
	/** Whether this peer is that root, and not for a moment only. */
	leads(): boolean;
	/** Neighbours that the island reaches without the link to them; the ones with the most links first. */
	redundant(): readonly Redundant[];
	/** To be called every `CHECK_MS`, more or less. */
	tick(): void;
	readonly links: Links;
	/** Neighbours that take a request for a bridge: peers of p2pmesh do not. */
	ours(): readonly string[];
	/** Once a neighbour knows the overlay. */
	signalWays(): SignalWays | undefined;
	/** Whether the server says that the peer knows the overlay. */
	knowsOverlay(peerId: string): boolean | undefined;
	/** Asks the server for peers near to a key. Rejects if it does not answer. */
	findPeers(target: string): Promise<readonly string[]>;
	/** Whether the mesh reaches a peer. */
	reaches(peerId: string): Promise<boolean>;
	/** Sends a frame that serves the mesh itself. If it is lost, the next one will do. */
	control(neighbours: readonly string[], frame: BridgeFrame): void;
	/** Has the search do something, once it is loaded. */
	search(act: (search: Search) => void): void;
}

export class Neighbourhood {
	readonly options: NeighbourhoodOptions;
	readonly candidates: Candidates;
	/** One less than the limit, so that a newcomer finds place and drives no other peer out. */
	readonly fewest: number;
	/** Cancels the timers that wait for the calls of others, and for the answers to ours. */
	readonly #patience = new Set<() => void>();
	closed = false;
	#cancelCheck: (() => void) | undefined;
	/** When the server listed peers to us, by `Timers.elapsed`. */
	introducedAt = 0;
	/** Peers that the server listed to us as we joined, and that are called once the mesh leads to them. */
	readonly listed = new Set<string>();

	constructor(options: NeighbourhoodOptions) {
		this.options = options;
		this.candidates = new Candidates(options.environment);
		this.fewest = Math.min(FEWEST_LINKS, Math.max(1, options.maxPeers - 1));
	}

	/** The server listed these peers to us as we joined, and told them of us. The first call starts the checks. */
	introduced(peerIds: readonly string[]): void {
		const { knowsOverlay } = this.options;
		for (const peerId of peerIds) if (!knowsOverlay(peerId)) this.met(peerId);
		this.#enter(peerIds.filter((peerId) => knowsOverlay(peerId) && !this.hasLink(peerId)));
		this.introducedAt = this.options.environment.timers.elapsed();
		if (this.#cancelCheck === undefined) this.#scheduleCheck();
	}

	/**
	 * A newcomer is there, or a peer wants a link. Calls it, if it is this peer's turn to call; else waits for its call.
	 * @param knowsUs whether that peer may be about to call
	 */
	met(peerId: string, knowsUs = true): void {
		if (this.closed) return;
		const { selfId, knowsOverlay } = this.options;
		const enters = knowsOverlay(peerId);
		this.candidates.forget(peerId); // a new introduction: earlier failures do not count
		this.candidates.learn(peerId);
		if (enters || (knowsUs && peerId < selfId)) this.#await(peerId, enters ? 2 * PATIENCE_MS : PATIENCE_MS);
		else if (this.hasPlace()) this.call(peerId);
	}

	/** @returns the peers that a caller might call instead; undefined: it is let in */
	admit(peerId: string, { island: theirs, links: told }: Caller): readonly string[] | undefined {
		const { root, links, maxPeers } = this.options;
		const count = told ?? 0;
		const isSuspect = this.candidates.isSuspect(peerId);
		const redundant = this.options.redundant();
		// A link moves only from a peer that has more left than the caller gets: so the moving comes to an end.
		const rich = redundant.filter((neighbour) => neighbour.links > count + 1);
		const accepted =
			this.hasPlace() ||
			(theirs !== root() && this.hasPlace(redundant.length)) ||
			(count < this.fewest && this.hasPlace(rich.length)) ||
			// A newcomer, which would have to try others by the server. Among so many links one can soon go (`#trim`).
			(told === 0 && maxPeers > FEWEST_LINKS && this.hasPlace(OVERLAP_LINKS));
		if (accepted && !isSuspect && !this.closed && this.#makeWay()) return undefined;
		return this.candidates.rotated(links.open()).slice(0, MAX_ALTERNATIVES);
	}

	/** A peer that we called refused. */
	refused(peerId: string, alternatives: readonly string[]): void {
		const { links } = this.options;
		const left = this.candidates.leaveAlone(peerId);
		const steps = left || (links.open().length === 0 ? MAX_BRIDGE_STEPS : 0);
		for (const other of alternatives) this.candidates.learn(other);
		const [next] = this.candidates.rotated(alternatives.filter((other) => !this.hasLink(other)));
		if (steps > 0 && next !== undefined) this.options.search((search) => search.bridge(next, steps - 1));
		else this.fill();
	}

	connected(peerId: string): void {
		this.candidates.forget(peerId);
		// A link more splits no island: its root need not ask for others.
		if (this.missing() > 0) this.#soon();
		this.#trim();
		const { links, maxPeers } = this.options;
		// Slow links that took no place may all open in the end.
		if (links.open().length > maxPeers + OVERLAP_LINKS) links.close(peerId);
	}

	/** A link ended, or did not come about. */
	ended(peerId: string): void {
		this.candidates.leaveAlone(peerId);
		this.#soon();
		this.fill();
	}

	/** The server does not know the peer. */
	gone(peerId: string): void {
		this.candidates.forget(peerId);
		this.fill();
	}

	open(): void {
		this.closed = false;
	}

	close(): void {
		this.closed = true;
		this.#cancelCheck?.();
		this.#cancelCheck = undefined;
		for (const cancel of this.#patience) cancel();
		this.#patience.clear();
	}

	/** Whether there is no reason to call. */
	hasLink(peerId: string) {
		return peerId === this.options.selfId || this.options.links.get(peerId) !== undefined;
	}

	/** How many links take a place. @param callMs how long a call of ours does that is not answered */
	#taken(callMs: number) {
		const takes = ({ age, calling }: Link) => age < (calling === undefined ? KEEPS_OUT_MS : callMs);
		return this.options.links.all().filter(takes).length;
	}

	/** Whether one more link fits in, if so many could go for it. At most as many as may overlap do so at a time. */
	hasPlace(replaceable = 0) {
		return this.#taken(KEEPS_OUT_MS) < this.options.maxPeers + Math.min(OVERLAP_LINKS, replaceable);
	}

	/** Before one more link is made: gives up the oldest in the making, if they are too many. @returns whether it may be made */
	#makeWay(): boolean {
		const { links, maxPeers } = this.options;
		const all = links.all();
		if (all.length < 2 * maxPeers) return true;
		const [oldest] = [...all].sort((a, b) => b.age - a.age);
		if (oldest === undefined || oldest.age < GIVEN_UP_MS) return false;
		this.candidates.leaveAlone(oldest.peerId);
		links.close(oldest.peerId);
		return true;
	}

	call(peerId: string) {
		if (this.hasLink(peerId) || !this.#makeWay()) return;
		this.options.links.call(peerId);
		// By then the call takes no place if it is not answered.
		this.#after(this.candidates.jittered(1.4 * SLOW_CALL_MS), () => this.fill());
	}

	#after(ms: number, act: () => void) {
		const cancel = this.options.environment.timers.after(ms, () => {
			this.#patience.delete(cancel);
			act();
		});
		this.#patience.add(cancel);
	}

	/** Leaves the calling to a peer for a while. */
	#await(peerId: string, ms: number) {
		const candidate = this.candidates.learn(peerId);
		candidate.notBefore = Number.POSITIVE_INFINITY;
		this.#after(this.candidates.jittered(ms), () => {
			// Not a time: a timer may fire a little before its own, and the call would wait for the next check.
			candidate.notBefore = 0;
			this.fill();
		});
	}

	/** We are new to these peers, and call one of them, or two. The mesh leads from there to the others. */
	#enter(peerIds: readonly string[]) {
		const { links } = this.options;
		for (const peerId of peerIds) {
			this.candidates.forget(peerId);
			this.#await(peerId, 2 * FIRST_LINK_MS);
		}
		if (links.open().length > 0) return;
		const [first, second] = peerIds;
		this.listed.clear();
		for (const peerId of peerIds) this.listed.add(peerId);
		this.options.search(() => {}); // so that it is there once the link is
		if (first !== undefined) this.call(first);
		this.#after(FIRST_LINK_MS, () => {
			if (second !== undefined && links.open().length === 0) this.call(second);
		});
		this.#after(2 * FIRST_LINK_MS, () => {
			for (const peerId of this.listed) if (this.hasPlace()) this.call(peerId);
			this.listed.clear();
		});
	}

	/** Calls known peers, those first to whom a way through the mesh is known. Has more found if they are too few. */
	fill() {
		if (this.closed || this.missing() <= 0) return;
		const overlay = this.options.signalWays();
		this.callSome((peerId) => overlay?.leadsTo(peerId) ?? true);
		if (this.missing() > 0) this.options.search((search) => search.more());
	}

	missing() {
		return this.fewest - this.#taken(SLOW_CALL_MS);
	}

	callSome(mayCall: (peerId: string) => boolean) {
		const callable = this.candidates.callable().filter((peerId) => !this.hasLink(peerId) && mayCall(peerId));
		for (const peerId of this.candidates.rotated(callable).slice(0, Math.max(0, this.missing()))) this.call(peerId);
	}

	#soon() {
		this.options.search((search) => search.soon());
	}

	/** Lets go one link too many. The new link is open by now, so that no peer is cut off in between. */
	#trim() {
		const { links, redundant, maxPeers } = this.options;
		for (let over = links.open().length - maxPeers; over > 0; over--) {
			const [richest] = redundant();
			if (richest === undefined) return;
			this.candidates.leaveAlone(richest.peerId);
			links.close(richest.peerId);
		}
	}

	#scheduleCheck() {
		this.#cancelCheck = this.options.environment.timers.after(this.candidates.jittered(CHECK_MS), () => {
			this.#scheduleCheck();
			this.options.tick();
			this.#trim();
			this.fill();
			this.options.search((search) => void search.seek());
		});
	}
}
