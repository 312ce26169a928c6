/**
 * A peer like p2pmesh's own: `simple-peer` with complete descriptions, driven by the rules of its mesh. The rules about
 * callers, refusals and ignored signals were read from https://github.com/draeder/p2pmesh (src/p2p-mesh.js,
 * src/peer-manager/, src/transports/websocket-transport.js).
 */
import wrtc from "@roamhq/wrtc";
import SimplePeer from "simple-peer";
import WebSocket from "ws";
import { eventually } from "../../support/eventually.ts";

type Json = Readonly<Record<string, unknown>>;

export interface P2pmeshPeer {
	readonly peerId: string;
	/** Texts that arrived on data channels, by peer. */
	readonly received: { readonly from: string; readonly data: Json }[];
	/** Frames that the server sent. */
	readonly frames: Json[];
	isLinked(peerId: string): boolean;
	linked(peerId: string): Promise<void>;
	/** `mesh.send` of p2pmesh. */
	send(peerId: string, payload: unknown): void;
	/** Anything. */
	sendText(peerId: string, text: string): void;
	/** `mesh.sendBroadcast` of p2pmesh, as its neighbours get it. */
	gossip(payload: unknown): void;
	close(): Promise<void>;
}

export async function aP2pmeshPeer(url: string, peerId: string, { maxPeers = 5 } = {}): Promise<P2pmeshPeer> {
	const socket = new WebSocket(url);
	const peers = new Map<string, SimplePeer>();
	const received: { from: string; data: Json }[] = [];
	const frames: Json[] = [];

	const sendTo = (to: string, message: Json) => socket.send(JSON.stringify({ to, ...message }));
	const connected = () => [...peers.values()].filter((peer) => peer.connected).length;

	const connect = (to: string, initiator: boolean): SimplePeer | undefined => {
		if (peers.has(to) || connected() >= maxPeers) return undefined;
		const peer = new SimplePeer({ initiator, trickle: false, wrtc, config: { iceServers: [] } });
		const drop = () => {
			if (peers.get(to) === peer) peers.delete(to);
		};
		peer.on("signal", (signal: Json) => sendTo(to, { type: "signal", from: peerId, signal }));
		peer.on("data", (data: Uint8Array) => received.push({ from: to, data: JSON.parse(data.toString()) }));
		peer.on("close", drop);
		peer.on("error", drop);
		peers.set(to, peer);
		return peer;
	};

	const takeSignal = (from: string, signal: Json) => {
		const peer = peers.get(from);
		if (peer !== undefined) {
			const state = peer._pc?.signalingState;
			// An offer fits a connection that has none, an answer one that waits for it; the rest is ignored.
			const fits =
				signal.candidate !== undefined ||
				(signal.type === "offer" && state === "stable") ||
				(signal.type === "answer" && state === "have-local-offer");
			if (fits && !peer.destroyed) peer.signal(signal);
		} else if (signal.type === "offer" && peerId < from) {
			sendTo(from, { type: "signal_rejected", reason: "initiator_conflict", correctInitiator: peerId });
			setTimeout(() => connect(from, true), 100);
		} else {
			const made = connect(from, peerId < from);
			if (made !== undefined) made.signal(signal);
			else sendTo(from, { type: "connection_rejected", reason: "max_peers_reached", maxPeers, alternativePeers: [] });
		}
	};

	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as Json & { from?: string; peerId?: string };
		frames.push(frame);
		const { from = "", peerId: other = "" } = frame;
		if (frame.type === "bootstrap_peers") {
			for (const { id } of frame.peers as { id: string }[]) connect(id, true);
		} else if (frame.type === "peer_joined") connect(other, peerId < other);
		else if (frame.type === "signal") takeSignal(from, frame.signal as Json);
		else if (frame.type === "batched_signals") {
			for (const signal of frame.signals as Json[]) takeSignal(from, signal);
		} else if (frame.type === "connection_rejected" && !peers.get(from)?.connected) peers.get(from)?.destroy();
	});
	await new Promise<void>((resolve, reject) => {
		socket.on("open", () => {
			socket.send(JSON.stringify({ type: "join", peerId }));
			resolve();
		});
		socket.on("error", reject);
	});

	return {
		peerId,
		received,
		frames,
		isLinked: (other) => peers.get(other)?.connected === true,
		async linked(other) {
			await eventually(() => peers.get(other)?.connected);
		},
		send: (to, payload) => peers.get(to)?.send(JSON.stringify({ type: "direct", payload })),
		sendText: (to, text) => peers.get(to)?.send(text),
		gossip(payload) {
			const id = `msg-${Math.random().toString(36).slice(2, 11)}-${Date.now()}`;
			const data = {
				id,
				topic: "chat",
				payload,
				originPeerId: peerId,
				timestamp: Date.now(),
				hops: 0,
				relayedBy: [peerId],
			};
			for (const peer of peers.values()) if (peer.connected) peer.send(JSON.stringify({ type: "gossip", data }));
		},
		async close() {
			for (const peer of peers.values()) peer.destroy();
			socket.close();
			await new Promise((resolve) => socket.once("close", resolve));
		},
	};
}
