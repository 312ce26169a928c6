/**
 * The ports of the core. Each states its duties, so that an adapter can be written from this file alone.
 *
 * Any method that talks to something outside MUST reject with a {@link DependencyError} when that fails, and with
 * no other error: the sender of the frame is then told to try again. A method that may answer at once MUST NOT throw.
 */
import type { CountName, LatencyName } from "./metrics.ts";
import type { ConnectionRecord, EndedState, Grant, GrantRecord, PeerIdentity, PeerRecord } from "./records.ts";
import type { Position } from "./routing-key.ts";
import type { Settings } from "./settings.ts";

/** A dependency failed, throttled or did not answer in time. Whether the call took effect is unknown. */
export class DependencyError extends Error {
	override readonly name = "DependencyError";

	/** Whether the adapter has logged it as an error already. It does so once for a fault that every call repeats. */
	readonly reported: boolean;

	/** Whether the call was refused because there is too much to do. It certainly had no effect. */
	readonly busy: boolean;

	/** @param operation the attempted call, e.g. `dynamodb:PutItem`: for the log, never for a client */
	constructor(operation: string, options: { cause: unknown; reported?: boolean; busy?: boolean }) {
		super(`${operation} failed`, options);
		this.reported = options.reported ?? false;
		this.busy = options.busy ?? false;
	}
}

/** A value at once, from an adapter that has it in memory, or a promise. Each promise of a frame costs time. */
export type Awaitable<T> = T | Promise<T>;

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
	/**
	 * The heads of their keys, if the store has them at hand: these lie side by side in memory, and records do not. The last is then
	 * the head of `stoppedAt` as well.
	 */
	readonly heads?: readonly number[] | undefined;
	/** Whether the store knows that each of these ids is its own routing key, letter by letter. */
	readonly plain?: boolean;
	/** The position at which the query stopped before the end of the range. Absent: it looked at the whole range. */
	readonly stoppedAt?: Position | undefined;
}

/** connection -> peer. */
export interface ConnectionStore {
	getConnection(connectionId: string, consistency: Consistency): Awaitable<ConnectionRecord | undefined>;

	/** Writes the record if the connection has none. @returns whether it wrote */
	openConnection(record: ConnectionRecord): Awaitable<boolean>;

	/**
	 * Moves a connection from `joining` to `joined`. Does nothing in any other state, or without a record.
	 * @returns whether it is `joined` now
	 */
	confirmConnection(connectionId: string): Awaitable<boolean>;

	/** Moves a connection to a state from which it does not come back. Does nothing without a record. */
	endConnection(connectionId: string, state: EndedState): Awaitable<void>;

	/** Forgets a connection. */
	deleteConnection(connectionId: string): Awaitable<void>;
}

/** connection -> grant. */
export interface GrantStore {
	saveGrant(record: GrantRecord): Awaitable<void>;

	/** MUST see the grant that was saved when the client connected. */
	getGrant(connectionId: string): Awaitable<Grant | undefined>;
}

/** counter and window of time -> number of frames, or of a source's actions. */
export interface FrameCountStore {
	/**
	 * Adds to a number for a window of time, in one atomic step. Not safe to repeat, unlike the other methods.
	 * @param counter a connection's id, or the name of a source, which has a `#` that no connection id has
	 * @param expiresAt epoch seconds, as in {@link ConnectionRecord}
	 * @returns the sum so far
	 */
	countFrames(counter: string, window: number, frames: number, expiresAt: number): Awaitable<number>;
}

/** room and position -> lease. */
export interface LeaseStore {
	getPeer(identity: PeerIdentity, consistency: Consistency): Awaitable<PeerRecord | undefined>;

	/**
	 * Compare and swap, in one atomic step: writes the record if the connection `holder` holds the peer id, or, if
	 * `holder` is undefined, if no connection holds it. An expired lease has no holder.
	 * @returns whether it wrote
	 */
	claimPeer(record: PeerRecord, holder: string | undefined): Awaitable<boolean>;

	/**
	 * Removes the lease if `connectionId` holds it, so that clearing up after a dead connection never removes a newer lease.
	 * MUST remove an expired one as well, as long as it still exists: its neighbours have not been told yet.
	 * @returns the lease that this call removed. Of several callers exactly one gets it.
	 */
	releasePeer(identity: PeerIdentity, connectionId: string): Awaitable<PeerRecord | undefined>;

	/** Reads a range of a room's peers in the order of their positions. */
	range(query: RangeQuery): Awaitable<RangePage>;
}

/**
 * The table. Records with an `expiresAt` in the past MUST be invisible to every method that does not say otherwise, even
 * while they still exist.
 * A record that cannot be read MUST be invisible too, and MUST NOT keep its key from a new one.
 * Every method but `countFrames` MUST be safe to repeat.
 */
export interface SignalingStore extends ConnectionStore, GrantStore, FrameCountStore, LeaseStore {}

/** A store that is somewhere else, so that every answer comes later. */
export type RemoteStore = {
	[M in keyof SignalingStore]: (
		...args: Parameters<SignalingStore[M]>
	) => Promise<Awaited<ReturnType<SignalingStore[M]>>>;
};

/** `gone`: the connection is closed and will not come back, or never existed. */
export type Delivery = "sent" | "gone";

export interface PeerSender {
	/**
	 * Sends one text frame. MUST NOT send it twice: it may repeat an attempt only if the first was certainly not
	 * delivered. MUST reject with a `busy` error if the client, or the gateway, takes no frame now.
	 * @param urgency a `notice` is a hint: it is not worth a wait. @default "frame"
	 */
	post(connectionId: string, text: string, urgency?: "frame" | "notice"): Awaitable<Delivery>;

	/** Closes a connection. One that is gone already is no failure. Frames posted before MUST still go out. */
	close(connectionId: string): Promise<void>;

	/** Whether a connection is open, as far as the gateway knows. It learns late of a client that vanished. */
	isOpen(connectionId: string): Promise<boolean>;
}

export interface Clock {
	/** ms since the epoch */
	now(): number;
}

/** Functions that the language lacks. */
export interface Crypto {
	/** SHA-256 of the text's UTF-8, as lower-case hexadecimal. */
	sha256(text: string): string;
	/** `bytes` unpredictable bytes, as lower-case hexadecimal. */
	random(bytes: number): string;
	/** `bytes` unpredictable bytes, as base64url. */
	secret(bytes: number): string;
	/** Compares two secrets in a time that does not depend on their first difference. */
	equal(a: string, b: string): boolean;
	/** HMAC-SHA1 of the text's UTF-8, as base64. */
	hmacSha1(key: string, text: string): string;
}

/** A secret, in a store that can change it at any time. */
export interface Secrets {
	/** The secrets in force, at least one: first the one to sign with. There are two during a change. */
	current(): Promise<readonly string[]>;
}

export type Verification =
	| { readonly ok: true; readonly claims: Readonly<Record<string, unknown>> }
	/** `reason` is a sentence that may be shown to the client. */
	| { readonly ok: false; readonly reason: string };

export interface TokenVerifier {
	/**
	 * Checks that a token was issued for this server and is in force: its signature, its issuer and audience, its times.
	 * `exp` among the returned claims MUST be a number. The other claims may be anything.
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

/**
 * Counts for the operator. The methods run with every frame: they MUST NOT throw, wait, or call anything that is billed by
 * the call.
 */
export interface Metrics {
	/** @param by @default 1 */
	count(name: CountName, by?: number): void;

	/** Adds the size of a text in bytes of UTF-8. */
	measure(name: CountName, text: string): void;

	/** Notes how long one call took, in ms. */
	time(name: LatencyName, ms: number): void;

	/** Writes the sums if they are due. The handler calls it before and after each event, and nothing is counted between two events. */
	report(): void;
}

/** A bounded memory of recent values: it may forget any of them at any time. */
export interface Cache<V> {
	get(key: string): V | undefined;
	set(key: string, value: V): void;
	delete(key: string): void;
}

export interface Dependencies {
	readonly store: SignalingStore;
	readonly sender: PeerSender;
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly log: Log;
	readonly settings: Settings;
	/** Absent: no client needs a token. */
	readonly tokens?: TokenVerifier | undefined;
	/** The secret that the TURN servers share with this one. Needed with `turnUrls`. */
	readonly turnSecrets?: Secrets | undefined;
	/** With it the hash of an address is made, the same on every instance. Absent: each instance makes a key for itself. */
	readonly sourceKey?: string | undefined;
	/** Absent: nothing is counted. */
	readonly metrics?: Metrics | undefined;
	/** Makes an empty cache. Its memory is bounded by the adapter. */
	readonly createCache: <V extends object>() => Cache<V>;
}
