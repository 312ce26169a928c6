/**
 * Who a connection is and where a peer is: from memory where this instance knows, from the table otherwise.
 *
 * What is remembered can be old, and is safe nevertheless. A connection holds at most one identity in its life, so a
 * remembered identity is never a wrong one; and every change of a peer's connection closes the one it leaves, so a
 * remembered location that is out of date answers `gone` and is looked up again.
 */
import { hasEnded } from "./connection-records.ts";
import type { Dependencies, Identity, PeerRecord, Session } from "./ports.ts";
import { positionOf } from "./routing-key.ts";

export interface Directory {
	/**
	 * Who a connection is. `ended` is one that left or was replaced, `expired` one whose token has run out; undefined is
	 * one that never joined.
	 */
	identify(connectionId: string): Promise<Session | "ended" | "expired" | undefined>;

	/** The connection of a peer, perhaps one that it had until recently. */
	locate(peer: Identity): Promise<string | undefined>;

	/** The connection of a peer that is not `stale`, the one that turned out to be gone. */
	relocate(peer: Identity, stale: string): Promise<string | undefined>;

	/** Notes a join that is complete but for its notices. */
	remember(peer: PeerRecord, authorizedUntil: number | undefined): void;

	/** Whether this instance knows that the connection joined. */
	remembers(connectionId: string): boolean;

	forget(peer: Identity, connectionId: string): void;
}

export function createDirectory({ store, clock, caches }: Dependencies): Directory {
	const placeOf = (peer: Identity) => `${peer.room}\n${positionOf(peer)}`; // no id holds a control character

	const rememberLocation = (peer: PeerRecord) =>
		caches.locations.set(placeOf(peer), { connectionId: peer.connectionId, expiresAt: peer.expiresAt });

	const unlessExpired = (session: Session): Session | "expired" =>
		session.authorizedUntil !== undefined && session.authorizedUntil * 1000 <= clock.now() ? "expired" : session;

	return {
		async identify(connectionId) {
			const remembered = caches.identities.get(connectionId);
			if (remembered !== undefined) return unlessExpired(remembered);

			let record = await store.getConnection(connectionId, "eventual");
			// A frame can overtake the join that was sent just before it.
			if (record?.state !== "joined") record = await store.getConnection(connectionId, "strong");
			if (record === undefined) return undefined;
			if (hasEnded(record.state)) return "ended";
			const session = sessionOf(record, record.authorizedUntil);
			if (unlessExpired(session) === "expired") return "expired";
			if (record.state === "joining") {
				const holder = await store.getPeer(record, "strong");
				if (holder?.connectionId !== connectionId) return undefined;
			}
			caches.identities.set(connectionId, session);
			return session;
		},

		async locate(peer) {
			const remembered = caches.locations.get(placeOf(peer));
			if (remembered !== undefined && remembered.expiresAt * 1000 > clock.now()) return remembered.connectionId;

			// An eventual read costs half, and may miss a peer that joined moments ago.
			const record = (await store.getPeer(peer, "eventual")) ?? (await store.getPeer(peer, "strong"));
			if (record === undefined) return undefined;
			rememberLocation(record);
			return record.connectionId;
		},

		async relocate(peer, stale) {
			const record = await store.getPeer(peer, "strong");
			if (record === undefined || record.connectionId === stale) return undefined;
			rememberLocation(record);
			return record.connectionId;
		},

		remember(peer, authorizedUntil) {
			caches.identities.set(peer.connectionId, sessionOf(peer, authorizedUntil));
			rememberLocation(peer);
		},

		remembers: (connectionId) => caches.identities.get(connectionId) !== undefined,

		forget(peer, connectionId) {
			caches.identities.delete(connectionId);
			if (caches.locations.get(placeOf(peer))?.connectionId === connectionId) caches.locations.delete(placeOf(peer));
		},
	};
}

/** Those fields alone, because thousands of them are kept. */
function sessionOf({ room, peerId, key }: Identity, authorizedUntil: number | undefined): Session {
	return { room, peerId, key, ...(authorizedUntil !== undefined && { authorizedUntil }) };
}
