/**
 * Spares the invocations that wait for a client that does not read.
 *
 * API Gateway answers 429 when a client's buffer is full, and a repetition takes time. A client that refuses some posts in
 * a row gets none for a while, and the sender of a frame to it learns that at once and without a call.
 */
import { MUTE_MS, REFUSALS_OF_MUTE } from "./limits.ts";
import { type Delivery, type Dependencies, DependencyError, type PeerSender } from "./ports.ts";

/** The connection has refused so many posts that the server does not try another one now. */
export class MuteError extends DependencyError {
	constructor() {
		super("post to a client that reads nothing", { cause: undefined, reported: true, busy: true });
	}
}

interface Refusals {
	count: number;
	/** Until then nothing is posted, in ms since the epoch. */
	muteUntil: number;
}

export function sparingSender({ sender, clock, createCache }: Dependencies): PeerSender {
	/** connection id -> its refusals since the last frame that it took */
	const refusals = createCache<Refusals>();

	const noteRefusal = (connectionId: string, known: Refusals | undefined) => {
		const count = (known?.count ?? 0) + 1;
		refusals.set(connectionId, { count, muteUntil: count >= REFUSALS_OF_MUTE ? clock.now() + MUTE_MS : 0 });
	};

	const settle = async (connectionId: string, delivery: Promise<Delivery>, known: Refusals | undefined) => {
		try {
			const delivered = await delivery;
			if (known !== undefined) refusals.delete(connectionId);
			return delivered;
		} catch (cause) {
			if (cause instanceof DependencyError && cause.busy) noteRefusal(connectionId, known);
			throw cause;
		}
	};

	return {
		post(connectionId, text, urgency) {
			const known = refusals.get(connectionId);
			const left = known === undefined ? 0 : known.muteUntil - clock.now();
			// A longer wait comes from a clock that was set back.
			if (left > 0 && left <= MUTE_MS) return Promise.reject(new MuteError());
			const delivery = sender.post(connectionId, text, urgency);
			if (delivery instanceof Promise) return settle(connectionId, delivery, known);
			if (known !== undefined) refusals.delete(connectionId);
			return delivery;
		},
		close: (connectionId) => sender.close(connectionId),
		isOpen: (connectionId) => sender.isOpen(connectionId),
	};
}
