/** How much each of many may have us carry in a time: so many pieces, and so many bytes. */
import { BoundedMap } from "../bounded-map.ts";
import type { Timers } from "../environment.ts";
import { MAX_KNOWN_PEERS, OVERLAY_MS } from "../limits.ts";

export class Budget {
	readonly #timers: Pick<Timers, "elapsed">;
	readonly #pieces: number;
	readonly #bytes: number;
	readonly #windows = new BoundedMap<string, { readonly since: number; pieces: number; bytes: number }>(
		MAX_KNOWN_PEERS,
	);

	constructor(timers: Pick<Timers, "elapsed">, pieces: number, bytes = 0) {
		this.#timers = timers;
		this.#pieces = pieces;
		this.#bytes = bytes;
	}

	allows(peerId: string, bytes = 0): boolean {
		const now = this.#timers.elapsed();
		let window = this.#windows.get(peerId);
		if (window === undefined || now - window.since >= OVERLAY_MS) {
			window = { since: now, pieces: 0, bytes: 0 };
			this.#windows.set(peerId, window);
		}
		window.pieces++;
		window.bytes += bytes;
		return window.pieces <= this.#pieces && window.bytes <= this.#bytes;
	}
}
