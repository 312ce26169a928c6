/**
 * What the core asks of the world. Each port states its duties, so that an adapter can be written from this file alone.
 *
 * Any method that talks to something outside MUST reject with a {@link DependencyError} when that fails, and with
 * nothing else: the sender of the frame is then told to try again.
 */
import type { Rate } from "./limits.ts";
import type { Position, RoutingKey } from "./routing-key.ts";

/** A dependency failed, throttled or did not answer in time. Whether the call took effect is unknown. */
export class DependencyError extends Error {
	override readonly name = "DependencyError";

	/** Whether the adapter has logged it as an error already, as it does once with a fault that every call repeats. */
	readonly reported: boolean;

	/** @param operation what was attempted, e.g. `dynamodb:PutItem`: for the log, never for a client */
	constructor(operation: string, options: { cause: unknown; reported?: boolean }) {
		super(`${operation} failed`, options);
		this.reported = options.reported ?? false;
	}
}

/** Who somebody is in the mesh. */
export interface Identity {
	readonly room: string;
	readonly peerId: string;
	/** `peerId`'s place in the key space, see routing-key.ts. */
	readonly key: RoutingKey;
}

/** Who a connection is, and for how long it may be that. */
export interface Session extends Identity {
	/** When its token ends it, in epoch seconds. Absent: only the connection's end does. */
	readonly authorizedUntil?: number;
}

/**
 * - `joining`: a join was begun; whether the peer id was won is in the peer record.
 * - `joined`: the join was completed and announced.
 * - `barred`: another connection takes its peer id. It may not act as the peer any more, whether it still holds the
 *   lease or not, and is to be closed.
 * - `left`: it gave up its lease and is to be closed.
 */
export type ConnectionState = "joining" | "joined" | EndedState;
export type EndedState = "barred" | "left";

/** connection -> identity. A connection holds at most one identity in its life, which is what makes caching it safe. */
export interface ConnectionRecord extends Session {
	readonly connectionId: string;
	readonly state: ConnectionState;
	/** Epoch seconds, DynamoDB's unit for TTL. From that second on the record does not exist for any reader. */
	readonly expiresAt: number;
}

/** room -> peer: the lease by which a connection holds a peer id. */
export interface PeerRecord extends Identity {
	readonly connectionId: string;
	/** Proves on another connection that it is the same peer. Secret. */
	readonly resumeKey: string;
	/** When this lease was written, in ms since the epoch. */
	readonly lastSeen: number;
	/** Epoch seconds, as in {@link ConnectionRecord}: the end of the lease, or of what its token allows if that is sooner. */
	readonly expiresAt: number;
	/** The connection that held the id before and has to be closed, kept so that a retried join can finish that. */
	readonly replaces?: string;
	/** Whether `replaces` was the same peer on an older connection (a resume) and not another client. */
	readonly resumed?: boolean;
}

/** What the token that a client connected with allows it. */
export interface Grant {
	/** The only peer id to join as. Absent: any. */
	readonly peerId?: string;
	/** The only rooms to join: names, and prefixes that end in `*`. Absent: any. */
	readonly rooms?: readonly string[];
	/** When it ends, in epoch seconds. */
	readonly until: number;
}

/** connection -> what it may join, from its connect to its join. */
export interface GrantRecord extends Grant {
	readonly connectionId: string;
	/** Epoch seconds, as in {@link ConnectionRecord}. */
	readonly expiresAt: number;
}

/**
 * `strong` MUST see every write that was acknowledged before the read began.
 * `eventual` may miss recent ones, and is cheaper.
 */
export type Consistency = "strong" | "eventual";

export interface RangeQuery {
	readonly room: string;
	/** Both ends belong to the range. */
	readonly from: Position;
	readonly to: Position;
	readonly direction: "ascending" | "descending";
	/** Most records to look at. */
	readonly limit: number;
	readonly consistency: Consistency;
}

export interface RangePage {
	/** The unexpired peers among those looked at, in the query's order. */
	readonly peers: readonly PeerRecord[];
	/** How far the query got, where it stopped before the end of the range. Absent: the whole range was looked at. */
	readonly stoppedAt?: Position;
}

/**
 * Presence. Records whose `expiresAt` has come MUST be invisible to every method that does not say otherwise, also
 * where they still exist.
 * Every method but `countFrames` MUST be safe to repeat.
 */
export interface PeerStore {
	getConnection(connectionId: string, consistency: Consistency): Promise<ConnectionRecord | undefined>;

	/** Writes the record if the connection has none. @returns whether it was written */
	openConnection(record: ConnectionRecord): Promise<boolean>;

	/**
	 * Moves a connection from `joining` to `joined`. Does nothing in any other state, or where there is no record.
	 * @returns whether it is `joined` now
	 */
	confirmConnection(connectionId: string): Promise<boolean>;

	/** Moves a connection to a state that it does not come back from. Does nothing where there is no record. */
	endConnection(connectionId: string, state: EndedState): Promise<void>;

	/** Forgets a connection. */
	deleteConnection(connectionId: string): Promise<void>;

	/** Writes what a connection may join. */
	saveGrant(record: GrantRecord): Promise<void>;

	/** MUST see what was written when the client connected. */
	getGrant(connectionId: string): Promise<Grant | undefined>;

	/**
	 * Adds to how many frames a connection sent in a window of time, in one atomic step.
	 * @param expiresAt epoch seconds, as in {@link ConnectionRecord}
	 * @returns the sum so far
	 */
	countFrames(connectionId: string, window: number, frames: number, expiresAt: number): Promise<number>;

	getPeer(identity: Identity, consistency: Consistency): Promise<PeerRecord | undefined>;

	/**
	 * Compare and swap, in one atomic step: writes the record if the peer id is held by the connection `holder`, or,
	 * where `holder` is undefined, by nobody. An expired lease is held by nobody.
	 * @returns whether it was written
	 */
	claimPeer(record: PeerRecord, holder: string | undefined): Promise<boolean>;

	/**
	 * Removes the lease if `connectionId` holds it, so that what a dead connection leaves behind never removes a newer one.
	 * Also an expired one, as far as it still exists: its neighbours have not been told yet.
	 * @returns whether this call removed it: of several callers exactly one is told so
	 */
	releasePeer(identity: Identity, connectionId: string): Promise<boolean>;

	/** Reads a range of a room's peers in the order of their positions. */
	range(query: RangeQuery): Promise<RangePage>;
}

/** `gone`: the connection is closed and will not come back, or never existed. */
export type Delivery = "sent" | "gone";

export interface PeerSender {
	/**
	 * Sends one text frame. MUST NOT send it twice: an attempt may be repeated only where the first was certainly not
	 * delivered.
	 */
	post(connectionId: string, text: string): Promise<Delivery>;

	/** Closes a connection; one that is gone already is no failure. Frames posted before MUST still go out. */
	close(connectionId: string): Promise<void>;

	/** Whether a connection is open, as far as the gateway knows: it learns late of a client that vanished. */
	isOpen(connectionId: string): Promise<boolean>;
}

export interface Clock {
	/** ms since the epoch */
	now(): number;
}

/** Functions that the language itself lacks. */
export interface Crypto {
	/** SHA-256 of the text's UTF-8, as lower-case hexadecimal. */
	sha256(text: string): string;
	/** `bytes` unpredictable bytes, as lower-case hexadecimal. */
	random(bytes: number): string;
	/** Compares two secrets in a time that does not depend on where they differ. */
	equal(a: string, b: string): boolean;
	/** HMAC-SHA1 of the text's UTF-8, as base64. */
	hmacSha1(key: string, text: string): string;
}

/** A value that only those know who may, in a store that can change it at any time. */
export interface Secrets {
	/** Those in force, at least one, the one to sign with first. Two while it is changed. */
	current(): Promise<readonly string[]>;
}

export type Verification =
	| { readonly ok: true; readonly claims: Readonly<Record<string, unknown>> }
	/** `reason` is a sentence that may be shown to the client. */
	| { readonly ok: false; readonly reason: string };

export interface TokenVerifier {
	/**
	 * Checks that a token was issued for this server and is in force: its signature, its issuer and audience, its times.
	 * Of the claims that it gives back `exp` MUST be a number; the others may be anything.
	 */
	verify(token: string): Promise<Verification>;
}

/** Facts for a log line. Never a frame's content, a token, a resume key or an address. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
	debug(event: string, fields?: LogFields): void;
	info(event: string, fields?: LogFields): void;
	warn(event: string, fields?: LogFields, cause?: unknown): void;
	error(event: string, fields?: LogFields, cause?: unknown): void;
}

/** A bounded memory of recent values: it may forget any of them at any time. */
export interface Cache<V> {
	get(key: string): V | undefined;
	set(key: string, value: V): void;
	delete(key: string): void;
}

/** What a deployment chooses. */
export interface Settings {
	/** How many nearest peers a newcomer is introduced to. */
	readonly nearestPeers: number;
	/** How many peers around random keys a newcomer is introduced to. */
	readonly farPeers: number;
	/** Who wins when a second client joins with an id that is held: the newcomer or the holder. */
	readonly duplicatePeerPolicy: "replace" | "reject";
	/** Origins that may connect: `*`, exact ones, and `https://*.example.com`. */
	readonly allowedOrigins: readonly string[];
	/** Whether a client that sends no Origin header (a native app, wscat) may connect. */
	readonly allowMissingOrigin: boolean;
	/** The age at which the gateway ends a connection, in ms. */
	readonly maxConnectionAgeMs: number;
	/** How long a connection may take until it has joined, in ms. */
	readonly joinDeadlineMs: number;
	/** Frames that one connection may send, and those of them that search the table: `join` and `find_peers`. */
	readonly frameRate: Rate;
	readonly searchRate: Rate;
	readonly tokens: TokenSettings;
	/** Servers that peers may use to reach each other. */
	readonly stunUrls: readonly string[];
	readonly turnUrls: readonly string[];
}

/** What is read from tokens, where the deployment asks for them. */
export interface TokenSettings {
	/** The claim that names the only peer id to join as. Empty: none does. */
	readonly peerIdClaim: string;
	/** The claim that lists the only rooms to join. Empty: none does. */
	readonly roomsClaim: string;
	/** Whether a token has to come when the client connects, and not only when it joins. */
	readonly requiredToConnect: boolean;
}

export interface Dependencies {
	readonly store: PeerStore;
	readonly sender: PeerSender;
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly log: Log;
	readonly settings: Settings;
	/** Absent: nobody needs a token. */
	readonly tokens?: TokenVerifier | undefined;
	/** What the TURN servers share with this one. Needed where there are `turnUrls`. */
	readonly turnSecrets?: Secrets | undefined;
	readonly caches: {
		/** connection id -> who it is */
		readonly identities: Cache<Session>;
		/** connection id -> how much it has sent */
		readonly flows: Cache<Flow>;
		/** peer position in a room -> where it is */
		readonly locations: Cache<PeerLocation>;
	};
}

/** How much a connection may still send. */
export interface Flow {
	readonly frames: Bucket;
	readonly searches: Bucket;
	/** Frames let through that the other instances have not been told of. */
	unreported: number;
	/** Until when all instances together have let through enough, in ms since the epoch. */
	exhaustedUntil: number;
	/** Frames that came before the time that the last refusal had named. */
	defiances: number;
	/** That time, in ms since the epoch. */
	retryAt: number;
}

/** A token bucket: it holds what may be sent at once. */
export interface Bucket {
	tokens: number;
	/** When `tokens` was right, in ms since the epoch. */
	at: number;
}

/** Where a peer is, as far as this instance remembers. */
export interface PeerLocation {
	readonly connectionId: string;
	readonly expiresAt: number;
}
