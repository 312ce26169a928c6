/** The links by peer: gives each what comes for it, and asks whether to let in who calls. */
import type { Environment } from "../environment.ts";
import { isId } from "../ids.ts";
import { MAX_ALTERNATIVES } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";
import type { LinkFailure } from "../webrtc/failure.ts";
import { createInbox } from "../webrtc/inbox.ts";
import type { Link, LinkEnd, LinkFactory } from "../webrtc/link.ts";
import { type Caller, readSignals, type Signal } from "../webrtc/signals.ts";

export interface LinksOptions {
	readonly environment: Environment;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly createLink: LinkFactory;
	iceServers(): readonly RTCIceServer[];
	/** What our offers say of us. */
	caller(): Caller;
	/** Sends through the server. */
	send(to: string, frame: RelayedFrame): void;
	/** Whom a caller might call instead. Undefined: it is let in. */
	answer(peerId: string, caller: Caller): readonly string[] | undefined;
	/** A peer that we called refused. */
	refused(peerId: string, alternatives: readonly string[]): void;
	/** A peer asks to be called, or says that it waits for that. */
	wanted(peerId: string): void;
	opened(peerId: string): void;
	message(peerId: string, message: Uint8Array | string): void;
	/** An open link is open no more. */
	lost(peerId: string): void;
	/** There is no link any more, and will be none unless somebody calls. */
	ended(peerId: string, why: LinkEnd, failure?: LinkFailure): void;
}

export interface Links {
	get(peerId: string): Link | undefined;
	/** Also those in the making. */
	all(): readonly Link[];
	/** Peers with an open link. */
	open(): readonly string[];
	/** Those of them that are no peers of p2pmesh. */
	kin(): readonly string[];
	/** Calls a peer, unless there is a link. */
	call(peerId: string): void;
	/** Closes a link without a word to `ended`. */
	close(peerId: string): void;
	/** Takes what a peer sent through the server. */
	receive(from: string, frame: RelayedFrame): void;
}

export function createLinks(options: LinksOptions): Links {
	const { environment, selfId, maxPeers, iceServers, send } = options;
	const links = new Map<string, Link>();
	const inbox = createInbox(environment.timers);
	/** Starts with the clock, so that it goes on where the program is started anew with the same id. */
	let order = environment.timers.now();

	const all = () => [...links.values()];
	const open = () => all().filter(({ state }) => state === "open");
	const idsOf = (some: readonly Link[]) => some.map(({ peerId }) => peerId);

	const make = (peerId: string): Link => {
		const link = options.createLink(
			{
				environment,
				selfId,
				peerId,
				iceServers,
				marks: () => ({ order: ++order, ...options.caller() }),
				earlyCandidates: (attempt) => inbox.take(peerId, attempt),
			},
			{
				signal: (signal) => send(peerId, { type: "signal", signal }),
				open: () => options.opened(peerId),
				message: (message) => options.message(peerId, message),
				lost: () => options.lost(peerId),
				end(why, failure) {
					if (links.get(peerId) !== link) return;
					links.delete(peerId);
					options.ended(peerId, why, failure);
				},
			},
		);
		links.set(peerId, link);
		return link;
	};

	const close = (peerId: string) => {
		const link = links.get(peerId);
		links.delete(peerId);
		link?.close();
	};

	const call = (peerId: string) => {
		if (peerId !== selfId && !links.has(peerId)) make(peerId).call();
	};

	const take = (from: string, signal: Signal) => {
		if ("sdp" in signal && !inbox.isNew(from, signal)) return;
		const link = links.get(from);
		if (link?.receive(signal)) return;
		if (signal.type === "candidate") return inbox.keep(from, signal);
		if (signal.type !== "offer" || link !== undefined) return;

		const alternativePeers = options.answer(from, signal);
		if (alternativePeers === undefined) return make(from).receive(signal);
		const { attempt } = signal;
		// In p2pmesh's words.
		send(from, { type: "connection_rejected", reason: "max_peers_reached", maxPeers, alternativePeers, attempt });
	};

	return {
		get: (peerId) => links.get(peerId),
		all,
		open: () => idsOf(open()),
		kin: () => idsOf(open().filter(({ foreign }) => !foreign)),
		call,
		close,
		receive(from, frame) {
			if (from === selfId) return;
			const calling = links.get(from)?.calling;
			switch (frame.type) {
				case "connection_rejected":
					if (calling === undefined || (frame.attempt ?? calling) !== calling) return;
					close(from);
					return options.refused(from, readIds(frame.alternativePeers));
				case "signal_rejected":
					// p2pmesh's peer with the smaller id insists on calling.
					if (frame.correctInitiator === selfId) return call(from);
					if (calling === undefined) return;
					close(from);
					return options.wanted(from);
				case "connect_request":
					return options.wanted(from);
				default:
					for (const signal of readSignals(frame)) take(from, signal);
			}
		},
	};
}

function readIds(value: unknown): string[] {
	return Array.isArray(value) ? value.slice(0, MAX_ALTERNATIVES).filter(isId) : [];
}
