/**
 * The signals that peers send each other through the server: descriptions and candidates, as simple-peer writes them, with fields of
 * our own that simple-peer ignores. A peer that sends none of those is one of p2pmesh's.
 */
import { isObject } from "../json.ts";
import { MAX_SIGNALS_PER_FRAME } from "../limits.ts";

/** A caller describes its need, so that the called can weigh it. */
export interface Caller {
	/** The root of the island that the caller is in, or the caller itself if it has no links. */
	readonly island?: string;
	/** Links that the caller has. */
	readonly links?: number;
}

/** Of which attempt something is. Peers of p2pmesh do not say. */
interface OfAttempt {
	readonly attempt?: string | undefined;
}

export interface Description extends OfAttempt, Caller {
	readonly type: "offer" | "answer";
	readonly sdp: string;
	/** Grows with everything that its sender describes: of two, the larger is the newer, although it may arrive first. */
	readonly order?: number;
	/** The number of the offer within its attempt. An answer repeats the number of its offer, and so does a repeated offer. */
	readonly round?: number;
}

export interface Candidate extends OfAttempt {
	readonly type: "candidate";
	readonly candidate: RTCIceCandidateInit;
}

/** The called asks the caller to restart ICE. */
export interface Renegotiate extends OfAttempt {
	readonly type: "renegotiate";
}

export type Signal = Description | Candidate | Renegotiate;

/** The signals of a `signal` or `batched_signals` frame. Other values are left out: a peer may send anything. */
export function readSignals(frame: Readonly<Record<string, unknown>>): Signal[] {
	const values = frame.type === "batched_signals" ? frame.signals : [frame.signal];
	if (!Array.isArray(values)) return [];
	return values.slice(0, MAX_SIGNALS_PER_FRAME).flatMap((value) => readSignal(value) ?? []);
}

function readSignal(value: unknown): Signal | undefined {
	if (!isObject(value)) return undefined;
	const { type, sdp, candidate, attempt, order, links } = value;
	if (isObject(candidate) && typeof candidate.candidate === "string") {
		// simple-peer names the type or not, as it likes.
		return { type: "candidate", candidate, attempt } as Candidate;
	}
	const isDescription =
		(type === "offer" || type === "answer") &&
		typeof sdp === "string" &&
		// The other marks are only compared for being the same; these are reckoned with.
		[order, links].every((mark) => mark === undefined || typeof mark === "number");
	return isDescription || type === "renegotiate" ? (value as unknown as Signal) : undefined;
}
