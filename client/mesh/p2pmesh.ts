/**
 * The words of p2pmesh's own peers on a data channel: JSON texts, `direct` to a neighbour and `gossip` through their mesh.
 * They are translated both ways, so that rooms of both kinds of peer are one mesh.
 */
import type { Environment } from "../environment.ts";
import { MeshError } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { MAX_HOPS } from "../limits.ts";
import type { Link } from "../webrtc/link.ts";
import { isWithinBounds, type MeshFrame, type RoutedFrame } from "./frames.ts";
import { type Language, write } from "./neighbour.ts";
import { decodeData, encodeData } from "./payload.ts";
import { answerTo } from "./routing.ts";

/** The topic that our broadcasts have there. */
const TOPIC = "broadcast";

/** @param answer hears in the neighbour's place that it took a message through the mesh: such a peer does not answer them */
export function p2pmeshLanguage(
	link: Link,
	{ timers, randomHex }: Pick<Environment, "timers" | "randomHex">,
	answer: (frame: RoutedFrame) => void,
): Language {
	const { peerId } = link;
	return {
		async send(frame) {
			const isForIt = frame.kind === "direct" || (frame.kind === "routed" && frame.to === peerId);
			const text = toP2pmesh(peerId, frame, timers.now());
			if (text !== undefined) await write(link, text);
			else if (isForIt && frame.bytes) {
				throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
			}
			if (isForIt && frame.kind === "routed" && frame.answers === undefined) {
				answer(answerTo(frame, peerId, randomHex(16)));
			}
		},
		read(message, take) {
			const frame = typeof message === "string" ? fromP2pmesh(message) : undefined;
			if (frame !== undefined) take(frame);
		},
	};
}

/** @returns undefined if such a peer has no word for it: bytes, and frames that serve our own mesh only */
function toP2pmesh(peerId: string, frame: MeshFrame, now: number): string | undefined {
	if ((frame.kind !== "direct" && frame.kind !== "routed") || frame.bytes) return undefined;
	const payload = decodeData(frame);
	if (payload === undefined) return undefined;
	if (frame.kind === "direct") return direct(payload);
	if (frame.probe || frame.answers !== undefined) return undefined;
	if (frame.to === peerId) return direct(payload);
	if (frame.to !== undefined) return undefined; // they pass nothing on to one peer
	return gossip(frame, payload, now);
}

/** @returns undefined for a text that serves their own mesh only, and for anything else */
function fromP2pmesh(text: string): MeshFrame | undefined {
	try {
		return read(parseJson(text));
	} catch {
		return undefined; // too deep or too large to be written again
	}
}

function direct(payload: unknown): string {
	return JSON.stringify({ type: "direct", payload });
}

function gossip({ id, from, hops }: RoutedFrame, payload: unknown, now: number): string {
	return JSON.stringify({
		type: "gossip",
		data: {
			id,
			topic: TOPIC,
			// Their peers write objects as JSON in a string.
			payload: isObject(payload) || Array.isArray(payload) ? JSON.stringify(payload) : payload,
			originPeerId: from,
			timestamp: now,
			hops: MAX_HOPS - hops,
			relayedBy: [from],
		},
	});
}

function read(value: unknown): MeshFrame | undefined {
	if (!isObject(value)) return undefined;
	if (value.type === "direct" && value.payload !== undefined) return { kind: "direct", ...encodeData(value.payload) };
	if (value.type !== "gossip" || !isObject(value.data)) return undefined;
	const { id, originPeerId, payload, hops } = value.data;
	if (payload === undefined) return undefined;
	const head = { kind: "routed", id, from: originPeerId, hops: MAX_HOPS - (hops as number) };
	const frame = { ...head, ...encodeData(readPayload(payload)) } as RoutedFrame;
	return isWithinBounds(frame) ? frame : undefined;
}

function readPayload(payload: unknown): unknown {
	const isObjectInString = typeof payload === "string" && /^[{[]/.test(payload);
	return (isObjectInString && parseJson(payload)) || payload;
}
