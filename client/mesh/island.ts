/**
 * The island of the mesh that this peer is in, and the links that the island can do without.
 *
 * An island is a set of peers that reach each other. The peer with the smallest id is its root. The root sends a beacon
 * every few seconds, and every peer passes it on to all neighbours. The neighbour that brought a beacon first is a peer's
 * parent. The links to parents are a tree that holds the island together, so any other link may go. Two peers with
 * different roots are on different islands, or will soon learn that they are not.
 */
import type { Timers } from "../environment.ts";
import { isId } from "../ids.ts";
import { Limiter } from "../limiter.ts";
import { BEACON_MAX_AGE_MS, BEACONS_MS, CHECK_MS, MAX_BEACONS, MAX_TOLD_LINKS } from "../limits.ts";
import type { ExtraHost } from "./extras.ts";
import { type BeaconFrame, isWhole } from "./frames.ts";

export interface IslandOptions {
	readonly timers: Timers;
	readonly selfId: string;
	/** Neighbours that take beacons: peers of p2pmesh do not. */
	neighbours(): readonly string[];
	send(peerIds: readonly string[], beacon: BeaconFrame): void;
}

export interface Redundant {
	readonly peerId: string;
	/** The links that the neighbour has. */
	readonly links: number;
	/** Whether it knows the frames of the trees of broadcasts. */
	readonly tree: boolean | undefined;
}

/** A beacon that was adopted. `at` is when its root sent it, by `Timers.elapsed`. */
interface Adopted extends Pick<BeaconFrame, "root" | "seq" | "parent"> {
	readonly at: number;
}

export class Island {
	readonly #options: IslandOptions;
	readonly #heard = new Map<string, BeaconFrame>();
	readonly #limiter: Limiter;
	#own: Adopted;
	/** When this peer came to its root. */
	#since: number;

	constructor(options: IslandOptions) {
		this.#options = options;
		this.#limiter = new Limiter(options.timers, MAX_BEACONS, BEACONS_MS);
		// Numbered by the wall clock, so that the numbers go on when the program starts again with the same id.
		this.#own = this.#asRoot(options.timers.now());
		this.#since = options.timers.elapsed();
	}

	get root(): string {
		return this.#own.root;
	}

	/** Whether this peer is the root, and not one of many that have just lost theirs: the next beacon shows which one is. */
	leads(): boolean {
		return this.root === this.#options.selfId && this.#options.timers.elapsed() - this.#since > 2 * CHECK_MS;
	}

	connected(peerId: string): void {
		this.#tell([peerId]);
	}

	disconnected(peerId: string): void {
		this.#heard.delete(peerId);
		if (this.#options.neighbours().length === 0) this.#beRoot();
		else if (this.#own.parent === peerId) this.#orphan();
	}

	/** @param beacon its fields may hold any value yet */
	receive(from: string, beacon: BeaconFrame): void {
		if (!isWithinBounds(beacon) || !this.#limiter.allows(from)) return;
		this.#heard.set(from, beacon);
		const { selfId, timers } = this.#options;
		const { root, seq, age, parent } = beacon;
		const own = this.#own;
		if (root === selfId) return;
		const better = root < own.root || (root === own.root && seq > own.seq);
		if (better && parent !== selfId && parent !== "") {
			this.#adopt({ root, seq, at: timers.elapsed() - age, parent: from });
		} else if (from === own.parent && root === own.root && parent === "") this.#orphan();
	}

	/** To be called every `CHECK_MS`, more or less. */
	tick(): void {
		if (this.#own.root === this.#options.selfId || this.#age() > BEACON_MAX_AGE_MS) this.#beRoot();
	}

	/** Neighbours that the island reaches without the link to them; the ones with the most links first. */
	redundant(): Redundant[] {
		const own = this.#own;
		if (own.parent === "" || this.#age() > 2 * CHECK_MS) return [];
		return this.#options
			.neighbours()
			.flatMap((peerId) => {
				const beacon = this.#heard.get(peerId);
				if (beacon?.root !== own.root || beacon.seq !== own.seq) return [];
				const inTree = peerId === own.parent || beacon.parent === this.#options.selfId || beacon.parent === "";
				return inTree ? [] : [{ peerId, links: beacon.links, tree: beacon.tree }];
			})
			.sort((a, b) => b.links - a.links);
	}

	#age() {
		return this.#options.timers.elapsed() - this.#own.at;
	}

	#asRoot(seq: number): Adopted {
		const { selfId, timers } = this.#options;
		return { root: selfId, seq, at: timers.elapsed(), parent: selfId };
	}

	#beRoot() {
		const last = this.#own.root === this.#options.selfId ? this.#own.seq : 0;
		this.#adopt(this.#asRoot(Math.max(last + 1, this.#options.timers.now())));
	}

	/** The tree is broken here. Until the next beacon no peer below may take a link for one too many. */
	#orphan() {
		this.#adopt({ ...this.#own, parent: "" });
	}

	#adopt(next: Adopted) {
		if (next.root !== this.root) this.#since = this.#options.timers.elapsed();
		this.#own = next;
		this.#tell(this.#options.neighbours());
	}

	#tell(peerIds: readonly string[]) {
		const { root, seq, parent } = this.#own;
		const age = Math.round(this.#age());
		// Past this age no neighbour would read it.
		if (age > BEACON_MAX_AGE_MS) return;
		const links = this.#options.neighbours().length;
		this.#options.send(peerIds, { kind: "beacon", root, seq, age, parent, links });
	}
}

export function start({ environment, selfId, emitter, ours, control, hasTree }: ExtraHost): Island {
	const island = new Island({
		timers: environment.timers,
		selfId,
		neighbours: ours,
		send: (peerIds, beacon) => control(peerIds, { ...beacon, tree: hasTree() || undefined }),
	});
	emitter.on("peer:connect", (peerId) => island.connected(peerId));
	emitter.on("peer:disconnect", (peerId) => island.disconnected(peerId));
	for (const peerId of ours()) island.connected(peerId);
	return island;
}

function isWithinBounds({ root, seq, age, parent, links }: BeaconFrame): boolean {
	const areIds = isId(root) && (parent === "" || isId(parent));
	const areCounts = isWhole(seq, 0, Number.MAX_SAFE_INTEGER) && isWhole(links, 0, MAX_TOLD_LINKS);
	return areIds && areCounts && isWhole(age, 0, BEACON_MAX_AGE_MS);
}
