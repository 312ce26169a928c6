/** How a peer ceases to be: by leaving, by its socket's end, by being found gone, or by being replaced. */

import { encodeFrame, errorFrame, type Refusal, type ServerFrame } from "../../protocol/index.ts";
import { all } from "./all.ts";
import type { Directory } from "./directory.ts";
import type { Introductions } from "./introductions.ts";
import { MAX_EVICTIONS, RECONNECT_WITHIN_MS } from "./limits.ts";
import type { Dependencies, Identity, PeerRecord } from "./ports.ts";

/** A peer and the connection that it holds, or held, its id by. */
export interface Holding extends Identity {
	readonly connectionId: string;
}

export const ID_TAKEN: Refusal = { code: "PEER_ID_TAKEN", message: "Another client joined with your ID." };

export interface Departures {
	/** The peer said `leave`. What it rejects with leaves it as it was, or to be cleared. */
	leave(holding: Holding): Promise<void>;

	/** A connection that cannot act any more said `leave`: whatever is left of it goes, and it is closed. */
	clear(connectionId: string): Promise<void>;

	/** The socket of a peer has closed. */
	disconnect(connectionId: string): Promise<void>;

	/** These peers were found gone. */
	evict(gone: readonly Holding[]): Promise<void>;

	/**
	 * Bars a connection from acting as its peer. Comes before another takes the id, so that at no time two act under it,
	 * whatever fails between. It is dismissed once its successor has the id.
	 */
	bar(holding: Holding): Promise<void>;

	/**
	 * Tells a barred connection why, if it listens, and closes it. Rejects where it could not be closed: instances that
	 * remember it would let it act on.
	 */
	dismiss(connectionId: string, why: "taken" | "resumed"): Promise<void>;

	/** Sends a frame to several peers. One that is gone spoils nothing: it is evicted. Never rejects. */
	tell(peers: readonly PeerRecord[], frame: ServerFrame): Promise<void>;
}

export function createDepartures(
	{ store, sender, log }: Dependencies,
	directory: Directory,
	introductions: Introductions,
): Departures {
	/** @returns those of the peers that are gone */
	const post = async (peers: readonly PeerRecord[], frame: ServerFrame): Promise<PeerRecord[]> => {
		const text = encodeFrame(frame);
		const gone: PeerRecord[] = [];
		await all(
			peers.map(async (peer) => {
				try {
					if ((await sender.post(peer.connectionId, text)) === "gone") gone.push(peer);
				} catch (cause) {
					// A notice is a hint. Its receiver learns the same from the signals that follow or do not.
					log.warn("notice_failed", { frame: frame.type, connectionId: peer.connectionId }, cause);
				}
			}),
		);
		return gone;
	};

	/** Ends the lease if it is still this connection's. Of several that try, one is told that it did. */
	const release = (holding: Holding): Promise<boolean> => {
		directory.forget(holding, holding.connectionId);
		return store.releasePeer(holding, holding.connectionId);
	};

	const tellLeft = async (neighbours: readonly PeerRecord[], holding: Holding): Promise<PeerRecord[]> => {
		const { peerId, room } = holding;
		const gone = await post(neighbours, { type: "peer_left", peerId, room });
		// Somebody may have joined with the id since its lease went, and the two notices have crossed: the last word must
		// be the true one.
		if (await store.getPeer(holding, "strong")) await post(neighbours, { type: "peer_joined", peerId, room });
		return gone;
	};

	/**
	 * Clears away what a dead connection left. Nobody repeats this when it fails, so the lease goes first.
	 * @returns those of its neighbours that are gone themselves
	 */
	const removeGone = async (holding: Holding): Promise<PeerRecord[]> => {
		const released = await release(holding);
		const [gone] = await all([
			released ? introductions.neighboursLeftBehind(holding).then((told) => tellLeft(told, holding)) : [],
			store.deleteConnection(holding.connectionId),
		]);
		return gone;
	};

	/** Never rejects: it follows from an operation on somebody else, and what is left over expires. */
	const evict = async (gone: readonly Holding[]): Promise<void> => {
		let left = MAX_EVICTIONS;
		let wave = gone.slice(0, left);
		while (wave.length > 0) {
			log.debug("evicting", { count: wave.length });
			left -= wave.length;
			const found = await all(
				wave.map((holding) =>
					removeGone(holding).catch((cause: unknown) => {
						log.warn("eviction_failed", { connectionId: holding.connectionId }, cause);
						return [];
					}),
				),
			);
			wave = found.flat().slice(0, left);
		}
	};

	return {
		evict,

		async leave(holding) {
			// The neighbours first, so that a leave that fails has changed nothing, and can be repeated.
			const { connectionId } = holding;
			const neighbours = await introductions.neighbours(holding);
			let released: boolean;
			try {
				// `left`, not deleted: a frame that arrives before the socket's end must not act as the peer, nor join anew. And
				// before the lease goes, so that a join of this connection which takes it again finds out.
				await store.endConnection(connectionId, "left");
				released = await release(holding);
			} catch (cause) {
				// Nobody looks for the lease of one that left. The $disconnect of one that is barred does.
				await store.endConnection(connectionId, "barred");
				throw cause;
			}
			const gone = released ? await tellLeft(neighbours, holding) : [];
			await all([sender.close(connectionId), evict(gone)]);
		},

		async clear(connectionId) {
			const connection = await store.getConnection(connectionId, "strong");
			if (connection !== undefined) await evict(await removeGone(connection));
			await sender.close(connectionId);
		},

		async disconnect(connectionId) {
			const connection = await store.getConnection(connectionId, "strong");
			// The lease of one that left went then. Its record goes when it expires, which is free of charge.
			if (connection === undefined || connection.state === "left") return;
			await evict(await removeGone(connection));
		},

		async bar(holding) {
			await store.endConnection(holding.connectionId, "barred");
			directory.forget(holding, holding.connectionId); // not before: what is looked up meanwhile would be remembered
		},

		async dismiss(connectionId, why) {
			const frame: ServerFrame =
				why === "taken"
					? errorFrame(ID_TAKEN)
					: { type: "go_away", reason: "resumed on another connection", reconnectWithin: RECONNECT_WITHIN_MS };
			await sender.post(connectionId, encodeFrame(frame)).catch((cause: unknown) => {
				// It may have vanished and left its buffer full. That it is closed says the same.
				log.warn("dismissal_not_told", { connectionId }, cause);
			});
			await sender.close(connectionId);
		},

		async tell(peers, frame) {
			await evict(await post(peers, frame));
		},
	};
}
