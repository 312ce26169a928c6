/** Peers that could be called, and when. */
import { BoundedMap } from "../bounded-map.ts";
import { jittered, rotated } from "../chance.ts";
import type { Environment } from "../environment.ts";
import { ASK_MAX_MS, COOLDOWN_MS, LINK_TRIES, MAX_KNOWN_PEERS } from "../limits.ts";

interface Candidate {
	/** It is not called before this time, by `Timers.elapsed`. */
	notBefore: number;
	/** How often in a row it was of no use. */
	strikes: number;
	/** If a call is to bridge islands: how many refusals the bridge may still go on from. */
	steps: number;
}

export class Candidates {
	readonly #known = new BoundedMap<string, Candidate>(MAX_KNOWN_PEERS);
	readonly #environment: Pick<Environment, "timers" | "random">;

	constructor(environment: Pick<Environment, "timers" | "random">) {
		this.#environment = environment;
	}

	has(peerId: string): boolean {
		return this.#known.has(peerId);
	}

	learn(peerId: string): Candidate {
		const candidate = this.#known.get(peerId) ?? { notBefore: 0, strikes: 0, steps: 0 };
		if (!this.#known.has(peerId)) this.#known.set(peerId, candidate);
		return candidate;
	}

	forget(peerId: string): void {
		this.#known.delete(peerId);
	}

	/** Leaves a peer alone for a while, twice as long every time. @returns the steps that its bridge had left */
	leaveAlone(peerId: string): number {
		const candidate = this.learn(peerId);
		const { steps } = candidate;
		candidate.steps = 0;
		const ms = Math.min(COOLDOWN_MS * 2 ** candidate.strikes++, ASK_MAX_MS);
		candidate.notBefore = this.#environment.timers.elapsed() + this.jittered(ms);
		return steps;
	}

	/** Whether links with this peer, its own calls among them, have failed as often as one is tried, and it is left alone. */
	isSuspect(peerId: string): boolean {
		const { strikes, notBefore } = this.learn(peerId);
		return strikes >= LINK_TRIES && this.#environment.timers.elapsed() < notBefore;
	}

	/** Peers that may be called now. */
	callable(): string[] {
		const now = this.#environment.timers.elapsed();
		return [...this.#known].flatMap(([peerId, { notBefore }]) => (notBefore <= now ? [peerId] : []));
	}

	jittered(ms: number): number {
		return jittered(ms, this.#environment.random);
	}

	rotated(peerIds: readonly string[]): string[] {
		return rotated(peerIds, this.#environment.random);
	}
}
