/** Reads a client's frames. */
import type { ErrorCode } from "./codes.ts";
import { type ClientFrameType, FRAME_TYPES, isClientFrameType, type OwnType, type RelayedType } from "./frame-types.ts";
import type { ClientMessage, FrameMarks, Refusal } from "./frames.ts";
import { clip, describe, idFault, isIdentity, isOwnerKey, newIdFault } from "./ids.ts";
import {
	DEFAULT_ROOM,
	IDENTITY_DIGITS,
	MAX_FIND_PEERS,
	MAX_ID_LENGTH,
	MAX_MESSAGE_BYTES,
	MAX_OWNER_KEY_LENGTH,
	MAX_TOKEN_LENGTH,
	MIN_OWNER_KEY_LENGTH,
} from "./limits.ts";
import { isLonger, utf8Length } from "./utf8.ts";

/** A message, or why the frame is none. */
export type ParseResult = {
	/** The frame's type if it is a known one, also when its fields are wrong. */
	readonly type?: ClientFrameType;
	readonly marks: FrameMarks;
} & ({ readonly ok: true; readonly message: ClientMessage } | { readonly ok: false; readonly refusal: Refusal });

type JsonObject = Readonly<Record<string, unknown>>;

/** Reads the fields of one type. @returns the message, or a sentence that names the fault */
type Parser<T extends ClientFrameType> = (
	content: JsonObject,
	text: string,
	type: T,
) => Extract<ClientMessage, { type: T }> | string;

const OWN_PARSERS: { readonly [T in OwnType]: Parser<T> } = {
	join: parseJoin,
	leave: () => ({ type: "leave" }),
	ping: () => ({ type: "ping" }),
	find_peers: parseFindPeers,
};

/**
 * Reads one text frame of a client.
 * Never throws: every text is either a message or a refusal.
 */
export function parseMessage(text: string): ParseResult {
	if (isLonger(text, MAX_MESSAGE_BYTES)) {
		return { ok: false, refusal: tooLarge(utf8Length(text), MAX_MESSAGE_BYTES), marks: {} };
	}

	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return refuse("BAD_JSON", "Invalid JSON message format.");
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		return refuse("UNKNOWN_TYPE", "Unknown message type: undefined");
	}

	const content = value as JsonObject;
	const { type } = content;
	if (!isClientFrameType(type)) {
		return refuse("UNKNOWN_TYPE", `Unknown message type: ${describe(type)}`, marksOf(content));
	}
	const parser = (FRAME_TYPES[type].kind === "own" ? OWN_PARSERS[type as OwnType] : parseRelayed) as Parser<
		typeof type
	>;
	const message = parser(content, text, type);
	if (typeof message === "string") return { ...refuse("BAD_REQUEST", message, marksOf(content)), type };
	return new Parsed(message, type, content);
}

/** A message. Its marks are read only for an error, so nearly never. */
class Parsed {
	readonly ok = true;
	readonly message: ClientMessage;
	readonly type: ClientFrameType;
	readonly #content: JsonObject;

	constructor(message: ClientMessage, type: ClientFrameType, content: JsonObject) {
		this.message = message;
		this.type = type;
		this.#content = content;
	}

	get marks(): FrameMarks {
		return marksOf(this.#content);
	}
}

/** The refusal of a frame that is too large. Sizes in bytes of UTF-8. */
export function tooLarge(size: number, limit: number): Refusal {
	return { code: "TOO_LARGE", message: `Message of ${size} bytes is larger than ${limit} bytes.` };
}

function parseJoin(content: JsonObject): Extract<ClientMessage, { type: "join" }> | string {
	const { peerId, room, resumeKey, token, ownerKey, anyId, identity } = content;
	if (peerId === undefined || peerId === null || peerId === "") return "peerId is required for join message.";
	const fault = newIdFault("peerId", peerId) ?? (room == null ? undefined : newIdFault("room", room));
	if (fault !== undefined) return fault;
	// A token's list of rooms may hold prefixes, which end in *. No room's name may be read as one.
	if (typeof room === "string" && room.endsWith("*")) return "room must not end in *.";
	// The error does not repeat these values: they are secrets.
	if (resumeKey != null && typeof resumeKey !== "string") return "resumeKey must be a string.";
	if (token != null && !(typeof token === "string" && token.length <= MAX_TOKEN_LENGTH)) {
		return `token must be a string of at most ${MAX_TOKEN_LENGTH} characters.`;
	}
	if (ownerKey != null && !isOwnerKey(ownerKey)) {
		return `ownerKey must be a string of ${MIN_OWNER_KEY_LENGTH} to ${MAX_OWNER_KEY_LENGTH} characters.`;
	}
	if (anyId != null && typeof anyId !== "boolean") return `anyId must be true or false; got ${describe(anyId)}.`;
	if (identity != null && !isIdentity(identity)) {
		return `identity must be ${IDENTITY_DIGITS} hexadecimal digits in lower case; got ${describe(identity)}.`;
	}
	type Message = Extract<ClientMessage, { type: "join" }>;
	// Property by property: five spreads would take longer than the rest of the parsing.
	const message: { -readonly [K in keyof Message]: Message[K] } = {
		type: "join",
		peerId: peerId as string,
		room: (room ?? DEFAULT_ROOM) as string,
	};
	if (typeof resumeKey === "string") message.resumeKey = resumeKey;
	if (typeof token === "string") message.token = token;
	if (isOwnerKey(ownerKey)) message.ownerKey = ownerKey;
	if (anyId === true) message.anyId = anyId;
	if (isIdentity(identity)) message.identity = identity;
	return message;
}

function parseFindPeers(content: JsonObject): Extract<ClientMessage, { type: "find_peers" }> | string {
	const { target, count } = content;
	const fault = target == null ? undefined : idFault("target", target);
	if (fault !== undefined) return fault;
	if (count != null && !(Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MAX_FIND_PEERS)) {
		const got = typeof count === "number" ? count : describe(count);
		return `count must be a whole number from 1 to ${MAX_FIND_PEERS}; got ${got}.`;
	}
	return {
		type: "find_peers",
		...(typeof target === "string" && { target }),
		...(typeof count === "number" && { count }),
	};
}

function parseRelayed(
	content: JsonObject,
	text: string,
	type: RelayedType,
): Extract<ClientMessage, { type: RelayedType }> | string {
	const { to } = content;
	if (typeof to !== "string" || to === "") return `to is required for ${type} message.`;
	return { type, to, text, content };
}

function marksOf(content: JsonObject): FrameMarks {
	const { type, id, to } = content;
	return {
		...(typeof type === "string" && { requestType: clip(type) }),
		...(((typeof id === "number" && Number.isFinite(id)) || (typeof id === "string" && id.length <= MAX_ID_LENGTH)) && {
			id,
		}),
		...(typeof to === "string" && { to: clip(to) }),
	};
}

function refuse(code: ErrorCode, message: string, marks: FrameMarks = {}) {
	return { ok: false, refusal: { code, message }, marks } as const;
}
