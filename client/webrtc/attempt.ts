/**
 * One attempt at a link: an RTCPeerConnection whose caller offers and whose called answers, from its first description to
 * its end. The roles stay: when both sides call, one of the two attempts is given up (link.ts).
 */
import type { Environment } from "../environment.ts";
import { ATTEMPT_TIMEOUT_MS } from "../limits.ts";
import { type Channel, createChannel } from "./channel.ts";
import { descriptionFailure, type LinkFailure, linkFailure, noPath } from "./failure.ts";
import { createNegotiation } from "./negotiation.ts";
import { createRepair, patienceOf } from "./repair.ts";
import type { Candidate, Signal } from "./signals.ts";
import { type LinkStats, readStats } from "./stats.ts";

export interface AttemptOptions {
	readonly environment: Pick<Environment, "timers" | "RTCPeerConnection">;
	/** Asked for each attempt: the server may have given others since. */
	iceServers(): readonly RTCIceServer[];
	/** The rest of the connection's configuration. */
	readonly rtcConfig?: RTCConfiguration;
	/** Candidates that overtook the description that they belong to. */
	earlyCandidates(attempt: string | undefined): readonly Candidate[];
}

export type Role = "caller" | "called";

export interface AttemptEvents {
	/** To be sent to the other side. */
	signal(signal: Readonly<Record<string, unknown>> & Pick<Signal, "type">): void;
	open(): void;
	message(message: Uint8Array | string): void;
	/** The other side closed it. Neither this nor `failed` is called after `close`. */
	left(): void;
	failed(failure: LinkFailure): void;
}

export interface Attempt {
	readonly id: string | undefined;
	readonly role: Role;
	readonly isOpen: boolean;
	/** Whether the other side is a peer of p2pmesh, known from its first description. */
	readonly foreign: boolean;
	/** Takes a signal of the other side that belongs to this attempt. @returns false for a candidate that comes too early */
	receive(signal: Signal): boolean;
	/** Same duties as `Channel.send`. Undefined while it is not open. */
	send(message: Uint8Array | string): Promise<void> | undefined;
	stats(): Promise<LinkStats | undefined>;
	close(): void;
}

/** The name of our data channels. Peers of p2pmesh take any. */
const LABEL = "p2pmesh";

type State =
	| { readonly name: "connecting"; readonly cancelDeadline: () => void }
	| { readonly name: "open"; readonly channel: Channel }
	| { readonly name: "ended" };

/** @param id the caller's name for it; undefined if the caller is a peer of p2pmesh */
export function createAttempt(
	options: AttemptOptions,
	id: string | undefined,
	role: Role,
	events: AttemptEvents,
): Attempt {
	const { timers, RTCPeerConnection } = options.environment;
	const configuration = () => ({ ...options.rtcConfig, iceServers: [...options.iceServers()] });
	const connection = new RTCPeerConnection(configuration());
	const whyUnlinked = diagnose(connection, options);
	let foreign = id === undefined;
	let raw: RTCDataChannel | undefined;

	const close = () => {
		if (state.name === "ended") return;
		if (state.name === "connecting") state.cancelDeadline();
		else state.channel.close();
		state = { name: "ended" };
		repair.close();
		negotiation.close();
		// Some browsers say nothing to the other side if only the connection is closed.
		raw?.close();
		connection.close();
	};
	const end = (tell: () => void) => {
		if (state.name === "ended") return;
		close();
		tell();
	};
	const fail = (failure: LinkFailure) => end(() => events.failed(failure));

	const negotiation = createNegotiation({
		timers,
		connection,
		configuration,
		early: () => options.earlyCandidates(id),
		send: events.signal,
		failed: (error) => fail(descriptionFailure(error)),
	});
	const repair = createRepair({
		timers,
		connection,
		patienceMs: patienceOf(role),
		// p2pmesh's peers give up at this point.
		possible: () => state.name === "open" && !foreign,
		restart: () => (role === "caller" ? negotiation.offer(true) : events.signal({ type: "renegotiate" })),
		giveUp: () => fail(whyUnlinked()),
	});

	const open = (opened: RTCDataChannel) => {
		if (state.name !== "connecting") return;
		state.cancelDeadline();
		const dead = () => fail(linkFailure("timeout"));
		state = {
			name: "open",
			channel: createChannel(options.environment, opened, !foreign, { message: events.message, dead }),
		};
		events.open();
	};
	const use = (given: RTCDataChannel) => {
		raw = given;
		watchChannel(
			given,
			() => open(given),
			() => end(events.left),
		);
	};
	const receive = (signal: Signal) => {
		if (signal.type === "candidate") return negotiation.add(signal);
		// The caller offers, and only the caller.
		if (role === "caller" && signal.type === "renegotiate") repair.asked();
		else if (role === "called" && signal.type === "offer") negotiation.answer(signal, state.name === "open");
		else if (role === "caller" && signal.type === "answer") {
			negotiation.complete(signal, () => {
				foreign = signal.attempt === undefined;
			});
		}
		return true;
	};

	let state: State = {
		name: "connecting",
		cancelDeadline: timers.after(ATTEMPT_TIMEOUT_MS, () => fail(whyUnlinked())),
	};
	connection.onconnectionstatechange = repair.watch;
	if (role === "caller") {
		use(connection.createDataChannel(LABEL));
		negotiation.offer(false);
	} else {
		// One is all that was agreed on; a peer that opens more is not given the memory for them.
		connection.ondatachannel = ({ channel }) => (raw === undefined ? use(channel) : channel.close());
	}

	return {
		id,
		role,
		close,
		receive,
		get isOpen() {
			return state.name === "open";
		},
		get foreign() {
			return foreign;
		},
		send: (message) => (state.name === "open" ? state.channel.send(message) : undefined),
		stats: () => readStats(connection),
	};
}

/** A channel of the other side may be open when it is handed over. */
function watchChannel(raw: RTCDataChannel, opened: () => void, closed: () => void): void {
	raw.binaryType = "arraybuffer";
	raw.onclose = closed;
	raw.onopen = opened;
	if (raw.readyState === "open") opened();
}

/** Listens to the STUN and TURN servers' errors. @returns what gives the reason when the connection has no path */
function diagnose(connection: RTCPeerConnection, { iceServers }: AttemptOptions): () => LinkFailure {
	let cause: Error | undefined;
	connection.onicecandidateerror = ({ url, errorCode, errorText }) => {
		cause = new Error(`${url}: ${errorCode} ${errorText}`);
	};
	return () => {
		if (connection.remoteDescription === null) return linkFailure("timeout");
		return noPath(iceServers(), cause);
	};
}
