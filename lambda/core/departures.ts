/** How a peer departs: it leaves, its socket ends, or a send finds it gone. */
import { all } from "./all.ts";
import type { Directory } from "./directory.ts";
import type { Introductions } from "./introductions.ts";
import { MAX_EVICTIONS } from "./limits.ts";
import type { Notices } from "./notices.ts";
import type { Dependencies } from "./ports.ts";
import type { Holding, PeerIdentity, PeerRecord } from "./records.ts";
import type { Takeovers } from "./takeovers.ts";

export interface Departures {
	/** The peer said `leave`. After a failure, another `leave` or `$disconnect` finishes the rest. */
	leave(holding: Holding): Promise<void>;

	/** A connection that is not joined said `leave`: removes its records, if there are any, and closes it. */
	clear(connectionId: string): Promise<void>;

	/**
	 * The socket of a connection has ended.
	 * @param joining the peer that a join of this connection may have claimed since its record was removed
	 */
	disconnect(connectionId: string, joining?: PeerIdentity): Promise<void>;

	/**
	 * Sends found these peers gone. Removes them, tells their neighbours, and removes the neighbours that are gone too.
	 * Never rejects: it follows from an operation on another peer, and leases that it could not remove expire.
	 */
	evict(gone: readonly Holding[]): Promise<void>;
}

export function createDepartures(
	{ store, sender, log, metrics }: Dependencies,
	directory: Directory,
	introductions: Introductions,
	notices: Notices,
	takeovers: Takeovers,
): Departures {
	/** The release of this lease finishes its takeover: the older connection may still be open. */
	const dismissReplaced = async ({ replaces, resumed = false }: PeerRecord) => {
		if (replaces === undefined) return;
		await takeovers.dismiss(replaces, resumed).catch((cause: unknown) => {
			log.warn("replaced_connection_not_closed", { connectionId: replaces }, cause);
		});
	};

	/**
	 * Never rejects: the lease is gone, so no repetition of the operation would come here again. That is also why a failed
	 * search is tried a second time.
	 */
	const tellNeighbours = async (released: PeerRecord): Promise<PeerRecord[]> => {
		const search = () => introductions.neighboursLeftBehind(released);
		try {
			return await notices.tell("peer_left", released, await search().catch(search));
		} catch (cause) {
			log.warn("departure_not_told", { connectionId: released.connectionId }, cause);
			return [];
		}
	};

	/**
	 * Ends the lease if it is still this connection's, and tells the neighbours.
	 *
	 * The lease goes before the neighbours are read, with a consistent read: a peer that joins at the same moment has
	 * written its lease before it reads. So it either misses this peer, or is told of the departure.
	 * @param as how the departure is counted, if it is
	 * @returns the neighbours that are gone
	 */
	const depart = async (holding: Holding, as?: "Leaves" | "Evictions"): Promise<PeerRecord[]> => {
		directory.forget(holding, holding.connectionId);
		const released = await store.releasePeer(holding, holding.connectionId);
		if (released === undefined) return [];
		if (as !== undefined) metrics?.count(as);
		const [gone] = await all([tellNeighbours(released), dismissReplaced(released)]);
		return gone;
	};

	/** Removes all that a dead connection left. The lease goes first, because the record leads to it. */
	const remove = async (holding: Holding, as?: "Evictions"): Promise<PeerRecord[]> => {
		const gone = await depart(holding, as);
		await store.deleteConnection(holding.connectionId);
		return gone;
	};

	const evict = async (gone: readonly Holding[]): Promise<void> => {
		let left = MAX_EVICTIONS;
		let wave = gone.slice(0, left);
		while (wave.length > 0) {
			log.debug("evicting", { count: wave.length });
			left -= wave.length;
			const found = await all(
				wave.map((holding) =>
					// A second time if the first fails: no other operation may come across this lease before it expires.
					remove(holding, "Evictions")
						.catch(() => remove(holding, "Evictions"))
						.catch((cause: unknown) => {
							log.warn("eviction_failed", { connectionId: holding.connectionId }, cause);
							return [];
						}),
				),
			);
			wave = found.flat().slice(0, left);
		}
	};

	const leave = async (holding: Holding): Promise<void> => {
		const { connectionId } = holding;
		// `left` and not deleted: a frame that arrives before the socket ends must neither act as the peer nor join again.
		// It comes before the lease goes, so that a join of this connection which takes the lease again finds out.
		await store.endConnection(connectionId, "left");
		const gone = await depart(holding, "Leaves");
		await all([sender.close(connectionId), evict(gone)]);
	};

	return {
		evict,
		leave,

		async clear(connectionId) {
			const connection = await store.getConnection(connectionId, "strong");
			if (connection === undefined) await sender.close(connectionId);
			else await leave(connection);
		},

		async disconnect(connectionId, joining) {
			const connection = await store.getConnection(connectionId, "strong");
			if (connection === undefined) {
				if (joining !== undefined) await evict([{ ...joining, connectionId }]);
				return;
			}
			if (connection.state === "left") {
				// A complete `leave` released the lease, and the record expires, which is free. An incomplete one did not.
				const lease = await store.getPeer(connection, "strong");
				if (lease?.connectionId !== connectionId) return;
			}
			await evict(await remove(connection));
		},
	};
}
