/** The open sockets of the local gateway, and the three operations of API Gateway's @connections API on them. */
import type { Duplex } from "node:stream";
import type { Backlog } from "./backlog.ts";
import type { Callbacks } from "./callbacks.ts";
import type { TextSocket } from "./text-socket.ts";

/** Close codes: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
export const CLOSE = { normal: 1000, goingAway: 1001, unsupportedData: 1003, policyViolation: 1008 } as const;

/** A client that connects. */
export interface GatewayClient {
	readonly id: string;
	/** ms since the epoch */
	readonly connectedAt: number;
	/** Its address and its program, as every event names them. */
	readonly identity: { readonly sourceIp: string; readonly userAgent?: string };
}

/** The time of performance.now() in whole ms, which V8 keeps in the object itself: a number with a fraction is a separate object. */
export const monotonicNow = () => Math.trunc(performance.now());

/**
 * One client, connected. A class, because V8 makes another shape for each object that begins with a spread, of some 500 bytes.
 */
export class Peer implements GatewayClient {
	readonly id: string;
	readonly connectedAt: number;
	readonly identity: GatewayClient["identity"];
	readonly socket: TextSocket;
	/** The bytes below the WebSocket. */
	readonly stream: Duplex;
	// Times of monotonicNow(): a clock that is set must not end a connection, nor keep a dead one.
	readonly openedAt = monotonicNow();
	/** When a frame was last sent or received. */
	lastActiveAt = this.openedAt;
	/** When the client last showed that it is there. */
	heardAt = this.openedAt;
	/** When a WebSocket ping was sent that has not been answered. */
	pingedAt: number | undefined = undefined;
	/** Whether it was found joined when that was due, or is just being asked about. */
	deadlineKept = false;

	constructor({ id, connectedAt, identity }: GatewayClient, socket: TextSocket, stream: Duplex) {
		this.id = id;
		this.connectedAt = connectedAt;
		this.identity = identity;
		this.socket = socket;
		this.stream = stream;
	}
}

export interface Connections extends Callbacks {
	readonly peers: Map<string, Peer>;
	/** Sends a frame of the gateway's own. @returns whether it is on its way */
	send(peer: Peer, text: string): boolean;
	/** The peer's socket has closed. */
	remove(peer: Peer): void;
}

export function createConnections(backlog: Backlog): Connections {
	const peers = new Map<string, Peer>();

	const openPeer = (connectionId: string): Peer | undefined => {
		const peer = peers.get(connectionId);
		return peer?.socket.readyState === peer?.socket.OPEN ? peer : undefined;
	};

	// Every frame goes through the backlog, so that no request of a client makes the memory grow without a limit.
	const send = (peer: Peer, text: string): boolean => {
		if (!backlog.send(peer, text)) return false;
		peer.lastActiveAt = monotonicNow();
		return true;
	};

	return {
		peers,
		send,
		remove(peer) {
			peers.delete(peer.id);
			backlog.forget(peer);
		},
		post(connectionId, text) {
			const peer = openPeer(connectionId);
			return peer !== undefined && send(peer, text) ? "ok" : "gone";
		},
		close(connectionId) {
			const peer = openPeer(connectionId);
			peer?.socket.close(CLOSE.normal);
			return peer === undefined ? "gone" : "ok";
		},
		look(connectionId) {
			return openPeer(connectionId) === undefined ? "gone" : "ok";
		},
	};
}
