/**
 * What p2pmesh's own peers say on a data channel, and what they understand: JSON texts, `direct` to a neighbour and
 * `gossip` through their mesh. Both ways, so that rooms of both kinds of peer are one mesh.
 */
import { isObject, parseJson } from "../json.ts";
import { MAX_HOPS } from "../limits.ts";
import { decodeData, type Envelope, encodeData } from "./envelope.ts";

/** The topic that our broadcasts have there. */
const TOPIC = "broadcast";

/** @returns undefined where it cannot be said to such a peer: bytes, and what serves our own mesh only */
export function toP2pmesh(peerId: string, envelope: Envelope, now: number): string | undefined {
	const { header } = envelope;
	if (header.b === 1 || header.p === 1 || header.a !== undefined) return undefined;
	const payload = decodeData(envelope);
	if (payload === undefined) return undefined;
	if (header.i === undefined || header.t === peerId) return JSON.stringify({ type: "direct", payload });
	if (header.t !== undefined) return undefined; // they pass nothing on to others
	return JSON.stringify({
		type: "gossip",
		data: {
			id: header.i,
			topic: TOPIC,
			// As they do it: objects as JSON in a string.
			payload: isObject(payload) || Array.isArray(payload) ? JSON.stringify(payload) : payload,
			originPeerId: header.f,
			timestamp: now,
			hops: MAX_HOPS - (header.h as number),
			relayedBy: [header.f],
		},
	});
}

/** @returns undefined for what serves their own mesh only, and for anything else that is not theirs */
export function fromP2pmesh(text: string): Envelope | undefined {
	try {
		return read(parseJson(text));
	} catch {
		return undefined; // too deep or too large to be written again
	}
}

function read(value: unknown): Envelope | undefined {
	if (!isObject(value)) return undefined;
	if (value.type === "direct" && value.payload !== undefined) return encodeData(value.payload);
	if (value.type !== "gossip" || !isObject(value.data)) return undefined;
	const { id, originPeerId, payload, hops } = value.data;
	if (payload === undefined || !Number.isInteger(hops)) return undefined;
	const h = MAX_HOPS - (hops as number);
	return { header: { i: id, f: originPeerId, h }, body: encodeData(readPayload(payload)).body };
}

function readPayload(payload: unknown): unknown {
	const isObjectInString = typeof payload === "string" && /^[{[]/.test(payload);
	return (isObjectInString && parseJson(payload)) || payload;
}
