/**
 * What peers tell each other through the server: descriptions and candidates, as simple-peer writes them, with fields of
 * our own that simple-peer ignores. A peer that sends none of those is one of p2pmesh's.
 */
import { isObject } from "../json.ts";
import { MAX_SIGNALS_PER_FRAME } from "../limits.ts";

/** What a caller says of itself, so that the called can tell how much it is needed. */
export interface Caller {
	/** The root of the island that the caller is in, itself where it has no links. */
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
	/** Grows with everything that its sender describes: of two, the larger is the newer, in whatever order they arrive. */
	readonly order?: number;
	/** Of an offer, how many its attempt had before; an answer has that of its offer. A repeated offer keeps it. */
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

/** The signals of a `signal` or `batched_signals` frame. What is none is left out: a peer may send anything. */
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
