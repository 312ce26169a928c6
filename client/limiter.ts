import { BoundedMap } from "./bounded-map.ts";
import type { Timers } from "./environment.ts";
import { MAX_KNOWN_PEERS } from "./limits.ts";

/** Lets each peer do something so many times in so many ms, and not more often. */
export class Limiter {
	readonly #timers: Pick<Timers, "elapsed">;
	readonly #times: number;
	readonly #ms: number;
	readonly #windows = new BoundedMap<string, { readonly since: number; count: number }>(MAX_KNOWN_PEERS);

	constructor(timers: Pick<Timers, "elapsed">, times: number, ms: number) {
		this.#timers = timers;
		this.#times = times;
		this.#ms = ms;
	}

	allows(peerId: string): boolean {
		const now = this.#timers.elapsed();
		let window = this.#windows.get(peerId);
		if (window === undefined || now - window.since >= this.#ms) {
			window = { since: now, count: 0 };
			this.#windows.set(peerId, window);
		}
		return ++window.count <= this.#times;
	}
}
