/** What an application sees of a mesh. */
import type { MeshError } from "../errors.ts";
import type { SessionState } from "../signaling/session.ts";
import type { LinkStats } from "../webrtc/stats.ts";
import type { Message } from "./routing.ts";

/** Where a mesh is with the server. `left` is for good, also where the server would not have it. */
export type MeshState = SessionState;

export interface LinkInfo {
	readonly peerId: string;
	readonly state: "connecting" | "open";
	/** When it came into this state, ms since the epoch. */
	readonly since: number;
}

/** What listeners get, by the event's name. */
export interface MeshEvents {
	/** A link to this peer opened. */
	"peer:connect": [peerId: string];
	/** The link to this peer is open no more. */
	"peer:disconnect": [peerId: string];
	/** This peer is in the room: the server named it, or a link to it opened. Comes once, until `peer:gone`. */
	"peer:discovered": [peerId: string];
	/** The peer left the server, and no link to it is open. Comes once for each `peer:discovered`. */
	"peer:gone": [peerId: string];
	message: [message: Message];
	state: [state: MeshState];
	/** Every frame to and from the server, for a log. */
	signaling: [traffic: { direction: "in" | "out"; frame: Readonly<Record<string, unknown>> }];
	/** What went wrong and concerns no call in particular. Nothing happens where nobody listens. */
	error: [error: MeshError];
}

export interface Mesh {
	readonly peerId: string;
	readonly room: string;
	readonly state: MeshState;
	/** Peers with an open link. */
	readonly peers: readonly string[];
	/** Every link, also one in the making. */
	links(): LinkInfo[];
	/** @returns undefined where there is no link to that peer, or no path yet */
	stats(peerId: string): Promise<LinkStats | undefined>;
	/**
	 * Joins the room. Resolves once the server has welcomed us; links open after that.
	 * Rejects with the server's code where it refuses for good, with `TIMEOUT`, `ABORTED` or `CLOSED`.
	 */
	join(): Promise<void>;
	/** Tells the server, and closes all links. May be called at any time, and again. */
	leave(): Promise<void>;
	/**
	 * Sends a JSON value or bytes to one peer: over its link, where it resolves once the link has taken it; else through
	 * the mesh, where it resolves once the peer has it.
	 * Rejects with `NO_ROUTE`, `TOO_LARGE`, `BUFFER_FULL`, `BAD_REQUEST` or `CLOSED`; unheeded, that is no unhandled rejection.
	 */
	send(peerId: string, data: unknown): Promise<void>;
	/** Sends to everybody whom the mesh reaches. Resolves once all links have taken it, and where nobody is there. */
	broadcast(data: unknown): Promise<void>;
	/** @returns what takes the listener away again */
	on<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	once<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): () => void;
	off<Name extends keyof MeshEvents>(name: Name, listener: (...values: MeshEvents[Name]) => void): void;
}
