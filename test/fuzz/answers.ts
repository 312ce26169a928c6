/** The frames that the server may send, and how it may change a frame that it relays. */
import assert from "node:assert/strict";
import { ERROR_CODES, GATEWAY_MAX_MESSAGE_BYTES, isIdentity, RELAYED_TYPES } from "../../protocol/index.ts";
import type { Frame } from "../support/client.ts";
import { BYSTANDER, STRANGER } from "./frames.ts";

const relayed: ReadonlySet<unknown> = new Set(RELAYED_TYPES);
const codes: ReadonlyMap<unknown, { retryable: boolean }> = new Map(Object.entries(ERROR_CODES));

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isMark = (value: unknown) => isText(value) || isNumber(value);
const isList = (value: unknown) => Array.isArray(value);

/** The fields that docs/protocol.md gives each type; a name that ends in `?` may be missing. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
	error: {
		code: (value) => codes.has(value),
		message: isText,
		retryable: (value) => typeof value === "boolean",
		"retryAfter?": isNumber,
		"requestType?": isText,
		"id?": isMark,
		"to?": isText,
	},
	bootstrap_peers: {
		peers: isList,
		room: isText,
		peerId: isText,
		"resumeKey?": isText,
		"reconnectBefore?": isNumber,
		"reconnectIn?": isNumber,
		"target?": isText,
		"iceServers?": isList,
	},
	peer_joined: { peerId: isText, room: isText, at: isNumber, "identity?": isIdentity },
	peer_left: { peerId: isText, room: isText, at: isNumber },
	pong: { timestamp: isNumber },
	go_away: { reason: isText, reconnectWithin: isNumber },
};

/** One frame of the server, understood. */
export interface Answer {
	/** What the tally calls it. */
	readonly kind: string;
	readonly frame: Frame;
}

/** Reads a frame of the server. Throws if the protocol does not know it. */
export function readAnswer(text: string): Answer {
	assert(
		Buffer.byteLength(text) <= GATEWAY_MAX_MESSAGE_BYTES,
		`A frame of ${text.length} characters is not deliverable`,
	);
	const frame: Frame = JSON.parse(text);
	const { type = "" } = frame;
	if (relayed.has(type)) {
		assert(isText(frame.from), `Nobody stands for ${text.slice(0, 200)}`);
		return { kind: "delivered", frame };
	}

	const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
	assert(shape, `Not a frame of the protocol: ${text.slice(0, 200)}`);
	const known = new Set(["type"]);
	for (const [name, fits] of Object.entries(shape)) {
		const field = name.replace("?", "");
		known.add(field);
		if (name === field || Object.hasOwn(frame, field)) assert(fits(frame[field]), `${field} is wrong in ${text}`);
	}
	for (const field of Object.keys(frame)) assert(known.has(field), `${field} is unknown in ${text}`);

	if (type === "bootstrap_peers") checkList(frame);
	if (type !== "error") return { kind: type === "bootstrap_peers" && !frame.resumeKey ? "list" : type, frame };
	// Nothing that the server needs has failed, so neither is the client's doing; unless it joins while it leaves.
	const undone = frame.message === "An earlier join was just undone. Try again.";
	assert(frame.code !== "INTERNAL" && (frame.code !== "UNAVAILABLE" || undone), text);
	assert.equal(frame.retryable, codes.get(frame.code)?.retryable, text);
	return { kind: `error ${frame.code}`, frame };
}

function checkList({ peers, room }: Frame): void {
	for (const { id, identity } of peers as { id: unknown; identity?: unknown }[]) {
		assert(identity === undefined || isIdentity(identity), `${id} is listed with an identity that is none`);
		assert.notEqual(id, STRANGER.peerId, "A peer of another room is listed");
		assert(id !== BYSTANDER.peerId || room === BYSTANDER.room, `${id} is listed in ${room}`);
	}
}

/** The value of a text as JSON, undefined if it is not JSON. */
export function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * Whether `arrived` is what the bystander may get for `sent`: the frame, addressed to it, as it was but for `from`, which
 * says who sent it.
 */
export function isRelayOf(sent: string, arrived: string, from: string): boolean {
	const original = parsed(sent) as Frame | undefined | null;
	if (original?.to !== BYSTANDER.peerId || !relayed.has(original.type)) return false;
	const { from: stamped, ...content } = JSON.parse(arrived) as Frame;
	if (stamped !== from) return false;
	if (!Object.hasOwn(original, "from")) return arrived.startsWith(sent.slice(0, sent.lastIndexOf("}")));
	const { from: _, ...wanted } = original;
	return isSame(wanted, content);
}

/** Whether two parsed values are equal. Without recursion, since frames may be nested deeply. */
function isSame(original: unknown, arrived: unknown): boolean {
	const open: [unknown, unknown][] = [[original, arrived]];
	for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
		const [one, other] = pair;
		if (typeof one !== "object" || one === null) {
			if (one !== other) return false;
			continue;
		}
		if (typeof other !== "object" || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
		const fields = Object.entries(one);
		if (fields.length !== Object.keys(other).length) return false;
		for (const [name, value] of fields) {
			if (!Object.hasOwn(other, name)) return false;
			open.push([value, (other as Record<string, unknown>)[name]]);
		}
	}
	return true;
}
