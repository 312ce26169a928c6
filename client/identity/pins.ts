/** The key that each peer has shown, and which of its signals have been here. */
import { MAX_PINS, REPLAY_WINDOW } from "../limits.ts";
import type { PeerKey } from "../mesh/api.ts";

export class Pin implements PeerKey {
	readonly key: string;
	vouched: PeerKey["vouched"];
	readonly imported: CryptoKey;
	/** Numbers of signals that were here. All up to the floor count as such. */
	readonly #seen = new Set<number>();
	#floor = Number.NEGATIVE_INFINITY;

	constructor(key: string, vouched: PeerKey["vouched"], imported: CryptoKey) {
		this.key = key;
		this.vouched = vouched;
		this.imported = imported;
	}

	isNew(n: number): boolean {
		return n > this.#floor && !this.#seen.has(n);
	}

	/** Only for a signal with a verified signature: forged ones could exhaust the numbers. */
	note(n: number): void {
		this.#seen.add(n);
		if (this.#seen.size <= REPLAY_WINDOW) return;
		// Signals overtake each other, but not so many.
		this.#floor = Math.min(...this.#seen);
		this.#seen.delete(this.#floor);
	}
}

export class Pins {
	readonly #pins = new Map<string, Pin>();
	readonly #hasLink: (peerId: string) => boolean;

	constructor(hasLink: (peerId: string) => boolean) {
		this.#hasLink = hasLink;
	}

	get(peerId: string): Pin | undefined {
		return this.#pins.get(peerId);
	}

	/** The pin of a peer with a link is not forgotten, however many other keys others invent. */
	set(peerId: string, pin: Pin): void {
		this.#pins.delete(peerId);
		this.#pins.set(peerId, pin);
		if (this.#pins.size <= MAX_PINS) return;
		for (const other of this.#pins.keys()) {
			if (other === peerId || this.#hasLink(other)) continue;
			this.#pins.delete(other);
			return;
		}
	}

	delete(peerId: string): void {
		this.#pins.delete(peerId);
	}
}
