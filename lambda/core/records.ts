/** The records that are stored, and the rules that all of them share. */
import { LEASE_MARGIN_MS } from "./limits.ts";
import type { RoutingKey } from "./routing-key.ts";
import type { Settings } from "./settings.ts";

/** A record that is being made. Each join makes some, and to set a property costs less than `...(condition && { property })`. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Which peer of which room. */
export interface PeerIdentity {
	readonly room: string;
	readonly peerId: string;
	/** The place of `peerId` in the key space, see routing-key.ts. */
	readonly key: RoutingKey;
}

/** The peer that a connection has joined as, and how long it may act as that peer. */
export interface JoinedPeer extends PeerIdentity {
	/** When its token ends the session, in epoch seconds. Absent: the session ends with the connection. */
	readonly authorizedUntil?: number;
	/** Whether its client takes ids of any form in a list (`anyId` in its join). */
	readonly anyId?: boolean;
	/**
	 * The user of its token, for the limits of that user. Absent: the same as the peer id, as it mostly is, or the server
	 * asks for no tokens. Empty: its token names no user.
	 */
	readonly subject?: string;
}

/**
 * - `joining`: a join has begun. The lease says whether it won the peer id.
 * - `joined`: the join is complete and announced.
 * - `barred`: another connection takes the peer id. This one must not act as the peer any longer, whether it still holds
 *   the lease or not, and the server closes it.
 * - `left`: the peer left. The lease goes next, and the server closes the connection.
 */
export type ConnectionState = "joining" | "joined" | EndedState;
export type EndedState = "barred" | "left";

/** connection -> peer. A connection joins as at most one peer in its life, which makes remembering it safe. */
export interface ConnectionRecord extends JoinedPeer {
	readonly connectionId: string;
	readonly state: ConnectionState;
	/** Epoch seconds, DynamoDB's unit for TTL. From that second on the record does not exist for any reader. */
	readonly expiresAt: number;
}

/** room -> peer: the lease by which a connection holds a peer id. */
export interface PeerRecord extends PeerIdentity {
	readonly connectionId: string;
	/** Proves on another connection that the client is the same peer. Secret. */
	readonly resumeKey: string;
	/** When this lease was written, in ms since the epoch. Later leases of one id have later times. */
	readonly lastSeen: number;
	/** Epoch seconds, as in {@link ConnectionRecord}: the end of the lease, or of its token if that is sooner. */
	readonly expiresAt: number;
	/**
	 * The connection that held the id before, which must be dismissed. It stays in the lease, so that a repeated join, a
	 * departure and the next takeover can finish a dismissal that failed.
	 */
	readonly replaces?: string;
	/** When the peer arrived, in ms since the epoch, if this lease continues an earlier one. */
	readonly since?: number;
	/** The hash of the owner's key. While it is there, only that owner or the resume key takes the id over. */
	readonly ownerHash?: string;
	/** The hash of its public key, if its client told one. */
	readonly identity?: string;
	/** Whether `replaces` was the same peer on an older connection (a resume) and not another client. */
	readonly resumed?: boolean;
}

/** A peer, and the connection by which it holds or held its id. */
export interface Holding extends PeerIdentity {
	readonly connectionId: string;
}

/** The rights that a token gives. */
export interface Grant {
	/** The only peer id to join as. Absent: any. */
	readonly peerId?: string;
	/** The user of the token. Absent: the same as `peerId`, or none if that is absent too. */
	readonly subject?: string;
	/** The only rooms to join: names, and prefixes that end in `*`. Absent: any. */
	readonly rooms?: readonly string[];
	/** When it ends, in epoch seconds. */
	readonly until: number;
}

/** connection -> grant, from its connect to its join. */
export interface GrantRecord extends Grant {
	readonly connectionId: string;
	/** Epoch seconds, as in {@link ConnectionRecord}. */
	readonly expiresAt: number;
}

/** When the records of a connection expire, in epoch seconds: after the greatest age that the connection can reach. */
export function expiryOf({ connectedAt }: { readonly connectedAt: number }, settings: Settings): number {
	return Math.ceil((connectedAt + settings.maxConnectionAgeMs + LEASE_MARGIN_MS) / 1000);
}

/** Whether the token of a joined peer has expired. @param now ms since the epoch */
export function hasExpired({ authorizedUntil }: Pick<JoinedPeer, "authorizedUntil">, now: number): boolean {
	return authorizedUntil !== undefined && authorizedUntil * 1000 <= now;
}

/** Whether a connection in this state must not act as its peer any longer. */
export function hasEnded(state: ConnectionState): state is EndedState {
	return state === "barred" || state === "left";
}
