/**
 * One attempt at a link: an RTCPeerConnection from its first description to its end. The caller offers, the called answers.
 * The roles stay: when both sides call, one of the two attempts is given up (link.ts).
 */
import type { Environment } from "../environment.ts";
import { loaded } from "../errors.ts";
import { ATTEMPT_TIMEOUT_MS, CHUNK_BYTES, MAX_CHUNK_BYTES } from "../limits.ts";
import { type Channel, createChannel } from "./channel.ts";
import { descriptionFailure, type LinkFailure, TIMEOUT } from "./failure.ts";
import { type LateRepair, lateRepair } from "./late-repair.ts";
import { createNegotiation } from "./negotiation.ts";
import type { SignalingHealth } from "./repair.ts";
import type { Candidate, Signal } from "./signals.ts";
import type { LinkStats } from "./stats.ts";

export interface AttemptOptions {
	readonly environment: Pick<Environment, "timers" | "RTCPeerConnection">;
	/** Asked for each attempt: the server may have given others since. */
	iceServers(): readonly RTCIceServer[];
	/** The rest of the connection's configuration. */
	readonly rtcConfig?: RTCConfiguration;
	readonly signaling: SignalingHealth;
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
	/** Whether the other side is a peer of p2pmesh, known from its first description. */
	readonly foreign: boolean;
	/** Takes a signal of the other side that belongs to this attempt. @returns false for a candidate that comes too early */
	receive(signal: Signal): boolean;
	/** Same duties as `Channel.send`. Undefined while it is not open. */
	send(message: Uint8Array | string, key?: string): Promise<void> | undefined;
	stats(): Promise<LinkStats | undefined>;
	/** The network may have changed: finds out whether the path still holds. */
	probe(): void;
	close(): void;
}

/** The name of our data channels. Peers of p2pmesh take any. */
const LABEL = "p2pmesh";

type State =
	| { readonly name: "connecting"; readonly cancelDeadline: () => void }
	| { readonly name: "open"; readonly channel: Channel }
	| { readonly name: "ended" };

/** The state, and the end: the first end closes all that the attempt holds, and is the only one that is told. */
function createLife(connection: RTCPeerConnection, events: AttemptEvents, cancelDeadline: () => void) {
	let state: State = { name: "connecting", cancelDeadline };
	const held: { close(): void }[] = [];

	const close = () => {
		if (state.name === "ended") return;
		if (state.name === "connecting") state.cancelDeadline();
		else state.channel.close();
		state = { name: "ended" };
		for (const one of held) one.close();
		connection.close();
	};
	const end = (tell: () => void) => {
		if (state.name === "ended") return;
		close();
		tell();
	};

	return {
		get state(): State {
			return state;
		},
		/** To be closed before the connection. */
		hold<Held extends { close(): void }>(one: Held): Held {
			held.push(one);
			return one;
		},
		open(channel: Channel) {
			if (state.name === "connecting") state.cancelDeadline();
			state = { name: "open", channel };
			events.open();
		},
		close,
		left: () => end(events.left),
		fail: (failure: LinkFailure) => end(() => events.failed(failure)),
	};
}

/** @param id the caller's name for it; undefined if the caller is a peer of p2pmesh */
export function createAttempt(
	options: AttemptOptions,
	id: string | undefined,
	role: Role,
	events: AttemptEvents,
): Attempt {
	const { environment, signaling } = options;
	const { timers } = environment;
	const configuration = () => ({ ...options.rtcConfig, iceServers: [...options.iceServers()] });
	const connection = new environment.RTCPeerConnection(configuration());
	const whyUnlinked = diagnose(connection, options);
	const cancelDeadline = timers.after(ATTEMPT_TIMEOUT_MS, () => life.fail(whyUnlinked()));
	const life = createLife(connection, events, cancelDeadline);
	let foreign = id === undefined;
	let raw: RTCDataChannel | undefined;

	const negotiation = life.hold(
		createNegotiation({
			timers,
			connection,
			configuration,
			early: () => options.earlyCandidates(id),
			send: events.signal,
			failed: (error) => life.fail(descriptionFailure(error)),
		}),
	);
	const ask = () => events.signal({ type: "renegotiate" });
	const check = () => {
		if (life.state.name === "open") life.state.channel.probe(() => repair.part?.broke());
	};
	const repair: LateRepair = life.hold(
		lateRepair({
			timers,
			connection,
			role,
			signaling,
			// p2pmesh's peers give up at this point.
			possible: () => life.state.name === "open" && !foreign,
			restart: role === "caller" ? () => negotiation.offer(true) : ask,
			repeat: role === "caller" ? negotiation.repeat : ask,
			isSilent: () => life.state.name === "open" && life.state.channel.silent,
			check,
			giveUp: () => life.fail(whyUnlinked()),
		}),
	);

	const use = (given: RTCDataChannel) => {
		// Some browsers say nothing to the other side if only the connection is closed.
		raw = life.hold(given);
		const open = () => {
			if (life.state.name !== "connecting") return;
			// Some implementations do not say what the other side takes.
			const mostBytes = Math.min(MAX_CHUNK_BYTES, connection.sctp?.maxMessageSize || CHUNK_BYTES);
			life.open(
				createChannel(environment, given, !foreign, mostBytes, {
					message: events.message,
					dead: () => life.fail(TIMEOUT),
					unheard: () => repair.part?.doubt(),
					replaceable: signaling.isUp,
				}),
			);
			void repair.load();
		};
		watchChannel(given, open, life.left);
	};
	const receive = (signal: Signal) => {
		if (signal.type === "candidate") return negotiation.add(signal);
		// The caller offers, and only the caller.
		if (role === "caller" && signal.type === "renegotiate") repair.part?.again();
		else if (role === "called" && signal.type === "offer") negotiation.answer(signal, life.state.name === "open");
		else if (role === "caller" && signal.type === "answer") {
			negotiation.complete(signal, () => {
				foreign = signal.attempt === undefined;
			});
		}
		return true;
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
		close: life.close,
		receive,
		get foreign() {
			return foreign;
		},
		send: (message, key) => (life.state.name === "open" ? life.state.channel.send(message, key) : undefined),
		stats: async () => (await loaded(import("./stats.ts"))).readStats(connection),
		probe: () => (connection.connectionState === "connected" ? check() : repair.part?.again()),
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
		if (connection.remoteDescription === null) return TIMEOUT;
		return { reason: "ice", withoutServers: iceServers().length === 0, ...(cause && { cause }) };
	};
}
