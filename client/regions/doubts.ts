/**
 * Peers that left one deployment. They may be at another one: then the mesh reaches them, and they are not gone. So the mesh
 * is asked, at once and later again, as long as it reaches them and no deployment names them.
 */
import { BoundedMap } from "../bounded-map.ts";
import { jittered } from "../chance.ts";
import type { Environment } from "../environment.ts";
import { FIRST_DOUBT_MS, MAX_DOUBT_MS, MAX_DOUBTS } from "../limits.ts";

interface Doubt {
	pause: number;
	cancel: () => void;
}

export interface DoubtsOptions {
	readonly environment: Pick<Environment, "timers" | "random">;
	/** Whether the mesh reaches a peer. */
	reaches(peerId: string): Promise<boolean>;
	/** The peer is gone. */
	gone(peerId: string): void;
}

export class Doubts {
	readonly #options: DoubtsOptions;
	readonly #doubts = new BoundedMap<string, Doubt>(MAX_DOUBTS);

	constructor(options: DoubtsOptions) {
		this.#options = options;
	}

	/** Looks now whether the peer is gone. */
	raise(peerId: string): void {
		this.settle(peerId);
		const doubt: Doubt = { pause: FIRST_DOUBT_MS, cancel: () => {} };
		this.#doubts.set(peerId, doubt);
		void this.#look(peerId, doubt);
	}

	/** A deployment named the peer. */
	settle(peerId: string): void {
		this.#doubts.get(peerId)?.cancel();
		this.#doubts.delete(peerId);
	}

	has(peerId: string): boolean {
		return this.#doubts.has(peerId);
	}

	clear(): void {
		for (const peerId of [...this.#doubts.keys()]) this.settle(peerId);
	}

	async #look(peerId: string, doubt: Doubt) {
		const { environment, reaches, gone } = this.#options;
		const isReached = await reaches(peerId);
		if (this.#doubts.get(peerId) !== doubt) return; // settled since, or raised again
		if (isReached) {
			const ms = jittered(doubt.pause, environment.random);
			doubt.pause = Math.min(2 * doubt.pause, MAX_DOUBT_MS);
			doubt.cancel = environment.timers.after(ms, () => void this.#look(peerId, doubt));
			return;
		}
		this.#doubts.delete(peerId);
		gone(peerId);
	}
}
