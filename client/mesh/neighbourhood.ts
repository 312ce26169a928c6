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
import type { Links } from "./links.ts";

export interface NeighbourhoodOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex">;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly island: Island;
	readonly links: Links;
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
	const { environment, selfId, maxPeers, island, links } = options;
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

	/** Whether there is nothing to call for. */
	const hasLink = (peerId: string) => peerId === selfId || links.get(peerId) !== undefined;
	const jittered = (ms: number) => ms * (0.75 + random() / 2);

	const learn = (peerId: string): Known => {
		const entry = known.get(peerId) ?? { notBefore: 0, strikes: 0, steps: 0 };
		if (!known.has(peerId)) known.set(peerId, entry);
		return entry;
	};

	/** Twice as long every time. @returns the steps that the call to it could still have gone on */
	const leaveAlone = (peerId: string): number => {
		const entry = learn(peerId);
		const { steps } = entry;
		entry.steps = 0;
		entry.notBefore = timers.now() + jittered(Math.min(COOLDOWN_MS * 2 ** entry.strikes++, ASK_MAX_MS));
		return steps;
	};

	/** Whether one more link fits in, where so many could go for it. At most as many as may overlap do so at a time. */
	const hasPlace = (replaceable = 0) => links.all().length < maxPeers + Math.min(OVERLAP_LINKS, replaceable);

	/** From a random one on: everybody is the first at times. */
	const rotated = (peerIds: readonly string[]) => {
		const start = Math.floor(random() * peerIds.length);
		return [...peerIds.slice(start), ...peerIds.slice(0, start)];
	};

	/** Calls those known, and asks for more where they are too few. */
	const fill = () => {
		const missing = fewest - links.all().length;
		if (closed || missing <= 0) return;
		const callable = [...known].filter(([peerId, { notBefore }]) => notBefore <= timers.now() && !hasLink(peerId));
		const candidates = rotated(callable.map(([peerId]) => peerId)).slice(0, missing);
		candidates.forEach(links.call);
		if (candidates.length < missing) void seek();
	};

	/**
	 * Asks the server for peers: whom to call, where links are few. Where they are not, the root of an island asks, and has
	 * one called whom its island does not reach. That one stands for another island.
	 */
	const seek = async () => {
		const now = timers.now();
		const few = links.open().length < fewest;
		if (now < nextSeek || !(few || island.root === selfId)) return;
		nextSeek = now + jittered(pause);
		pause = Math.min(pause * 2, ASK_MAX_MS);
		// The nearest first: they are the ones that are told of us, too. Then others, elsewhere each time.
		const target = few && asked++ === 0 ? selfId : environment.randomHex(40);
		const found = await options.findPeers(target).catch(() => []);
		if (few && found.some((peerId) => !hasLink(peerId) && !known.has(peerId))) soon();
		found.forEach(learn);
		if (few) return fill();
		for (const peerId of rotated(found).slice(0, MAX_PROBES)) {
			if (peerId === selfId || (await options.reaches(peerId))) continue;
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
		if (closed || hasLink(peerId)) return;
		if (hasPlace(island.redundant().length)) {
			learn(peerId).steps = steps;
			return links.call(peerId);
		}
		const [next] = rotated(links.kin());
		if (steps > 0 && next !== undefined) options.passBridge(next, peerId, Math.min(steps, MAX_BRIDGE_STEPS) - 1);
	};

	/** Lets go what is one too many. The new link is open by now, so that nobody is cut off in between. */
	const trim = () => {
		for (let over = links.open().length - maxPeers; over > 0; over--) {
			const [richest] = island.redundant();
			if (richest === undefined) return;
			leaveAlone(richest.peerId);
			links.close(richest.peerId);
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
		if (closed) return;
		known.delete(peerId); // introduced anew: whatever was before is forgotten
		const entry = learn(peerId);
		if (peerId < selfId) {
			const patience = jittered(PATIENCE_MS);
			entry.notBefore = timers.now() + patience;
			timers.after(patience, fill);
		} else if (hasPlace()) links.call(peerId);
	};

	return {
		introduced(peerIds) {
			peerIds.forEach(meet);
			nextSeek = timers.now() + PATIENCE_MS; // the list is what would be the answer
			if (cancelCheck === undefined) scheduleCheck();
		},
		joined: meet,

		answer(peerId, { island: theirs, links: count = 0 }) {
			learn(peerId);
			const redundant = island.redundant();
			// A link moves only from one that has more left than the caller gets: so moving comes to an end.
			const rich = redundant.filter((neighbour) => neighbour.links > count + 1);
			const accepted =
				hasPlace() ||
				(theirs !== island.root && hasPlace(redundant.length)) ||
				(count < fewest && hasPlace(rich.length));
			return accepted && !closed ? undefined : rotated(links.open()).slice(0, MAX_ALTERNATIVES);
		},

		refused(peerId, alternatives) {
			const steps = leaveAlone(peerId) || (links.open().length === 0 ? MAX_BRIDGE_STEPS : 0);
			alternatives.forEach(learn);
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
