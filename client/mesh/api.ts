/** The mesh as an application sees it. */
import type { MeshError } from "../errors.ts";
import type { AbortSignalLike, ByteStream } from "../platform-types.ts";
import type { SessionState } from "../signaling/session.ts";
import type { LinkStats } from "../webrtc/stats.ts";
import type { Message } from "./routing.ts";

/** The state of the connection to the server. After `left`, `join` joins again. */
export type MeshState = SessionState;

/** The key of a peer, as it has proved it. */
export interface PeerKey {
	/** The first 160 bits of the SHA-256 of its public key, as 40 hexadecimal digits. */
	readonly key: string;
	/**
	 * How it is known that the key belongs to the id. `id`: the id is this hash, so only the key's owner has it. `server`: the
	 * server told it, or brought the peer's signals. `mesh`: it is not; the peer was met through other peers.
	 */
	readonly vouched: "id" | "server" | "mesh";
}

/** A peer that wants a link, or that we want one to. A client without a key, such as p2pmesh's, has only its id. */
export interface Candidate extends Partial<PeerKey> {
	readonly peerId: string;
}

export interface LinkInfo extends Partial<PeerKey> {
	readonly peerId: string;
	readonly state: "connecting" | "open";
	/** When it came into this state, ms since the epoch. */
	readonly since: number;
}

/** How far large data is. */
export interface Progress {
	/** Bytes that the receiver has. */
	readonly bytes: number;
	/** Undefined for a stream. */
	readonly size: number | undefined;
}

export interface QueueOptions {
	/**
	 * For states of which only the newest matters, e.g. a position: while a link cannot take it, a newer message with the same
	 * key takes its place in the queue, and both promises resolve when it goes. Its first 112 letters count.
	 */
	readonly latest?: string;
}

export interface SendOptions extends QueueOptions {
	/** Whether `send` waits until the peer has the data. Large data is always waited for. @default false */
	readonly ack?: boolean;
	/** Is called when the peer has taken more of the data. */
	readonly onProgress?: (progress: Progress) => void;
	/** Cancels it. */
	readonly signal?: AbortSignalLike;
}

/**
 * Large data that comes in. The client collects it, and then `message` comes: unless `stream` is called while the `transfer`
 * event is told, or after `hold`.
 */
export interface Transfer extends Progress {
	/** The neighbour that sends it. */
	readonly from: string;
	/** The name of a File. */
	readonly name: string | undefined;
	/** The type of a Blob, or "". */
	readonly type: string;
	/** Lets the sender wait until `accept`, `stream` or `cancel`. */
	hold(): void;
	/** Ends the wait: the client collects the data. */
	accept(): void;
	/** The data as it arrives, no faster than it is read: any amount in bounded memory. No `message` comes. */
	stream(): ByteStream;
	/** The sender's `send` rejects with `ABORTED`. */
	cancel(): void;
	/** Calls back when more has come. */
	onProgress(listener: (progress: Progress) => void): void;
	/** Resolves once all has come, and rejects if it does not. */
	readonly done: Promise<void>;
}

/** A peer of the room. */
export interface Member {
	readonly peerId: string;
	/** What its application gave as metadata. Empty for older clients and p2pmesh's peers. */
	readonly metadata: Readonly<Record<string, unknown>>;
	/** Its neighbours, as it tells of them. Empty for older clients and p2pmesh's peers. */
	readonly links: readonly string[];
	/** The links between it and this peer, on the shortest way: 1 for a neighbour. Undefined if the mesh has just lost it. */
	readonly hops: number | undefined;
}

export interface JoinOptions {
	/** How many links have to be open. @default 0 for `join`, 1 for `ready` */
	readonly links?: number;
}

/** The arguments of listeners, by the event's name. */
export interface MeshEvents {
	/** A link to this peer opened. `key` is the one that it has proved, if it has one. */
	"peer:connect": [peerId: string, key?: PeerKey];
	/** The link to this peer is open no longer. */
	"peer:disconnect": [peerId: string];
	/** This peer is in the room: the server named it, or a link to it opened. Comes once, until `peer:gone`. */
	"peer:discovered": [peerId: string];
	/** The peer left the server, and no link to it is open. Comes once for each `peer:discovered`. */
	"peer:gone": [peerId: string];
	/** A peer came into the room: the mesh reaches it. Comes once, until `peer:leave`. */
	"peer:join": [peerId: string, metadata: Member["metadata"]];
	/** A peer of the room has other metadata. */
	"peer:update": [peerId: string, metadata: Member["metadata"]];
	/** The mesh does not reach the peer any longer. Comes once for each `peer:join`. */
	"peer:leave": [peerId: string];
	message: [message: Message];
	/** With `regions`: this peer is at home in another deployment now, or in its first one. */
	region: [name: string];
	/** With `onIdTaken: "new-id"`: another client has the former id, so this mesh starts again under another. */
	id: [peerId: string, former: string];
	/** Large data begins to come in. */
	transfer: [transfer: Transfer];
	state: [state: MeshState];
	/** Every frame to and from the server, for a log. */
	signaling: [traffic: { direction: "in" | "out"; frame: Readonly<Record<string, unknown>> }];
	/** An error that belongs to no call. It may go unheard. */
	error: [error: MeshError];
}

export interface Mesh {
	/** Changes only with `onIdTaken: "new-id"`. */
	readonly peerId: string;
	readonly room: string;
	/**
	 * The hash of this peer's own public key, as others see it. Undefined until the first join, and on pages without https,
	 * which have no WebCrypto.
	 */
	readonly key: string | undefined;
	readonly state: MeshState;
	/** With `regions`: the name of the deployment that this peer is at home in, once it has one. */
	readonly region: string | undefined;
	/** Peers with an open link. */
	readonly peers: readonly string[];
	/** Every link, also one in the making. */
	links(): LinkInfo[];
	/** The other peers of the room, also those without a link to this one. At most 256. */
	members(): Member[];
	/**
	 * Changes what the other peers see of this one in their `members`. Resolves at once; they know within a second.
	 * Rejects with `BAD_OPTIONS` or `BAD_REQUEST`.
	 */
	setMetadata(metadata: Member["metadata"]): Promise<void>;
	/** @returns undefined if there is no link to that peer, or no path yet */
	stats(peerId: string): Promise<LinkStats | undefined>;
	/**
	 * Joins the room, or joins it again after `leave`. Resolves once the server has welcomed us, and once `links` links are
	 * open, if that is given. Rejects with the server's code if it refuses for good, with `TIMEOUT`, `ABORTED` or `CLOSED`.
	 */
	join(options?: JoinOptions): Promise<void>;
	/** Resolves once `links` links are open, in an empty room when a peer comes. Rejects with `CLOSED` after `leave`. */
	ready(options?: JoinOptions): Promise<void>;
	/**
	 * Tells the server, waits up to 5 s until the neighbours have everything that `send` and `broadcast` resolved, and closes
	 * all links. May be called at any time, and again.
	 */
	leave(): Promise<void>;
	/** Leaves at once: data that is still on its way may be lost. */
	close(): void;
	/**
	 * Sends data to one peer: a JSON value, bytes, a Blob or a File, a ReadableStream or an AsyncIterable of bytes. Resolves once
	 * the data is on its way over a link. With `ack`, and for large data, once the peer has it. A link in the making is waited for.
	 * Large data (over 1 MiB, a Blob, a stream, or with `onProgress` or `signal`) goes over a direct link only.
	 * Rejects with `NO_ROUTE`, `TOO_LARGE`, `BUFFER_FULL`, `BAD_REQUEST`, `ABORTED`, `TIMEOUT` or `CLOSED`; if ignored, that is no
	 * unhandled rejection.
	 */
	send(peerId: string, data: unknown, options?: SendOptions): Promise<void>;
	/**
	 * Sends to every peer that the mesh reaches. Resolves with the number of links that took it, or keep it in their queue. It
	 * waits for the links that keep pace: for 100 ms after the first, and for a link that lags not again before it has caught up.
	 * The number is 0 if there is no link yet; `ready` waits for one.
	 */
	broadcast(data: unknown, options?: QueueOptions): Promise<number>;
	/** @returns what takes the listener away again */
	on<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	once<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	off<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): void;
}
