/**
 * Frames to peers that may be at any deployment. A frame goes out at home, unless its peer is known to be elsewhere. If the
 * deployment does not know the peer, that says nothing of the others: the frame goes out again at the next that may have it.
 */
import { BoundedMap } from "../bounded-map.ts";
import type { Timers } from "../environment.ts";
import { KEPT_FRAMES_MS, MAX_KEPT_FRAMES, MAX_KEPT_PEERS } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";
import type { Branch } from "./branch.ts";
import type { Places } from "./places.ts";
import type { Visits } from "./visits.ts";

export interface ForwardingOptions {
	readonly timers: Timers;
	readonly branches: readonly Branch[];
	readonly places: Places;
	readonly visits: Visits;
	home(): Branch | undefined;
}

interface Kept {
	/** Newest last. */
	frames: { readonly frame: RelayedFrame; readonly at: number }[];
	/** The deployments that do not know the peer, since the first of them said so. */
	readonly tried: Set<Branch>;
	/** Whether nothing is known of the peer but what others said. */
	readonly isUnknown: boolean;
}

export class Forwarding {
	readonly #options: ForwardingOptions;
	readonly #kept = new BoundedMap<string, Kept>(MAX_KEPT_PEERS);

	constructor(options: ForwardingOptions) {
		this.#options = options;
	}

	/** @throws MeshError `TOO_LARGE` */
	send(to: string, frame: RelayedFrame): void {
		const { places, home, timers } = this.#options;
		const now = timers.elapsed();
		const known = this.#kept.get(to);
		const frames = (known?.frames ?? []).filter(({ at }) => now - at < KEPT_FRAMES_MS).slice(1 - MAX_KEPT_FRAMES);
		const isKnown = known !== undefined && frames.length > 0;
		const kept: Kept = isKnown ? { ...known, frames } : { frames, tried: new Set(), isUnknown: !places.knows(to) };
		this.#kept.set(to, kept);
		frames.push({ frame, at: now });
		const own = home();
		const there = places.of(to).filter(({ isJoined }) => isJoined);
		const isOwn = own !== undefined && (there.includes(own) || there.length === 0) && !kept.tried.has(own);
		const via = isOwn ? own : (there.find((branch) => branch !== own) ?? this.#next(to, kept) ?? own);
		if (via !== undefined) this.#hand(via, to, frame);
	}

	/** A deployment does not know the peer. @returns whether another one is asked */
	absent(to: string, branch: Branch): boolean {
		const kept = this.#kept.get(to);
		if (kept === undefined) return false;
		kept.tried.add(branch);
		const next = this.#next(to, kept);
		if (next === undefined) {
			this.#kept.delete(to);
			return false;
		}
		const now = this.#options.timers.elapsed();
		for (const { frame, at } of kept.frames) if (now - at < KEPT_FRAMES_MS) this.#hand(next, to, frame);
		return true;
	}

	clear(): void {
		this.#kept.clear();
	}

	/** The next deployment that may have a peer: one that is known to, or any, if nothing is known of the peer. */
	#next(to: string, { tried, isUnknown }: Kept): Branch | undefined {
		const { branches, places, visits } = this.#options;
		const there = places.of(to);
		const others = isUnknown ? [...there, ...branches] : there;
		return others.find((branch) => !tried.has(branch) && visits.mayVisit(branch));
	}

	#hand(branch: Branch, to: string, frame: RelayedFrame) {
		const { home, visits } = this.#options;
		const own = home();
		if (branch !== own && branch.use === "none") void visits.enter(branch);
		visits.used(branch);
		// Tells the peer that we are only visiting. Candidates are gathered, and have no place for it.
		const isDescribed = "sdp" in Object(frame.signal);
		const mark = branch !== own && own !== undefined && isDescribed ? { region: own.region.mark } : {};
		branch.session.send(to, { ...frame, ...mark });
	}
}
