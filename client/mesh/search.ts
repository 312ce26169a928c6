/**
 * The search for peers to link with: through the mesh, from the server, and on other islands. Loads when peers are missing, or
 * after a while.
 *
 * - The mesh is asked first, and the server only if that gave too little.
 * - The root of an island asks the server for peers anywhere, and has those called that its island does not reach. So
 *   islands become one, even if all their peers are full.
 */
import {
	ASK_MAX_MS,
	ASK_NEIGHBOURS_MS,
	BRIDGE_PAUSE_MS,
	CHECK_MS,
	MAX_BRIDGE_STEPS,
	MAX_PROBES,
	PATIENCE_MS,
} from "../limits.ts";
import type { ExtraHost } from "./extras.ts";
import type { Neighbourhood, SignalWays } from "./neighbourhood.ts";

export class Search {
	readonly #all: Neighbourhood;
	#pause = CHECK_MS;
	#nextSeek = 0;
	#introducedAt = 0;
	#nextBridge = 0;
	#nextLook = 0;
	#asked = 0;

	constructor(neighbourhood: Neighbourhood) {
		this.#all = neighbourhood;
	}

	/** Peers are missing. */
	more(): void {
		const overlay = this.#all.options.signalWays();
		void (overlay ? this.#look(overlay) : this.seek());
	}

	/** The overlay reaches one more neighbour: it may lead to others now. */
	entered(): void {
		const { listed } = this.#all;
		if (!this.#all.hasPlace()) listed.clear();
		for (const peerId of listed) void this.#callThrough(peerId);
		this.#all.fill();
	}

	/** A neighbour asks for a bridge to a peer of another island. */
	asked(peerId: string, steps: number): void {
		// A neighbour must not make us call on and on.
		if (this.#now() < this.#nextBridge) return;
		this.#nextBridge = this.#now() + BRIDGE_PAUSE_MS;
		this.bridge(peerId, steps);
	}

	/** Calls a peer through the mesh. If no way leads to it, another one that is near to it, so that we link near and far. */
	async #callThrough(peerId: string) {
		const { signalWays } = this.#all.options;
		this.#all.listed.delete(peerId);
		if (this.#all.hasLink(peerId)) return;
		const found = signalWays()?.leadsTo(peerId) ? [peerId] : ((await signalWays()?.find(peerId)) ?? []);
		const others = found.filter((other) => !this.#all.listed.has(other) && !this.#all.hasLink(other));
		const isFound = found.includes(peerId);
		const [called] = isFound ? [peerId] : others;
		// In a small room, where all are linked, it is called in the end.
		if (!isFound) this.#all.listed.add(peerId);
		if (called !== undefined && !this.#all.closed && this.#all.hasPlace()) this.#all.call(called);
	}

	/** Asks the neighbours for peers, and then the server. */
	async #look(overlay: SignalWays) {
		const { environment, selfId } = this.#all.options;
		if (this.#now() < this.#nextLook) return;
		this.#nextLook = this.#now() + ASK_NEIGHBOURS_MS;
		// Near ones and far ones: meshes of near ones alone come apart.
		const found = await Promise.all([selfId, environment.randomHex(40)].map((key) => overlay.find(key)));
		for (const peerId of found.flat()) this.#all.candidates.learn(peerId);
		if (this.#all.closed) return;
		this.#all.callSome((peerId) => overlay.leadsTo(peerId));
		this.#all.callSome(() => true);
		if (this.#all.missing() > 0) void this.seek();
	}

	/**
	 * Asks the server for peers. With few links, they are called. With enough, only the root of an island asks, and has a
	 * peer called that its island does not reach: that peer stands for another island.
	 */
	async seek(): Promise<void> {
		const { environment, links, leads, selfId, findPeers, reaches } = this.#all.options;
		const now = this.#now();
		const { introducedAt } = this.#all;
		if (introducedAt !== this.#introducedAt) {
			this.#introducedAt = introducedAt;
			this.#nextSeek = introducedAt + PATIENCE_MS; // the server would list the same again
		}
		const few = links.open().length < this.#all.fewest;
		if (now < this.#nextSeek || !(few || leads())) return;
		this.#nextSeek = now + this.#all.candidates.jittered(this.#pause);
		this.#pause = Math.min(this.#pause * 2, ASK_MAX_MS);
		// The nearest first: the server tells them of us, too. Then others, elsewhere each time.
		const target = few && this.#asked++ === 0 ? selfId : environment.randomHex(40);
		const found = await findPeers(target).catch(() => []);
		if (few && found.some((peerId) => !this.#all.hasLink(peerId) && !this.#all.candidates.has(peerId))) this.soon();
		for (const peerId of found) this.#all.candidates.learn(peerId);
		if (few) return this.#all.fill();
		for (const peerId of this.#all.candidates.rotated(found).slice(0, MAX_PROBES)) {
			if (peerId === selfId || (await reaches(peerId))) continue;
			this.soon();
			return this.bridge(peerId, MAX_BRIDGE_STEPS);
		}
	}

	/** Something has changed: it is worth asking again. */
	soon(): void {
		this.#pause = CHECK_MS;
		this.#nextSeek = Math.min(this.#nextSeek, this.#now() + this.#pause);
	}

	/** Calls a peer of another island, or has a neighbour call it. @param steps how often that may be passed on */
	bridge(peerId: string, steps: number): void {
		const { options } = this.#all;
		if (this.#all.closed || this.#all.hasLink(peerId)) return;
		if (this.#all.hasPlace(options.redundant().length)) {
			this.#all.candidates.learn(peerId).steps = steps;
			this.#all.call(peerId);
			return;
		}
		const [next] = this.#all.candidates.rotated(options.ours());
		if (steps > 0 && next !== undefined) {
			options.control([next], { kind: "bridge", to: peerId, steps: steps - 1 });
		}
	}

	#now() {
		return this.#all.options.environment.timers.elapsed();
	}
}

export function start({ neighbourhood }: ExtraHost): Search {
	return new Search(neighbourhood);
}
