/** The links by peer: gives each link its signals, and asks whether to let in a caller. */
import { createEmitter, type Emitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { isId } from "../ids.ts";
import { Limiter } from "../limiter.ts";
import { DEMANDS_MS, MAX_ALTERNATIVES, MAX_DEMANDS } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";
import type { LinkFailure } from "../webrtc/failure.ts";
import { createInbox } from "../webrtc/inbox.ts";
import type { Link, LinkEnd, LinkFactory } from "../webrtc/link.ts";
import type { SignalingHealth } from "../webrtc/repair.ts";
import { type Caller, type Description, readSignals, type Signal } from "../webrtc/signals.ts";

export interface LinksOptions {
	readonly environment: Environment;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly createLink: LinkFactory;
	iceServers(): readonly RTCIceServer[];
	/** The way of signals to a peer. */
	signaling(peerId: string): SignalingHealth;
	/** What our offers say of us. */
	caller(): Caller;
	/** Sends through the server. */
	send(to: string, frame: RelayedFrame): void;
	/** Peers that a caller might call instead. Undefined: the caller is let in. */
	admit(peerId: string, caller: Caller): readonly string[] | undefined;
}

export interface LinksEvents {
	/** A link opened. */
	connect: [link: Link];
	/** An open link is open no longer. */
	disconnect: [peerId: string];
	message: [peerId: string, message: Uint8Array | string];
	/** There is no link any more, and there will be none until one side calls. */
	end: [peerId: string, why: LinkEnd, failure: LinkFailure | undefined];
	/** A peer that we called refused. */
	refused: [peerId: string, alternatives: readonly string[]];
	/** A peer wants a link. `awaits`: it waits for our call; else it is going to call. */
	wanted: [peerId: string, awaits: boolean];
}

export class Links {
	readonly on: Emitter<LinksEvents>["on"];
	readonly #emit: Emitter<LinksEvents>["emit"];
	readonly #options: LinksOptions;
	readonly #links = new Map<string, Link>();
	readonly #inbox: ReturnType<typeof createInbox>;
	readonly #demands: Limiter;
	/** Starts with the wall clock, so that it goes on when the program starts again with the same id. */
	#order: number;

	constructor(options: LinksOptions) {
		const { on, emit } = createEmitter<LinksEvents>();
		this.on = on;
		this.#emit = emit;
		this.#options = options;
		const { timers } = options.environment;
		this.#inbox = createInbox(timers);
		this.#demands = new Limiter(timers, MAX_DEMANDS, DEMANDS_MS);
		this.#order = timers.now();
	}

	get(peerId: string): Link | undefined {
		return this.#links.get(peerId);
	}

	/** Every link, also one in the making. */
	all(): readonly Link[] {
		return [...this.#links.values()];
	}

	/** Peers with an open link. */
	open(): readonly string[] {
		return this.all().flatMap(({ peerId, state }) => (state === "open" ? [peerId] : []));
	}

	/** Calls a peer, unless there is a link. */
	call(peerId: string): void {
		if (peerId !== this.#options.selfId && !this.#links.has(peerId)) this.#make(peerId).call();
	}

	/** Closes a link. No `end` follows. */
	close(peerId: string): void {
		const link = this.#links.get(peerId);
		this.#links.delete(peerId);
		link?.close();
	}

	/** Takes a frame that a peer sent through the server. */
	receive(from: string, frame: RelayedFrame) {
		if (from === this.#options.selfId) return;
		switch (frame.type) {
			case "connection_rejected":
				return this.#takeRejection(from, frame);
			case "signal_rejected":
				return this.#takeConflict(from, frame);
			case "connect_request":
				return this.#want(from, true);
			default:
				for (const signal of readSignals(frame)) this.#take(from, signal);
		}
	}

	#takeRejection(from: string, { attempt, alternativePeers }: RelayedFrame) {
		const calling = this.#links.get(from)?.calling;
		if (calling === undefined || (attempt ?? calling) !== calling) return;
		this.close(from);
		this.#emit("refused", from, readIds(alternativePeers));
	}

	/** p2pmesh's peer with the smaller id insists on calling. */
	#takeConflict(from: string, { correctInitiator }: RelayedFrame) {
		const ours = correctInitiator === this.#options.selfId;
		const calling = this.#links.get(from)?.calling !== undefined;
		if (!ours && !calling) return;
		if (!ours) this.close(from);
		this.#want(from, ours);
	}

	#want(from: string, awaits: boolean) {
		if (this.#demands.allows(from)) this.#emit("wanted", from, awaits);
	}

	#take(from: string, signal: Signal) {
		// The name of an attempt is sent back, so it must be one.
		if (signal.attempt !== undefined && !isId(signal.attempt)) return;
		if (signal.type === "offer" && !this.#demands.allows(from)) return;
		if ("sdp" in signal && !this.#inbox.isNew(from, signal)) return;
		const link = this.#links.get(from);
		if (link?.receive(signal)) return;
		if (signal.type === "candidate") this.#inbox.keep(from, signal);
		else if (signal.type === "offer" && link === undefined) this.#takeOffer(from, signal);
	}

	#takeOffer(from: string, offer: Description) {
		const { admit, send, maxPeers } = this.#options;
		const alternativePeers = admit(from, offer);
		if (alternativePeers === undefined) return this.#make(from).receive(offer);
		const { attempt } = offer;
		// In p2pmesh's words.
		send(from, { type: "connection_rejected", reason: "max_peers_reached", maxPeers, alternativePeers, attempt });
	}

	#make(peerId: string): Link {
		const { environment, selfId, createLink, iceServers, signaling, caller, send } = this.#options;
		const link = createLink(
			{
				environment,
				selfId,
				peerId,
				iceServers,
				signaling: signaling(peerId),
				marks: () => ({ order: ++this.#order, ...caller() }),
				earlyCandidates: (attempt) => this.#inbox.take(peerId, attempt),
			},
			{
				signal: (signal) => send(peerId, { type: "signal", signal }),
				connect: () => this.#emit("connect", link),
				message: (message) => this.#emit("message", peerId, message),
				disconnect: () => this.#emit("disconnect", peerId),
				end: (why, failure) => {
					if (this.#links.get(peerId) !== link) return;
					this.#links.delete(peerId);
					this.#emit("end", peerId, why, failure);
				},
			},
		);
		this.#links.set(peerId, link);
		return link;
	}
}

function readIds(value: unknown): string[] {
	return Array.isArray(value) ? value.slice(0, MAX_ALTERNATIVES).filter(isId) : [];
}
