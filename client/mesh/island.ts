/**
 * Which island of the mesh this peer is in, and which of its links that island can do without.
 *
 * The peer with the smallest id of all that reach each other is the root of their island. It sends a beacon every few
 * seconds, which everybody passes on to all neighbours; whoever a beacon came from first is one's parent. The links to
 * parents are a tree that holds the island together, so any other link may go and all still reach each other. Two peers
 * with different roots are on different islands, or will soon find out that they are not.
 */
import type { Timers } from "../environment.ts";
import { isId } from "../ids.ts";
import { BEACON_MAX_AGE_MS, CHECK_MS } from "../limits.ts";

export interface Beacon {
	readonly root: string;
	/** Which of the root's beacons it is: larger is newer. */
	readonly seq: number;
	/** ms since the root sent it. */
	readonly age: number;
	/** The sender's parent; empty where it has lost it and hears of a new one with the next beacon only. */
	readonly parent: string;
	/** The sender's links. */
	readonly links: number;
}

export interface IslandOptions {
	readonly timers: Timers;
	readonly selfId: string;
	/** Neighbours that take beacons: peers of p2pmesh do not. */
	neighbours(): readonly string[];
	send(peerId: string, beacon: Beacon): void;
}

export interface Island {
	readonly root: string;
	/** A link opened. */
	opened(peerId: string): void;
	/** A link closed. */
	closed(peerId: string): void;
	receive(from: string, beacon: Beacon): void;
	/** Every `CHECK_MS`, more or less. */
	tick(): void;
	/** Neighbours that the island reaches without the link to them; those with the most links first. */
	redundant(): { readonly peerId: string; readonly links: number }[];
}

export function createIsland({ timers, selfId, neighbours, send }: IslandOptions): Island {
	const heard = new Map<string, Beacon>();
	const asRoot = (seq: number) => ({ root: selfId, seq, at: timers.now(), parent: selfId });
	/** Numbered by the clock, so that it goes on where the program is started anew with the same id. */
	let own = asRoot(timers.now());

	const tell = (peerIds = neighbours()) => {
		const { root, seq, at, parent } = own;
		const beacon = { root, seq, age: timers.now() - at, parent, links: neighbours().length };
		for (const peerId of peerIds) send(peerId, beacon);
	};

	const adopt = (next: typeof own) => {
		own = next;
		tell();
	};

	const beRoot = () => {
		const last = own.root === selfId ? own.seq : 0;
		adopt(asRoot(Math.max(last + 1, timers.now())));
	};

	/** The tree is broken here. Until the next beacon nobody below may take a link for one too many. */
	const orphan = () => adopt({ ...own, parent: "" });

	return {
		get root() {
			return own.root;
		},
		opened(peerId) {
			tell([peerId]);
		},
		closed(peerId) {
			heard.delete(peerId);
			if (neighbours().length === 0) beRoot();
			else if (own.parent === peerId) orphan();
		},
		receive(from, beacon) {
			heard.set(from, beacon);
			const { root, seq, age, parent } = beacon;
			if (root === selfId || age > BEACON_MAX_AGE_MS) return;
			const better = root < own.root || (root === own.root && seq > own.seq);
			if (better && parent !== selfId && parent !== "") adopt({ root, seq, at: timers.now() - age, parent: from });
			else if (from === own.parent && root === own.root && parent === "") orphan();
		},
		tick() {
			if (own.root === selfId || timers.now() - own.at > BEACON_MAX_AGE_MS) beRoot();
		},
		redundant() {
			if (own.parent === "" || timers.now() - own.at > 2 * CHECK_MS) return [];
			return neighbours()
				.flatMap((peerId) => {
					const beacon = heard.get(peerId);
					const inTree = peerId === own.parent || beacon?.parent === selfId || beacon?.parent === "";
					return beacon?.root === own.root && beacon.seq === own.seq && !inTree
						? [{ peerId, links: beacon.links }]
						: [];
				})
				.sort((a, b) => b.links - a.links);
		},
	};
}

/** Whether a neighbour sent a beacon. */
export function isBeacon(value: object): value is Beacon {
	const { root, seq, age, parent, links } = value as Partial<Beacon>;
	return (
		isId(root) && (parent === "" || isId(parent)) && [seq, age, links].every((count) => Number.isSafeInteger(count))
	);
}
