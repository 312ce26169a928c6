/**
 * One attempt at a link: an RTCPeerConnection whose caller offers and whose called answers, from its first description to
 * its end. It is never turned round: where both call, one of the two attempts is given up (link.ts).
 */
import type { Environment } from "../environment.ts";
import { ATTEMPT_TIMEOUT_MS, DISCONNECTED_MS, GATHERING_MS, RESTART_MS } from "../limits.ts";
import { type Channel, createChannel } from "./channel.ts";
import type { Candidate, Description, Signal } from "./signals.ts";
import { type LinkStats, readStats } from "./stats.ts";

export interface AttemptOptions {
	readonly environment: Pick<Environment, "timers" | "RTCPeerConnection">;
	/** Asked for each attempt: the server may have given others since. */
	iceServers(): readonly RTCIceServer[];
	/** Candidates that overtook the description that they belong to. */
	earlyCandidates(attempt: string | undefined): readonly Candidate[];
}

export type Role = "caller" | "called";

export interface AttemptEvents {
	/** To be sent to the other side. */
	signal(signal: Readonly<Record<string, unknown>> & Pick<Signal, "type">): void;
	open(): void;
	message(message: Uint8Array | string): void;
	/** It is over. `left`: the other side closed it. Not called after `close`. */
	end(why: "left" | "failed"): void;
}

export interface Attempt {
	readonly id: string | undefined;
	readonly role: Role;
	readonly isOpen: boolean;
	/** Whether the other side is a peer of p2pmesh, known from its first description. */
	readonly foreign: boolean;
	/** Takes a signal of the other side that belongs to this attempt. @returns false for a candidate that comes too early */
	receive(signal: Signal): boolean;
	/** Same duties as `Channel.send`. Undefined where it is not open. */
	send(message: Uint8Array | string): Promise<void> | undefined;
	stats(): Promise<LinkStats | undefined>;
	close(): void;
}

/** The name of our data channels. Peers of p2pmesh take any. */
const LABEL = "p2pmesh";

/** @param id the caller's name for it; undefined where the caller is a peer of p2pmesh */
export function createAttempt(
	{ environment, iceServers, earlyCandidates }: AttemptOptions,
	id: string | undefined,
	role: Role,
	events: AttemptEvents,
): Attempt {
	const { timers } = environment;
	const configuration = () => ({ iceServers: [...iceServers()] });
	const connection = new environment.RTCPeerConnection(configuration());
	let foreign = id === undefined;
	let raw: RTCDataChannel | undefined;
	let channel: Channel | undefined;
	let closed = false;
	/** The description that was sent last. Undefined while the next one waits for its candidates. */
	let told: string | undefined;
	let described = false;
	let cancelTrouble: (() => void) | undefined;
	let restarting = false;
	/** Descriptions are handled one after the other. */
	let work = Promise.resolve();

	const close = () => {
		if (closed) return;
		closed = true;
		cancelDeadline();
		cancelTrouble?.();
		channel?.close();
		// Some say nothing to the other side where only the connection is closed.
		raw?.close();
		connection.close();
	};

	const end = (why: "left" | "failed") => {
		if (closed) return;
		close();
		events.end(why);
	};

	/** A step that the other side or the browser makes fail ends the attempt, and nothing else. */
	const step = (run: () => Promise<void>) => {
		work = work.then(() => (closed ? undefined : run())).catch(() => end("failed"));
	};

	const gathered = (again: boolean) =>
		new Promise<void>((resolve) => {
			if (!again && connection.iceGatheringState === "complete") return resolve();
			const cancel = timers.after(GATHERING_MS, resolve);
			connection.onicegatheringstatechange = () => {
				if (connection.iceGatheringState !== "complete") return;
				cancel();
				resolve();
			};
		});

	const describe = async (type: "offer" | "answer", iceRestart: boolean) => {
		// The credentials that it began with may have lapsed since.
		if (iceRestart) connection.setConfiguration(configuration());
		told = undefined;
		await connection.setLocalDescription(
			await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer()),
		);
		await gathered(iceRestart);
		told = connection.localDescription?.sdp ?? "";
		if (!closed) events.signal({ type, sdp: told });
	};

	const addCandidate = ({ candidate }: Candidate) => {
		// One that does not fit is one way less, not the end: others may do.
		connection.addIceCandidate(candidate).catch(() => {});
	};

	const accept = async (description: Description) => {
		const { type, sdp } = description;
		if (type === "answer" && connection.signalingState !== "have-local-offer") return;
		if (type === "answer") foreign = description.attempt === undefined;
		await connection.setRemoteDescription({ type, sdp });
		described = true;
		for (const candidate of earlyCandidates(id)) addCandidate(candidate);
		if (type === "offer") await describe("answer", channel !== undefined);
	};

	/** The path broke. Whoever called makes a new one, once; p2pmesh's peers give up at this point. */
	const mend = () => {
		cancelTrouble?.();
		cancelTrouble = undefined;
		if (channel === undefined || foreign || restarting) return end("failed");
		restarting = true;
		if (role === "caller") step(() => describe("offer", true));
		else events.signal({ type: "renegotiate" });
		cancelTrouble = timers.after(RESTART_MS, () => {
			// Where only the other side saw it break there was no change of state to tell that it is mended.
			if (connection.connectionState !== "connected") return end("failed");
			cancelTrouble = undefined;
			restarting = false;
		});
	};

	const watch = () => {
		const state = connection.connectionState;
		if (state === "connected") {
			cancelTrouble?.();
			cancelTrouble = undefined;
			restarting = false;
			// The called waits longer: most often the caller has seen it, too.
		} else if (state === "disconnected")
			cancelTrouble ??= timers.after(DISCONNECTED_MS * (role === "caller" ? 1 : 2), mend);
		else if (state === "failed") mend();
		else if (state === "closed") end("failed");
	};

	const use = (opened: RTCDataChannel) => {
		raw = opened;
		opened.binaryType = "arraybuffer";
		opened.onclose = () => end("left");
		const ready = () => {
			if (closed || channel !== undefined) return;
			cancelDeadline();
			channel = createChannel(environment, opened, !foreign, {
				message: events.message,
				dead: () => end("failed"),
			});
			events.open();
		};
		opened.onopen = ready;
		if (opened.readyState === "open") ready();
	};

	const cancelDeadline = timers.after(ATTEMPT_TIMEOUT_MS, () => end("failed"));
	connection.onconnectionstatechange = watch;
	connection.onicecandidate = ({ candidate }) => {
		if (told === undefined || closed || !candidate?.candidate) return;
		// The connection's own description already has it: a browser writes it there before it fires this event
		// (https://www.w3.org/TR/webrtc/#surfacing-the-candidate). Only the text that left says what the other side has.
		const [address = ""] = candidate.candidate.split(" typ ");
		if (told.includes(address)) return;
		events.signal({ type: "candidate", candidate: candidate.toJSON() });
	};
	if (role === "caller") {
		use(connection.createDataChannel(LABEL));
		step(() => describe("offer", false));
	} else {
		// One is all that was agreed on; a peer that opens more is not given the memory for them.
		connection.ondatachannel = (event) => (raw === undefined ? use(event.channel) : event.channel.close());
	}

	return {
		id,
		role,
		close,
		get isOpen() {
			return channel !== undefined;
		},
		get foreign() {
			return foreign;
		},
		send: (message) => channel?.send(message),
		stats: () => readStats(connection),
		receive(signal) {
			if (signal.type === "candidate") {
				if (described) addCandidate(signal);
				return described;
			}
			if (signal.type === "renegotiate") {
				if (role === "caller" && channel !== undefined && !restarting) mend();
			} else if ((signal.type === "answer") === (role === "caller")) {
				// Who called offers, and nobody else.
				step(() => accept(signal));
			}
			return true;
		},
	};
}
