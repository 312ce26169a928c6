/** The open sockets of the local gateway, and what API Gateway's @connections API does with them. */
import type { WebSocket } from "ws";
import type { Log } from "../lambda/core/ports.ts";
import type { Callbacks } from "./callbacks.ts";

/** Close codes: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
export const CLOSE = { normal: 1000, goingAway: 1001, unsupportedData: 1003, policyViolation: 1008 } as const;

/** Who connects. */
export interface Caller {
	readonly id: string;
	readonly connectedAt: number;
	readonly sourceIp: string;
	readonly userAgent: string | undefined;
}

/** One client, connected. */
export interface Peer extends Caller {
	readonly socket: WebSocket;
	/** When a frame was last sent or received, in ms since the epoch. */
	lastActiveAt: number;
	/** When the client last showed that it is there, in ms since the epoch. */
	heardAt: number;
	/** When a WebSocket ping was sent that has not been answered, in ms since the epoch. */
	pingedAt: number | undefined;
	/** Whether it was found joined when that was due, or is just being asked about. */
	deadlineKept: boolean;
}

export interface Connections extends Callbacks {
	readonly peers: Map<string, Peer>;
	/** Sends a frame of the gateway's own. @returns whether it was sent */
	send(peer: Peer, text: string): boolean;
}

export interface ConnectionsOptions {
	readonly maxBufferedBytes: number;
	readonly log: Log;
}

export function createConnections({ maxBufferedBytes, log }: ConnectionsOptions): Connections {
	const peers = new Map<string, Peer>();

	const openPeer = (connectionId: string): Peer | undefined => {
		const peer = peers.get(connectionId);
		return peer?.socket.readyState === peer?.socket.OPEN ? peer : undefined;
	};

	// Every frame goes through here, so that nothing that a client can ask for grows its buffer without a limit.
	const send = (peer: Peer, text: string): boolean => {
		const { socket } = peer;
		if (socket.readyState !== socket.OPEN) return false;
		if (socket.bufferedAmount > maxBufferedBytes) {
			log.warn("slow_reader_cut_off", { connectionId: peer.id });
			socket.terminate();
			return false;
		}
		peer.lastActiveAt = Date.now();
		socket.send(text);
		return true;
	};

	return {
		peers,
		send,
		async post(connectionId, text) {
			const peer = openPeer(connectionId);
			return peer !== undefined && send(peer, text) ? "ok" : "gone";
		},
		async close(connectionId) {
			const peer = openPeer(connectionId);
			peer?.socket.close(CLOSE.normal);
			return peer === undefined ? "gone" : "ok";
		},
		async look(connectionId) {
			return openPeer(connectionId) === undefined ? "gone" : "ok";
		},
	};
}
