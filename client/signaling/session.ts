/** What the mesh asks of signaling, and hears from it. */
import type { ListedPeer, RelayedType } from "../../lambda/core/protocol.ts";
import type { MeshError } from "../errors.ts";

export interface Welcome {
	readonly peerId: string;
	readonly room: string;
	/** Whom the server introduces: the nearest first, then far ones. */
	readonly peers: readonly ListedPeer[];
	readonly iceServers?: readonly RTCIceServer[];
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
	/** Joins, and stays joined until `leave`. Rejects with a MeshError where the server refuses for good. */
	join(): Promise<void>;
	/** Tells the server and closes. Resolves also where the server could not be told. */
	leave(): Promise<void>;
	/**
	 * Sends a frame to a peer, now or as soon as the session is joined again.
	 * @throws MeshError `TOO_LARGE`
	 */
	send(to: string, frame: RelayedFrame): void;
	/** Asks the server for peers. Rejects with a MeshError where it does not answer. */
	findPeers(query?: { readonly target?: string; readonly count?: number }): Promise<readonly ListedPeer[]>;
}

export interface SessionEvents {
	/** After every join, the first one and those after a reconnect. @param resumed whether nobody noticed that it was away */
	welcome(welcome: Welcome, resumed: boolean): void;
	peerJoined(peerId: string): void;
	/** A hint: its signaling connection ended. */
	peerLeft(peerId: string): void;
	frame(from: string, frame: RelayedFrame): void;
	/** A frame to this peer was refused for good, e.g. `PEER_NOT_FOUND`. Passing refusals were repeated before. */
	undelivered(to: string, error: MeshError): void;
	state(state: SessionState): void;
	/** What concerns no call in particular. */
	error(error: MeshError): void;
	/** Every frame of the wire, for a log. */
	traffic(direction: "in" | "out", frame: Readonly<Record<string, unknown>>): void;
}
