/**
 * How a peer id moves from one connection to another: the older connection is barred, then the newer one takes the lease,
 * then the older one is dismissed. So no two connections act under one id at the same time, whichever step fails.
 */
import { encodeFrame, errorFrame, type ServerFrame } from "../../protocol/index.ts";
import type { Directory } from "./directory.ts";
import { RECONNECT_WITHIN_MS } from "./limits.ts";
import type { Dependencies } from "./ports.ts";
import type { Holding } from "./records.ts";
import { ID_TAKEN } from "./refusals.ts";

export interface Takeovers {
	/** Bars a connection from acting as its peer. Must come before another connection takes the id. */
	bar(holding: Holding): Promise<void>;

	/**
	 * Tells a barred connection why and closes it.
	 * @param resumed whether the same peer has moved to another connection, and no other client took the id
	 * @throws if the connection could not be closed: instances that remember it would let it act on
	 */
	dismiss(connectionId: string, resumed: boolean): Promise<void>;
}

export function createTakeovers({ store, sender, log }: Dependencies, directory: Directory): Takeovers {
	return {
		async bar(holding) {
			await store.endConnection(holding.connectionId, "barred");
			// After the write: a look-up between the two would remember the connection again.
			directory.forget(holding, holding.connectionId);
		},

		async dismiss(connectionId, resumed) {
			const frame: ServerFrame = resumed
				? { type: "go_away", reason: "resumed on another connection", reconnectWithin: RECONNECT_WITHIN_MS }
				: errorFrame(ID_TAKEN);
			try {
				if ((await sender.post(connectionId, encodeFrame(frame))) === "gone") return;
			} catch (cause) {
				// Its client may have vanished and left a full buffer. The close says the same.
				log.warn("dismissal_not_told", { connectionId }, cause);
			}
			await sender.close(connectionId);
		},
	};
}
