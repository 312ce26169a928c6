/**
 * Several candidates in one frame, in p2pmesh's form: `batched_signals` with a list of `signals`, each of which would
 * otherwise be the `signal` of a separate frame. A peer of p2pmesh takes them one by one.
 *
 * Only candidates travel so. p2pmesh starts a connection for every signal of a batch that it knows no connection for, so
 * an offer with candidates would make several.
 */
import type { RelayedFrame } from "./session.ts";

/** Whether a frame is a candidate. Every other frame is sent as it is, and at once. */
export function isCandidate({ signal }: RelayedFrame): boolean {
	return Object(signal).candidate !== undefined;
}

/** @param frames candidates, at least one */
export function pack(frames: readonly RelayedFrame[]): RelayedFrame {
	const signals = frames.map(({ signal }) => signal);
	return signals.length > 1 ? { type: "batched_signals", signals } : { type: "signal", signal: signals[0] };
}
