/**
 * Whom to link with, and whom to let go. It decides; the links themselves are the business of others.
 *
 * - Of two that are introduced to each other the one with the smaller id calls, as between p2pmesh's peers. The other
 *   calls after a while of patience, if it still needs the link.
 * - With fewer than `FEWEST_LINKS` links a peer calls those it knows of, and asks the server for more.
 * - A full peer makes place for a caller from another island, and for one that has few links, by letting go a link that
 *   its own island can do without (island.ts). It refuses all others, and names its neighbours instead.
 * - The root of an island asks the server for peers anywhere, and has those called that its island does not reach. So
 *   islands become one, also where all their peers are full.
 */

import { BoundedMap } from "../bounded-map.ts";
import type { Environment } from "../environment.ts";
import {
	ASK_MAX_MS,
	BRIDGE_PAUSE_MS,
	CHECK_MS,
	COOLDOWN_MS,
	FEWEST_LINKS,
	MAX_ALTERNATIVES,
	MAX_BRIDGE_STEPS,
	MAX_KNOWN_PEERS,
	MAX_PROBES,
	OVERLAP_LINKS,
	PATIENCE_MS,
} from "../limits.ts";
import type { Caller } from "../webrtc/signals.ts";
import type { Island } from "./island.ts";

export interface NeighbourhoodOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex">;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly island: Island;
	/** Ids of the peers with a link that is open, and of those with one in the making. */
	open(): readonly string[];
	connecting(): readonly string[];
	/** Those of `open` that are no peers of p2pmesh. */
	kin(): readonly string[];
	call(peerId: string): void;
	/** Closes a link. */
	drop(peerId: string): void;
	/** Asks the server for peers near to a key. Rejects where it does not answer. */
	findPeers(target: string): Promise<readonly string[]>;
	/** Whether the mesh reaches a peer. */
	reaches(peerId: string): Promise<boolean>;
	/** Asks a neighbour to call a peer of another island, or to pass that on. */
	passBridge(neighbour: string, peerId: string, steps: number): void;
}

export interface Neighbourhood {
	/** The server listed these to us as we joined, and told them of us. The first call starts it all. */
	introduced(peerIds: readonly string[]): void;
	/** The server told us of a newcomer. */
	joined(peerId: string): void;
	/** Whom somebody who calls might call instead. Undefined: it is let in. */
	answer(peerId: string, caller: Caller): readonly string[] | undefined;
	/** A peer that we called refused. */
	refused(peerId: string, alternatives: readonly string[]): void;
	opened(peerId: string): void;
	/** A link ended, or did not come about. */
	ended(peerId: string): void;
	/** The server does not know the peer. */
	gone(peerId: string): void;
	/** A neighbour asks for a bridge to a peer of another island. */
	bridge(peerId: string, steps: number): void;
	close(): void;
}

/** Somebody who could be called. */
interface Known {
	/** Not before this time. */
	notBefore: number;
	/** How often in a row it was of no use. */
	strikes: number;
	/** Where a call is to bridge islands: how many steps it may still go on if refused. */
	steps: number;
}

export function createNeighbourhood(options: NeighbourhoodOptions): Neighbourhood {
	const { environment, selfId, maxPeers, island, open, connecting, call, drop } = options;
	const { timers, random } = environment;
	/** One less than the limit, so that a newcomer finds place without driving others out. */
	const fewest = Math.min(FEWEST_LINKS, Math.max(1, maxPeers - 1));
	const known = new BoundedMap<string, Known>(MAX_KNOWN_PEERS);
	let closed = false;
	let cancelCheck: (() => void) | undefined;
	let pause = CHECK_MS;
	let nextSeek = 0;
	let nextBridge = 0;
	let asked = 0;

	const used = () => open().length + connecting().length;
	const hasLink = (peerId: string) => open().includes(peerId) || connecting().includes(peerId);
	const jittered = (ms: number) => ms * (0.75 + random() / 2);

	const learn = (peerId: string, notBefore = 0): boolean => {
		if (peerId === selfId || known.has(peerId)) return false;
		known.set(peerId, { notBefore, strikes: 0, steps: 0 });
		return true;
	};

	/** Twice as long every time. @returns the steps that the call to it could still have gone on */
	const leaveAlone = (peerId: string): number => {
		learn(peerId);
		const entry = known.get(peerId);
		if (entry === undefined) return 0; // ourselves
		const { steps } = entry;
		entry.steps = 0;
		entry.notBefore = timers.now() + jittered(Math.min(COOLDOWN_MS * 2 ** entry.strikes++, ASK_MAX_MS));
		return steps;
	};

	/** At most as many as may overlap give way at the same time. */
	const hasPlaceFor = (replaceable: number) => used() < maxPeers + Math.min(OVERLAP_LINKS, replaceable);

	/** From a random one on: everybody is the first at times. */
	const rotated = (peerIds: readonly string[]) => {
		const start = Math.floor(random() * peerIds.length);
		return [...peerIds.slice(start), ...peerIds.slice(0, start)];
	};

	/** Calls those known, and asks for more where they are too few. */
	const fill = () => {
		const missing = fewest - used();
		if (closed || missing <= 0) return;
		const callable = [...known].filter(([peerId, { notBefore }]) => notBefore <= timers.now() && !hasLink(peerId));
		const candidates = rotated(callable.map(([peerId]) => peerId)).slice(0, missing);
		candidates.forEach(call);
		if (candidates.length < missing) void seek();
	};

	/**
	 * Asks the server for peers: whom to call, where links are few. Where they are not, the root of an island asks, and has
	 * one called whom its island does not reach. That one stands for another island.
	 */
	const seek = async () => {
		const now = timers.now();
		const few = open().length < fewest;
		if (now < nextSeek || !(few || island.root === selfId)) return;
		nextSeek = now + jittered(pause);
		pause = Math.min(pause * 2, ASK_MAX_MS);
		// The nearest first: they are the ones that are told of us, too. Then others, elsewhere each time.
		const target = few && asked++ === 0 ? selfId : environment.randomHex(40);
		const found = await options.findPeers(target).catch(() => []);
		const isNew = found.map((peerId) => learn(peerId)).includes(true);
		if (few && isNew) soon();
		if (few) return fill();
		for (const peerId of rotated(found).slice(0, MAX_PROBES)) {
			if (closed || peerId === selfId || (await options.reaches(peerId))) continue;
			soon();
			return bridge(peerId, MAX_BRIDGE_STEPS);
		}
	};

	/** Something has changed: it is worth asking again. */
	const soon = () => {
		pause = CHECK_MS;
		nextSeek = Math.min(nextSeek, timers.now() + pause);
	};

	const bridge = (peerId: string, steps: number) => {
		if (closed || hasLink(peerId) || peerId === selfId) return;
		if (hasPlaceFor(island.redundant().length)) {
			learn(peerId);
			const entry = known.get(peerId);
			if (entry !== undefined) entry.steps = steps;
			return call(peerId);
		}
		const [next] = rotated(options.kin());
		if (steps > 0 && next !== undefined) options.passBridge(next, peerId, Math.min(steps, MAX_BRIDGE_STEPS) - 1);
	};

	/** Lets go what is one too many. The new link is open by now, so that nobody is cut off in between. */
	const trim = () => {
		for (let over = open().length - maxPeers; over > 0; over--) {
			const [richest] = island.redundant();
			if (richest === undefined) return;
			leaveAlone(richest.peerId);
			drop(richest.peerId);
		}
	};

	const scheduleCheck = () => {
		cancelCheck = timers.after(jittered(CHECK_MS), () => {
			scheduleCheck();
			island.tick();
			trim();
			fill();
			void seek();
		});
	};

	/** Calls, if it is this peer's turn to call; else waits for the other to do so. */
	const meet = (peerId: string) => {
		known.delete(peerId); // introduced anew: whatever was before is forgotten
		const patience = peerId < selfId ? jittered(PATIENCE_MS) : 0;
		if (closed || !learn(peerId, timers.now() + patience)) return;
		if (patience > 0) timers.after(patience, fill);
		else if (!hasLink(peerId) && used() < maxPeers) call(peerId);
	};

	return {
		introduced(peerIds) {
			peerIds.forEach(meet);
			nextSeek = timers.now() + PATIENCE_MS; // the list is what would be the answer
			if (cancelCheck === undefined) scheduleCheck();
		},
		joined: meet,

		answer(peerId, { island: theirs, links = 0 }) {
			learn(peerId);
			const redundant = island.redundant();
			// A link moves only from one that has more left than the caller gets: so moving comes to an end.
			const rich = redundant.filter((neighbour) => neighbour.links > links + 1);
			const accepted =
				used() < maxPeers ||
				(theirs !== island.root && hasPlaceFor(redundant.length)) ||
				(links < fewest && hasPlaceFor(rich.length));
			return accepted && !closed ? undefined : rotated(open()).slice(0, MAX_ALTERNATIVES);
		},

		refused(peerId, alternatives) {
			const steps = leaveAlone(peerId) || (open().length === 0 ? MAX_BRIDGE_STEPS : 0);
			for (const other of alternatives) learn(other);
			const [next] = rotated(alternatives.filter((other) => !hasLink(other)));
			if (steps > 0 && next !== undefined) bridge(next, steps - 1);
			else fill();
		},

		opened(peerId) {
			known.delete(peerId);
			soon();
			trim();
			island.opened(peerId);
		},

		ended(peerId) {
			leaveAlone(peerId);
			soon();
			fill();
		},

		gone(peerId) {
			known.delete(peerId);
			fill();
		},

		bridge(peerId, steps) {
			// A neighbour must not make us call on and on.
			if (timers.now() < nextBridge) return;
			nextBridge = timers.now() + BRIDGE_PAUSE_MS;
			bridge(peerId, steps);
		},

		close() {
			closed = true;
			cancelCheck?.();
		},
	};
}
