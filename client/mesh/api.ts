/** The mesh as an application sees it. */
import type { MeshError } from "../errors.ts";
import type { SessionState } from "../signaling/session.ts";
import type { LinkStats } from "../webrtc/stats.ts";
import type { Message } from "./routing.ts";

/** The state of the connection to the server. After `left`, `join` joins again. */
export type MeshState = SessionState;

export interface LinkInfo {
	readonly peerId: string;
	readonly state: "connecting" | "open";
	/** When it came into this state, ms since the epoch. */
	readonly since: number;
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
	/** A link to this peer opened. */
	"peer:connect": [peerId: string];
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
	/** With `onIdTaken: "new-id"`: another client has the former id, so this mesh starts again under another. */
	id: [peerId: string, former: string];
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
	readonly state: MeshState;
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
	 * Sends a JSON value or bytes to one peer: over its link, and resolves once the link has taken it; else through
	 * the mesh, and resolves once the peer has it.
	 * Rejects with `NO_ROUTE`, `TOO_LARGE`, `BUFFER_FULL`, `BAD_REQUEST` or `CLOSED`; if ignored, that is no unhandled rejection.
	 */
	send(peerId: string, data: unknown): Promise<void>;
	/**
	 * Sends to every peer that the mesh reaches. Resolves with the number of links that took it, once each has taken or
	 * refused it. The number is 0 if there is no link yet; `ready` waits for one.
	 */
	broadcast(data: unknown): Promise<number>;
	/** @returns what takes the listener away again */
	on<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	once<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	off<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): void;
}
