/**
 * RTCPeerConnections that lead to each other within the simulation. They keep the rules that the client depends on: the order
 * of descriptions, how long a connection takes to open, that a channel keeps its order, and how late a browser finds out
 * that a path carries nothing any more.
 */
import type { Timers } from "../../../client/environment.ts";
import { describe, read } from "./description.ts";

/** A browser says `disconnected` when it has heard nothing for so long, and `failed` after this. */
const DISCONNECTED_MS = 5_000;
const FAILED_MS = 15_000;
/** Round trips until a channel is open: ICE, DTLS, SCTP. */
const HANDSHAKE_TRIPS = 4;

/** The machine that a connection is on. */
export interface Host {
	readonly timers: Timers;
	/** ms for a packet from here to the middle of the network. */
	readonly latency: number;
	/** Whether its program still runs. If it ends without a word, the other side finds out late. */
	readonly alive: boolean;
	/** Of its certificate: one for each connection in a browser, one for each machine here. */
	readonly fingerprint: string;
	readonly peerId: string;
}

type Handler<Event> = ((event: Event) => void) | null;

class Channel {
	readyState: RTCDataChannelState = "connecting";
	binaryType = "blob";
	readonly bufferedAmount = 0;
	bufferedAmountLowThreshold = 0;
	other: Channel | undefined;
	onopen: Handler<object> = null;
	onclose: Handler<object> = null;
	onmessage: Handler<{ data: unknown }> = null;
	onbufferedamountlow: Handler<object> = null;
	readonly connection: Connection;

	constructor(connection: Connection) {
		this.connection = connection;
	}

	send(data: Uint8Array): void {
		if (this.readyState !== "open") throw new DOMException("Not open.", "InvalidStateError");
		const { network, carries, host, peer } = this.connection;
		if (peer) network.onFrame(data, peer.host);
		// Neither side writes into a frame after it was sent, so both sides may look at the same bytes.
		if (carries && peer) host.timers.after(host.latency + peer.host.latency, () => this.other?.receive(data));
	}

	receive(data: Uint8Array): void {
		if (this.readyState === "open" && this.connection.host.alive) this.onmessage?.({ data });
	}

	opened(): void {
		this.readyState = "open";
		this.onopen?.({});
	}

	close(): void {
		if (this.readyState === "closed") return;
		this.readyState = "closed";
		const { carries, host, peer } = this.connection;
		const { other } = this;
		if (carries && peer) host.timers.after(host.latency + peer.host.latency, () => other?.closed());
	}

	closed(): void {
		if (this.readyState === "closed") return;
		this.readyState = "closed";
		if (this.connection.host.alive) this.onclose?.({});
	}
}

class Connection {
	readonly id: number;
	readonly network: Connections;
	readonly host: Host;
	iceGatheringState: RTCIceGatheringState = "new";
	signalingState: RTCSignalingState = "stable";
	connectionState: RTCPeerConnectionState = "new";
	localDescription: { type: RTCSdpType; sdp: string } | null = null;
	remoteDescription: { type: RTCSdpType; sdp: string } | null = null;
	onicecandidate: Handler<{ candidate: null }> = null;
	onicecandidateerror: Handler<object> = null;
	onicegatheringstatechange: Handler<object> = null;
	onconnectionstatechange: Handler<object> = null;
	ondatachannel: Handler<{ channel: Channel }> = null;
	channel: Channel | undefined;
	peer: Connection | undefined;
	/** Whether packets go through, as far as the network is concerned. */
	path = true;
	/** Whether an ICE restart finds another path. */
	mendable = true;
	#ice = 0;
	/** Of the other side, when the path was found. */
	#foundIce = -1;

	constructor(network: Connections, host: Host) {
		this.network = network;
		this.host = host;
		this.id = network.add(this);
	}

	/** Whether a packet arrives that is sent now. */
	get carries(): boolean {
		const { peer } = this;
		return peer !== undefined && this.path && peer.path && this.host.alive && peer.host.alive;
	}

	get isOpen(): boolean {
		return this.channel?.readyState === "open";
	}

	setConfiguration(): void {}

	createDataChannel(): Channel {
		return (this.channel = new Channel(this));
	}

	async createOffer({ iceRestart = false } = {}): Promise<object> {
		if (iceRestart) this.#ice++;
		return { type: "offer" };
	}

	async createAnswer(): Promise<object> {
		if (this.signalingState !== "have-remote-offer") throw new DOMException("No offer.", "InvalidStateError");
		return { type: "answer" };
	}

	async setLocalDescription({ type }: { type: "offer" | "answer" }): Promise<void> {
		this.#enter(type === "offer" ? ["stable", "have-local-offer"] : ["have-remote-offer"], type, "local");
		const { host, id } = this;
		this.localDescription = { type, sdp: describe({ connection: id, ice: this.#ice }, type, host.fingerprint) };
		this.iceGatheringState = "gathering";
		// A round trip to the STUN server.
		host.timers.after(2 * host.latency, () => {
			if (this.signalingState === "closed") return;
			this.iceGatheringState = "complete";
			this.onicegatheringstatechange?.({});
			this.onicecandidate?.({ candidate: null });
		});
		this.#connect();
	}

	async setRemoteDescription({ type, sdp }: { type: "offer" | "answer"; sdp: string }): Promise<void> {
		this.#enter([type === "offer" ? "stable" : "have-local-offer"], type, "remote");
		// An ICE restart of one side makes the other give new credentials, too.
		if (type === "offer" && this.remoteDescription !== null) this.#ice++;
		this.remoteDescription = { type, sdp };
		this.#connect();
	}

	async addIceCandidate(): Promise<void> {}

	async getStats(): Promise<Map<string, object>> {
		return new Map();
	}

	close(): void {
		if (this.signalingState === "closed") return;
		this.channel?.close();
		this.signalingState = "closed";
		this.connectionState = "closed";
		this.network.remove(this);
	}

	/** Nothing goes through any more, in either direction. */
	cut(mendable: boolean): void {
		for (const side of [this, this.peer]) if (side !== undefined) Object.assign(side, { path: false, mendable });
		for (const side of [this, this.peer]) side?.silent();
	}

	/** The other side has fallen silent: the browser finds out after a while. */
	silent(): void {
		const { timers } = this.host;
		const become = (state: RTCPeerConnectionState) => {
			if (!this.carries) this.become(state);
		};
		timers.after(DISCONNECTED_MS, () => become("disconnected"));
		timers.after(DISCONNECTED_MS + FAILED_MS, () => become("failed"));
	}

	become(state: RTCPeerConnectionState): void {
		if (this.connectionState === state || this.signalingState === "closed" || !this.host.alive) return;
		this.connectionState = state;
		this.onconnectionstatechange?.({});
	}

	#enter(from: readonly RTCSignalingState[], type: "offer" | "answer", side: "local" | "remote") {
		if (!from.includes(this.signalingState)) throw new DOMException(`In ${this.signalingState}.`, "InvalidStateError");
		this.signalingState = type === "answer" ? "stable" : `have-${side}-offer`;
	}

	/** Once both have the description of the other: checks, handshakes, and the channel is open. */
	#connect() {
		if (this.signalingState !== "stable" || this.remoteDescription === null) return;
		const { connection, ice } = read(this.remoteDescription.sdp);
		const peer = this.network.get(connection);
		if (peer?.remoteDescription == null || peer.signalingState !== "stable") return;
		const back = read(peer.remoteDescription.sdp);
		if (back.connection !== this.id || this.#foundIce === ice) return;
		const trip = 2 * (this.host.latency + peer.host.latency);
		this.#foundIce = ice;
		peer.#foundIce = back.ice;
		for (const side of [this, peer]) if (side.mendable) side.path = true;
		this.peer = peer;
		peer.peer = this;
		if (!this.path || !peer.path) return;
		this.host.timers.after(HANDSHAKE_TRIPS * trip, () => {
			if (!this.carries || this.signalingState === "closed" || peer.signalingState === "closed") return;
			for (const side of [this, peer]) side.become("connected");
			const made = this.channel ?? peer.channel;
			if (made === undefined || made.readyState !== "connecting") return;
			const far = new Channel(made.connection === this ? peer : this);
			far.connection.channel = far;
			far.other = made;
			made.other = far;
			far.readyState = "open";
			far.connection.ondatachannel?.({ channel: far });
			made.opened();
		});
	}
}

export class Connections {
	readonly #all = new Map<number, Connection>();
	readonly #byHost = new Map<Host, Set<Connection>>();
	#made = 0;
	/** Told of every frame that a channel takes. */
	onFrame: (frame: Uint8Array, to: Host) => void = () => {};

	add(connection: Connection): number {
		this.#all.set(++this.#made, connection);
		const own = this.#byHost.get(connection.host) ?? new Set();
		this.#byHost.set(connection.host, own.add(connection));
		return this.#made;
	}

	get(id: number): Connection | undefined {
		return this.#all.get(id);
	}

	remove(connection: Connection): void {
		this.#all.delete(connection.id);
		this.#byHost.get(connection.host)?.delete(connection);
	}

	/** The class for the environment of a client on this machine. */
	classFor(host: Host): typeof RTCPeerConnection {
		const network = this;
		return class {
			constructor() {
				// biome-ignore lint/correctness/noConstructorReturn: the pretended one stands in for the class
				return new Connection(network, host);
			}
		} as unknown as typeof RTCPeerConnection;
	}

	/** Pairs of machines that a channel joins. @param whole only if the path carries something now */
	*open(whole = true): Iterable<readonly [Host, Host, Connection]> {
		for (const one of this.#all.values()) {
			const { peer } = one;
			if (peer === undefined || peer.id < one.id || !one.isOpen || !peer.isOpen) continue;
			if (!whole || one.carries) yield [one.host, peer.host, one];
		}
	}

	/** The program of a machine has ended without a word. */
	vanished(host: Host): void {
		for (const connection of this.#byHost.get(host) ?? []) {
			connection.peer?.silent();
			this.#all.delete(connection.id);
		}
		this.#byHost.delete(host);
	}
}
