/** The parts of a frame that are signed: each signal in it, or the frame itself. */
import { isObject } from "../json.ts";
import { MAX_SIGNALS_PER_FRAME } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";

export type Content = Readonly<Record<string, unknown>>;
export type Kind = "frame" | "signal";

/**
 * Puts each signed part of a frame through a function. Candidates travel in one frame or in several, as the signaling likes: so
 * each signal has its seal.
 * @param change undefined: the content is left out
 * @returns undefined if nothing is left
 */
export async function eachSignal(
	frame: RelayedFrame,
	change: (kind: Kind, content: Content) => Promise<Content | undefined>,
): Promise<RelayedFrame | undefined> {
	const { type, signal, signals } = frame;
	if (type !== "signal" && type !== "batched_signals") {
		// These are the way's, and not the sender's.
		const { to: _, from: __, id: ___, ...content } = frame;
		return (await change("frame", content)) as RelayedFrame | undefined;
	}
	const values = type === "signal" ? [signal] : Array.isArray(signals) ? signals : [];
	const kept: Content[] = [];
	for (const value of values.slice(0, MAX_SIGNALS_PER_FRAME)) {
		const changed = isObject(value) ? await change("signal", value) : undefined;
		if (changed !== undefined) kept.push(changed);
	}
	if (kept.length === 0) return undefined;
	return type === "signal" ? { ...frame, signal: kept[0] } : { ...frame, signals: kept };
}
