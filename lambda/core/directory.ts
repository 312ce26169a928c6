/**
 * Which peer a connection is, and which connection a peer has: from the memory of this instance, or from the table.
 *
 * Memory can be out of date, and is safe for two reasons. A connection joins as at most one peer in its life. And every
 * change of a peer's connection closes the older one, so a remembered location that is out of date answers `gone`, and the
 * peer is looked up again. If that close fails, the age of the memory bounds how long the older connection is taken for the
 * peer.
 */
import { REMEMBERED_MS } from "./limits.ts";
import type { Dependencies } from "./ports.ts";
import { type Draft, hasEnded, hasExpired, type JoinedPeer, type PeerIdentity, type PeerRecord } from "./records.ts";

export interface Directory {
	/**
	 * The peer of a connection: at once if this instance remembers it, since nearly every frame asks. `ended`: it left or was
	 * replaced. `expired`: its token has expired. Undefined: it never joined.
	 */
	identify(connectionId: string): Identity | Promise<Identity>;

	/** The connection of a peer, perhaps one that it had until recently: at once if this instance remembers it. */
	locate(peer: PeerIdentity): string | Promise<string | undefined>;

	/** The connection of a peer, if it is not `stale`, the one that turned out to be gone. */
	relocate(peer: PeerIdentity, stale: string): Promise<string | undefined>;

	/** Notes a join that is complete except for its notices. */
	remember(lease: PeerRecord, joined: Omit<JoinedPeer, keyof PeerIdentity>): void;

	/** Whether this instance knows that the connection joined. */
	remembers(connectionId: string): boolean;

	forget(peer: PeerIdentity, connectionId: string): void;
}

export type Identity = JoinedPeer | "ended" | "expired" | undefined;

interface Remembered {
	/** ms since the epoch */
	readonly since: number;
}

interface RememberedPeer extends JoinedPeer, Remembered {}

interface RememberedLocation extends Remembered {
	readonly connectionId: string;
	/** Epoch seconds */
	readonly expiresAt: number;
}

export function createDirectory({ store, clock, createCache }: Dependencies): Directory {
	/** connection id -> its peer */
	const peers = createCache<RememberedPeer>();
	/** room and id -> the peer's connection */
	const locations = createCache<RememberedLocation>();

	const placeOf = ({ room, peerId }: PeerIdentity) => `${room}\n${peerId}`; // no id holds a control character

	/** A time in the future is a clock that was set back, and says nothing about the age. */
	const isRecent = ({ since }: Remembered) => {
		const age = clock.now() - since;
		return age >= 0 && age < REMEMBERED_MS;
	};

	const rememberPeer = (connectionId: string, { room, peerId, key }: PeerIdentity, joined: Partial<JoinedPeer>) => {
		const { authorizedUntil, anyId, subject } = joined;
		// These fields alone, because thousands of entries are kept.
		const entry: Draft<RememberedPeer> = { room, peerId, key, since: clock.now() };
		if (authorizedUntil !== undefined) entry.authorizedUntil = authorizedUntil;
		if (anyId === true) entry.anyId = anyId;
		if (subject !== undefined) entry.subject = subject;
		peers.set(connectionId, entry);
		return entry;
	};

	const rememberLocation = (lease: PeerRecord) => {
		const { connectionId, expiresAt } = lease;
		locations.set(placeOf(lease), { connectionId, expiresAt, since: clock.now() });
	};

	const unlessExpired = <T extends JoinedPeer>(peer: T): T | "expired" =>
		hasExpired(peer, clock.now()) ? "expired" : peer;

	const readPeer = async (connectionId: string): Promise<Identity> => {
		let record = await store.getConnection(connectionId, "eventual");
		// A frame can overtake the join that was sent just before it.
		if (record?.state !== "joined") record = await store.getConnection(connectionId, "strong");
		if (record === undefined) return undefined;
		if (hasEnded(record.state)) return "ended";
		if (hasExpired(record, clock.now())) return "expired";
		if (record.state === "joining") {
			const holder = await store.getPeer(record, "strong");
			if (holder?.connectionId !== connectionId) return undefined;
		}
		return rememberPeer(connectionId, record, record);
	};

	const readLocation = async (peer: PeerIdentity) => {
		// An eventual read costs half, and may miss a peer that joined moments ago.
		const record = (await store.getPeer(peer, "eventual")) ?? (await store.getPeer(peer, "strong"));
		if (record === undefined) return undefined;
		rememberLocation(record);
		return record.connectionId;
	};

	return {
		identify(connectionId) {
			const remembered = peers.get(connectionId);
			return remembered !== undefined && isRecent(remembered) ? unlessExpired(remembered) : readPeer(connectionId);
		},

		locate(peer) {
			const remembered = locations.get(placeOf(peer));
			return remembered !== undefined && isRecent(remembered) && remembered.expiresAt * 1000 > clock.now()
				? remembered.connectionId
				: readLocation(peer);
		},

		async relocate(peer, stale) {
			const record = await store.getPeer(peer, "strong");
			if (record === undefined || record.connectionId === stale) return undefined;
			rememberLocation(record);
			return record.connectionId;
		},

		remember(lease, joined) {
			rememberPeer(lease.connectionId, lease, joined);
			rememberLocation(lease);
		},

		remembers: (connectionId) => peers.get(connectionId) !== undefined,

		forget(peer, connectionId) {
			peers.delete(connectionId);
			if (locations.get(placeOf(peer))?.connectionId === connectionId) locations.delete(placeOf(peer));
		},
	};
}
