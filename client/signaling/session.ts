/** What the mesh asks of signaling, and hears from it. */
import type { RelayedType } from "../../protocol/frame-types.ts";
import type { ListedPeer } from "../../protocol/frames.ts";
import type { Emitter } from "../emitter.ts";
import type { MeshError } from "../errors.ts";

export interface Welcome {
	/** The peers that the server introduces: the nearest first, then far ones. */
	readonly peers: readonly ListedPeer[];
	readonly iceServers?: readonly RTCIceServer[] | undefined;
}

/** A frame from peer to peer. All other fields are the sender's own. */
export interface RelayedFrame {
	readonly type: RelayedType;
	readonly [field: string]: unknown;
}

export type SessionState = "new" | "joining" | "joined" | "reconnecting" | "left";

/** A peer's presence on the server, over as many sockets as it takes. */
export interface Session {
	readonly state: SessionState;
	readonly on: Emitter<SessionEvents>["on"];
	/**
	 * Joins, and stays joined until `leave`. Rejects with a MeshError if the server refuses for good, if the token cannot be
	 * had, or after half a minute in vain; the session has `left` then. After `leave` it joins again.
	 */
	join(): Promise<void>;
	/** Tells the server and closes. Resolves even if the server could not be told. */
	leave(): Promise<void>;
	/** Tells the server, and closes without waiting for it. */
	close(): void;
	/**
	 * Sends a frame to a peer, now or as soon as the session is joined again; `undelivered` reports a frame that could not be
	 * sent. `to`, `from` and `id` are the session's own. A `signal` that is a candidate (`{ type: "signal", signal: {
	 * candidate } }`, and no other field) waits a moment for others: together they arrive as one `batched_signals` with a
	 * list of `signals`.
	 * @throws MeshError `TOO_LARGE`
	 */
	send(to: string, frame: RelayedFrame): void;
	/** Asks the server for a sign of life, so that a dead connection is found out now; or connects without further delay. */
	probe(): void;
	/** Of a session on several deployments: the name of the one that it is at home in. */
	readonly region?: string | undefined;
	/** Takes a neighbour's request for a bridge, if it is one for a look into another deployment. @returns whether it was */
	asked?(to: string, steps: number): boolean;
	/** Asks the server for peers. Rejects with a MeshError if it does not answer. */
	findPeers(query?: { readonly target?: string; readonly count?: number }): Promise<readonly ListedPeer[]>;
}

export interface SessionEvents {
	/** After every join, the first one and those after a reconnect. `resumed`: no other peer noticed the gap. */
	welcome: [welcome: Welcome, resumed: boolean];
	/**
	 * `at`: the time of the peer's lease, in ms by the server's clock. A server of version 0.1 does not say. `identity`: the
	 * hash of its key, if it has told one.
	 */
	peerJoined: [peerId: string, at?: number | undefined, identity?: unknown];
	/** A hint: the peer's signaling connection ended. `at` is the time of the lease that ended. */
	peerLeft: [peerId: string, at?: number | undefined];
	/** A frame of a peer. Its sender may have repeated it, because it was uncertain whether it had arrived. */
	frame: [from: string, frame: RelayedFrame];
	/**
	 * A frame to this peer was refused for good, e.g. `PEER_NOT_FOUND`; passing refusals were repeated before. Or it could
	 * not be sent: `TIMEOUT`, `BUFFER_FULL`, `CLOSED`.
	 */
	undelivered: [to: string, error: MeshError];
	state: [state: SessionState];
	/** An error that belongs to no call, such as the end of a connection; `retryable` if the session continues. */
	error: [error: MeshError];
	/** Every frame of the wire, for a log: without the token and the resume key. */
	traffic: [direction: "in" | "out", frame: Readonly<Record<string, unknown>>];
}
