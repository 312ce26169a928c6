/** RTCPeerConnections that lead to each other within the test, and keep the rules of real ones as far as a link depends on them. */
import type { Timers } from "../../../client/environment.ts";

export interface FakePeerNetwork {
	/** For an `Environment`. */
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	/** Every connection that was made, in order. */
	readonly connections: FakePeerConnection[];
	/** Whether new connections find a path to each other. */
	reachable: boolean;
	/** ms from a description until its candidates are found. */
	gatheringMs: number;
	/** How many candidates each description gets. */
	candidates: number;
	/** The largest message that either side says it takes. Undefined: as implementations that do not say it. */
	maxMessageSize: number | undefined;
	/** Whether the constructor throws, as with ICE servers that are none. */
	broken: boolean;
}

interface Sdp {
	readonly connection: number;
	/** Changes with an ICE restart. */
	readonly ice: number;
	readonly candidates: readonly string[];
}

type Handler<Event> = ((event: Event) => void) | null;

export class FakeChannel {
	readyState: RTCDataChannelState = "connecting";
	binaryType = "blob";
	bufferedAmount = 0;
	bufferedAmountLowThreshold = 0;
	/** Whether sent frames stay in the buffer. */
	stuck = false;
	/** Frames that this side has sent. */
	readonly sent: unknown[] = [];
	other: FakeChannel | undefined;
	onopen: Handler<object> = null;
	onclose: Handler<object> = null;
	onmessage: Handler<{ data: unknown }> = null;
	onbufferedamountlow: Handler<object> = null;
	readonly #timers: Timers;
	readonly #path: () => boolean;

	constructor(timers: Timers, path: () => boolean) {
		this.#timers = timers;
		this.#path = path;
	}

	open(): void {
		if (this.readyState !== "connecting") return;
		this.readyState = "open";
		this.onopen?.({});
	}

	send(data: unknown): void {
		if (this.readyState !== "open") throw new DOMException("Not open.", "InvalidStateError");
		// Of the bytes as they are now.
		const copy = data instanceof Uint8Array ? data.slice().buffer : data;
		this.sent.push(copy instanceof ArrayBuffer ? new Uint8Array(copy) : copy);
		if (this.stuck) this.bufferedAmount += data instanceof Uint8Array ? data.length : String(data).length;
		else if (this.#path()) this.#timers.after(1, () => this.other?.receive(copy));
	}

	/** The stuck frames go out. */
	drain(): void {
		this.bufferedAmount = 0;
		this.onbufferedamountlow?.({});
	}

	receive(data: unknown): void {
		if (this.readyState === "open") this.onmessage?.({ data });
	}

	close(): void {
		if (this.readyState === "closed") return;
		this.readyState = "closed";
		if (this.#path()) this.#timers.after(1, () => this.other?.closed());
		this.#timers.after(1, () => this.onclose?.({}));
	}

	closed(): void {
		if (this.readyState === "closed") return;
		this.readyState = "closed";
		this.onclose?.({});
	}
}

export class FakePeerConnection {
	readonly id: number;
	iceGatheringState: RTCIceGatheringState = "new";
	signalingState: RTCSignalingState = "stable";
	connectionState: RTCPeerConnectionState = "new";
	localDescription: { type: RTCSdpType; sdp: string } | null = null;
	remoteDescription: { type: RTCSdpType; sdp: string } | null = null;
	onicecandidate: Handler<{ candidate: object | null }> = null;
	onicecandidateerror: Handler<{ url: string; errorCode: number; errorText: string }> = null;
	onicegatheringstatechange: Handler<object> = null;
	onconnectionstatechange: Handler<object> = null;
	ondatachannel: Handler<{ channel: FakeChannel }> = null;
	readonly channels: FakeChannel[] = [];
	/** Candidates of the other side that were added. */
	readonly added: unknown[] = [];
	/** The configuration that it began with, or was given since. */
	configuration: unknown;
	/** Whether packets go through. */
	path = true;
	readonly #network: FakePeerNetwork;
	readonly #timers: Timers;
	#ice = 0;

	constructor(network: FakePeerNetwork, timers: Timers, configuration?: unknown) {
		this.configuration = configuration;
		this.id = network.connections.push(this) - 1;
		this.#network = network;
		this.#timers = timers;
		this.path = network.reachable;
	}

	get sctp(): { maxMessageSize: number } | undefined {
		const { maxMessageSize } = this.#network;
		return maxMessageSize === undefined ? undefined : { maxMessageSize };
	}

	setConfiguration(configuration: unknown): void {
		this.configuration = configuration;
	}

	createDataChannel(): FakeChannel {
		const channel = new FakeChannel(this.#timers, () => this.path && this.peer?.path === true);
		this.channels.push(channel);
		return channel;
	}

	async createOffer({ iceRestart = false } = {}): Promise<object> {
		if (iceRestart) this.#ice++;
		return { type: "offer" };
	}

	async createAnswer(): Promise<object> {
		if (this.signalingState !== "have-remote-offer") throw new DOMException("No offer.", "InvalidStateError");
		return { type: "answer" };
	}

	async setLocalDescription({ type }: { type: RTCSdpType }): Promise<void> {
		// An offer that was not answered may be replaced by another.
		const from: RTCSignalingState[] = type === "offer" ? ["stable", "have-local-offer"] : ["have-remote-offer"];
		if (!from.includes(this.signalingState)) throw new DOMException(`In ${this.signalingState}.`, "InvalidStateError");
		this.signalingState = type === "offer" ? "have-local-offer" : "stable";
		const ice = this.#ice;
		const candidates: string[] = [];
		const describe = () => {
			const sdp: Sdp = { connection: this.id, ice, candidates };
			this.localDescription = { type, sdp: JSON.stringify(sdp) };
		};
		describe();
		this.iceGatheringState = "gathering";
		this.#timers.after(this.#network.gatheringMs, () => {
			if (this.signalingState === "closed" || ice !== this.#ice) return;
			for (let n = 0; n < this.#network.candidates; n++) {
				const candidate = `candidate:${this.id}.${ice}.${n} 1 udp 1 192.0.2.1 9 typ host`;
				// Browsers write a candidate into the description before they tell of it.
				candidates.push(candidate);
				describe();
				this.onicecandidate?.({ candidate: { candidate, toJSON: () => ({ candidate }) } });
			}
			this.iceGatheringState = "complete";
			this.onicegatheringstatechange?.({});
			this.onicecandidate?.({ candidate: null });
		});
		this.#connect();
	}

	async setRemoteDescription({ type, sdp }: { type: RTCSdpType; sdp: string }): Promise<void> {
		const from: RTCSignalingState = type === "offer" ? "stable" : "have-local-offer";
		if (this.signalingState !== from) throw new DOMException(`In ${this.signalingState}.`, "InvalidStateError");
		const { candidates } = JSON.parse(sdp) as Sdp;
		this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
		this.remoteDescription = { type, sdp };
		this.added.push(...candidates);
		this.#connect();
	}

	async addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
		if (this.remoteDescription === null) throw new DOMException("No description.", "InvalidStateError");
		if (!candidate.startsWith("candidate:")) throw new DOMException("No candidate.", "OperationError");
		this.added.push(candidate);
		this.#connect();
	}

	/** The other side: each of the two has the description of the other. */
	get peer(): FakePeerConnection | undefined {
		const { remoteDescription: remote } = this;
		if (remote === null) return undefined;
		const other = this.#network.connections[(JSON.parse(remote.sdp) as Sdp).connection];
		if (other?.remoteDescription == null) return undefined;
		return (JSON.parse(other.remoteDescription.sdp) as Sdp).connection === this.id ? other : undefined;
	}

	#connect(): void {
		const { peer } = this;
		if (peer === undefined || this.signalingState !== "stable" || peer.signalingState !== "stable") return;
		if (this.added.length === 0 && peer.added.length === 0) return;
		if (!this.path || !peer.path) return;
		this.#timers.after(2, () => {
			for (const side of [this, peer]) side.become("connected");
			for (const side of [this, peer]) side.#openChannels();
		});
	}

	#openChannels(): void {
		const { peer } = this;
		for (const channel of this.channels) {
			if (channel.readyState !== "connecting" || channel.other !== undefined || peer?.signalingState === "closed")
				continue;
			const far = new FakeChannel(this.#timers, () => this.path && peer?.path === true);
			far.other = channel;
			channel.other = far;
			peer?.channels.push(far);
			far.readyState = "open";
			peer?.ondatachannel?.({ channel: far });
			channel.open();
		}
	}

	/** Changes the state of the connection, as the browser does by itself. */
	become(state: RTCPeerConnectionState): void {
		if (this.connectionState === state || this.signalingState === "closed") return;
		this.connectionState = state;
		this.onconnectionstatechange?.({});
	}

	/** Nothing goes through any more, in either direction, until an ICE restart finds another path. */
	cut(): void {
		for (const side of [this, this.peer]) if (side !== undefined) side.path = false;
	}

	mend(): void {
		for (const side of [this, this.peer]) if (side !== undefined) side.path = true;
	}

	async getStats(): Promise<Map<string, object>> {
		return new Map();
	}

	close(): void {
		if (this.signalingState === "closed") return;
		for (const channel of this.channels) channel.close();
		this.signalingState = "closed";
		this.connectionState = "closed";
	}
}

export function fakePeerNetwork(timers: Timers): FakePeerNetwork {
	const network: FakePeerNetwork = {
		RTCPeerConnection: class {
			constructor(configuration?: unknown) {
				if (network.broken) throw new DOMException("No such servers.", "SyntaxError");
				// biome-ignore lint/correctness/noConstructorReturn: the fake stands in for the class
				return new FakePeerConnection(network, timers, configuration);
			}
		} as unknown as typeof RTCPeerConnection,
		connections: [],
		reachable: true,
		maxMessageSize: undefined,
		gatheringMs: 5,
		candidates: 1,
		broken: false,
	};
	return network;
}
