/**
 * Which peer was named by which deployment, and when.
 *
 * Each deployment has its own clock. So the times of leases are compared within one deployment only, and the rest of the
 * client gets numbers in their place: a peer's number grows when its program may have started again, or when it comes back.
 */
import { BoundedMap } from "../bounded-map.ts";
import { MAX_ROSTER_PEERS } from "../limits.ts";
import type { Branch } from "./branch.ts";

interface Lease {
	readonly at: number;
	readonly isHere: boolean;
}

interface Entry {
	readonly leases: Map<Branch, Lease>;
	/** In place of the time of a lease. */
	number: number;
	/** Whether the rest of the client was told that it left. */
	isGone: boolean;
}

export class Places {
	readonly #entries = new BoundedMap<string, Entry>(MAX_ROSTER_PEERS);

	/** Whether any deployment or peer named it. */
	knows(peerId: string): boolean {
		return this.#entries.has(peerId);
	}

	/** The deployments that the peer is at, as far as is known. */
	of(peerId: string): Branch[] {
		return [...(this.#entries.get(peerId)?.leases ?? [])].flatMap(([branch, { isHere }]) => (isHere ? [branch] : []));
	}

	/** A frame of the peer, or a word of another one, shows that it is there. */
	learn(peerId: string, branch: Branch): void {
		const { leases } = this.#enter(peerId);
		const at = leases.get(branch)?.at ?? Number.NEGATIVE_INFINITY;
		leases.set(branch, { at, isHere: true });
	}

	/**
	 * The deployment named the peer.
	 * @param at the time of its lease there
	 * @returns the number of the news; undefined if the news is old
	 */
	joined(peerId: string, branch: Branch, at?: number): number | undefined {
		const entry = this.#enter(peerId);
		const lease = entry.leases.get(branch);
		if (lease !== undefined && at !== undefined && (at < lease.at || (at === lease.at && !lease.isHere)))
			return undefined;
		const isLater = lease?.isHere && at !== undefined && Number.isFinite(lease.at) && at > lease.at;
		if (isLater || entry.isGone) entry.number++;
		entry.isGone = false;
		entry.leases.set(branch, { at: at ?? lease?.at ?? Number.NEGATIVE_INFINITY, isHere: true });
		return entry.number;
	}

	/**
	 * The deployment says that the peer left it.
	 * @returns whether that is news, and no other deployment that this peer is at has it
	 */
	left(peerId: string, branch: Branch, at?: number): boolean {
		const { leases } = this.#enter(peerId);
		const lease = leases.get(branch);
		if (lease !== undefined && at !== undefined && at < lease.at) return false;
		leases.set(branch, { at: at ?? lease?.at ?? Number.NEGATIVE_INFINITY, isHere: false });
		return !this.of(peerId).some(({ isJoined }) => isJoined);
	}

	/** The peer is nowhere. @returns the number of that news */
	gone(peerId: string): number {
		const entry = this.#enter(peerId);
		entry.isGone = true;
		for (const [branch, { at }] of entry.leases) entry.leases.set(branch, { at, isHere: false });
		return entry.number;
	}

	clear(): void {
		this.#entries.clear();
	}

	#enter(peerId: string): Entry {
		const entry = this.#entries.get(peerId) ?? { leases: new Map(), number: 1, isGone: false };
		if (!this.#entries.has(peerId)) this.#entries.set(peerId, entry);
		return entry;
	}
}
