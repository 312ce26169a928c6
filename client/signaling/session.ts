/** What the mesh asks of signaling, and hears from it. */

import type { RelayedType } from "../../protocol/frame-types.ts";
import type { ListedPeer } from "../../protocol/frames.ts";
import type { MeshError } from "../errors.ts";

export interface Welcome {
	/** Whom the server introduces: the nearest first, then far ones. */
	readonly peers: readonly ListedPeer[];
	readonly iceServers?: readonly RTCIceServer[] | undefined;
}

/** A frame from peer to peer. Fields beside these are the sender's own. */
export interface RelayedFrame {
	readonly type: RelayedType;
	readonly [field: string]: unknown;
}

export type SessionState = "new" | "joining" | "joined" | "reconnecting" | "left";

/** A peer's presence on the server, over as many sockets as it takes. */
export interface Session {
	readonly state: SessionState;
	/**
	 * Joins, and stays joined until `leave`. Rejects with a MeshError where the server refuses for good, where the token
	 * cannot be had, or after half a minute in vain; the session has `left` then.
	 */
	join(): Promise<void>;
	/** Tells the server and closes. Resolves also where the server could not be told. */
	leave(): Promise<void>;
	/**
	 * Sends a frame to a peer, now or as soon as the session is joined again; `undelivered` tells of one that could not be
	 * sent. `to`, `from` and `id` are the session's own. A `signal` that is a candidate (`{ type: "signal", signal: {
	 * candidate } }`, and nothing beside it) waits a moment for others: together they arrive as one `batched_signals` with a
	 * list of `signals`.
	 * @throws MeshError `TOO_LARGE`
	 */
	send(to: string, frame: RelayedFrame): void;
	/** Asks the server for a sign of life, so that a dead connection is found out now; or connects, instead of waiting on. */
	probe(): void;
	/** Asks the server for peers. Rejects with a MeshError where it does not answer. */
	findPeers(query?: { readonly target?: string; readonly count?: number }): Promise<readonly ListedPeer[]>;
}

export interface SessionEvents {
	/** After every join, the first one and those after a reconnect. @param resumed whether nobody noticed that it was away */
	welcome(welcome: Welcome, resumed: boolean): void;
	peerJoined(peerId: string): void;
	/** A hint: its signaling connection ended. */
	peerLeft(peerId: string): void;
	/** A frame of a peer. Its sender may have repeated it, not knowing whether it had arrived. */
	frame(from: string, frame: RelayedFrame): void;
	/**
	 * A frame to this peer was refused for good, e.g. `PEER_NOT_FOUND`; passing refusals were repeated before. Or it could
	 * not be sent: `TIMEOUT`, `BUFFER_FULL`, `CLOSED`.
	 */
	undelivered(to: string, error: MeshError): void;
	state(state: SessionState): void;
	/** What concerns no call in particular: why a connection ended, or was not had; `retryable` where it goes on. */
	error(error: MeshError): void;
	/** Every frame of the wire, for a log: without the token and the resume key. */
	traffic(direction: "in" | "out", frame: Readonly<Record<string, unknown>>): void;
}
