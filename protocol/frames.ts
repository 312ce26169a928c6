/** The shapes of frames: JSON objects in WebSocket text frames. docs/protocol.md is the user's version of this file. */
import type { ErrorCode } from "./codes.ts";
import type { RelayedType } from "./frame-types.ts";

/** Why the server did not carry a frame out. The sender's `error` frame says it. */
export interface Refusal {
	readonly code: ErrorCode;
	readonly message: string;
	/** With `RATE_LIMITED`: ms until the next frame may pass. */
	readonly retryAfter?: number;
	/** Whether the server closes the connection after the error frame. */
	readonly final?: boolean;
}

/** Fields of a client's frame that an error about it repeats, so that the client knows which frame failed. */
export interface FrameMarks {
	readonly requestType?: string;
	readonly id?: string | number;
	readonly to?: string;
}

export interface JoinMessage {
	readonly type: "join";
	readonly peerId: string;
	readonly room: string;
	readonly resumeKey?: string;
	readonly token?: string;
	/** Proves that the client owns the id. A secret that the client makes and may keep. */
	readonly ownerKey?: string;
	/** Whether the client takes ids of any form in a list. */
	readonly anyId?: boolean;
	/** The hash of the client's public key. */
	readonly identity?: string;
}

export interface LeaveMessage {
	readonly type: "leave";
}

export interface PingMessage {
	readonly type: "ping";
}

export interface FindPeersMessage {
	readonly type: "find_peers";
	readonly target?: string;
	readonly count?: number;
}

/** A frame for another peer: the text that arrived, and its parsed content. */
export interface RelayedMessage {
	readonly type: RelayedType;
	readonly to: string;
	readonly text: string;
	readonly content: Readonly<Record<string, unknown>>;
}

export type ClientMessage = JoinMessage | LeaveMessage | PingMessage | FindPeersMessage | RelayedMessage;

export interface ListedPeer {
	readonly id: string;
	/** When the peer's lease was last written, in ms since the epoch. */
	readonly lastSeen: number;
	/** The hash of its public key, if it has told one in its join. */
	readonly identity?: string;
}

/** As RTCPeerConnection takes it: https://www.w3.org/TR/webrtc/#rtciceserver-dictionary */
export interface IceServer {
	readonly urls: readonly string[];
	readonly username?: string;
	readonly credential?: string;
}

/** A frame that the server makes. Relayed frames are text already. */
export type ServerFrame =
	| {
			readonly type: "bootstrap_peers";
			readonly peers: readonly ListedPeer[];
			readonly room: string;
			readonly peerId: string;
			/** Present in the reply to a `join`: proves on a later connection that the client is the same peer. */
			readonly resumeKey?: string;
			/** Present in the reply to a `join`: the time by which the client should have a new connection, in ms since the epoch. */
			readonly reconnectBefore?: number;
			/** The same as a duration from now, in ms, for clients with a wrong clock. */
			readonly reconnectIn?: number;
			/** Present in the reply to a `join`, if the deployment names some. */
			readonly iceServers?: readonly IceServer[];
			/** Present in the reply to a `find_peers` with a `target`. */
			readonly target?: string;
	  }
	| {
			readonly type: "peer_joined" | "peer_left";
			readonly peerId: string;
			readonly room: string;
			/** The time of the lease that the notice speaks of, in ms since the epoch. */
			readonly at: number;
			/** In a `peer_joined`: as in {@link ListedPeer}. */
			readonly identity?: string;
	  }
	| { readonly type: "pong"; readonly timestamp: number }
	| { readonly type: "go_away"; readonly reason: string; readonly reconnectWithin: number }
	| ({
			readonly type: "error";
			readonly code: ErrorCode;
			readonly message: string;
			readonly retryable: boolean;
			/** ms; present with `RATE_LIMITED`. */
			readonly retryAfter?: number;
	  } & FrameMarks);
