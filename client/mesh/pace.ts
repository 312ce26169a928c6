/** How long a broadcast waits for its links. A link that lags behind holds up no other. */
import type { Emitter } from "../emitter.ts";
import type { Timers } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import { SLOW_LINK_MS } from "../limits.ts";
import type { MeshEvents } from "./api.ts";
import type { Sent } from "./routing.ts";

export class Pace {
	readonly #timers: Pick<Timers, "after">;
	readonly #emit: Emitter<MeshEvents>["emit"];
	/** The errors that were told. A queue has one for all that it refuses until half of it has gone. */
	readonly #told = new WeakSet<MeshError>();
	/** By peer: what its link has not taken in time. Until it has, nothing is waited for there. */
	readonly #late = new Map<string, Promise<void>>();

	constructor(timers: Pick<Timers, "after">, emit: Emitter<MeshEvents>["emit"]) {
		this.#timers = timers;
		this.#emit = emit;
	}

	/**
	 * Resolves once all links that keep pace have taken it. One has taken it already, and shows the pace.
	 * @returns how many took it, or have it in their queue
	 */
	async wait(sent: Sent): Promise<number> {
		const awaited = new Map<string, Promise<void>>();
		let taken = sent.size;
		let done = () => {};
		for (const [peerId, one] of sent) {
			if (!this.#late.has(peerId)) awaited.set(peerId, one);
			const settled = () => {
				awaited.delete(peerId);
				if (this.#late.get(peerId) === one) this.#late.delete(peerId);
				if (awaited.size === 0) done();
			};
			one
				.catch((error: MeshError) => {
					taken--;
					this.#tell(peerId, error);
				})
				.then(settled);
		}
		await new Promise<void>((resolve) => {
			const cancel = this.#timers.after(SLOW_LINK_MS, resolve);
			done = () => {
				cancel();
				resolve();
			};
			if (awaited.size === 0) done();
		});
		for (const [peerId, one] of awaited) this.#late.set(peerId, one);
		return taken;
	}

	/** Once for each stall, and not for each message. */
	#tell(peerId: string, cause: MeshError) {
		if (cause.code !== "BUFFER_FULL" || this.#told.has(cause)) return;
		this.#told.add(cause);
		const message = `Too much waits for ${peerId}. It misses broadcasts until it has taken half of that.`;
		this.#emit("error", passing("BUFFER_FULL", message, { peerId, cause }));
	}
}
