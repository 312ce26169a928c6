/**
 * The wire protocol: what a frame may say, how it is read and how it is written. docs/protocol.md is its user's version.
 */
import {
	DEFAULT_ROOM,
	GATEWAY_MAX_FRAME_BYTES,
	MAX_FIND_PEERS,
	MAX_ID_LENGTH,
	MAX_MESSAGE_BYTES,
	MAX_TOKEN_LENGTH,
} from "./limits.ts";

/** Message types that pass from peer to peer. Their content is opaque to the server. */
export const RELAYED_TYPES = [
	"signal",
	"batched_signals",
	"offer",
	"answer",
	"candidate",
	"ack",
	"connection_rejected",
	"signal_rejected",
	"connect_request",
	"kademlia_rpc_request",
	"kademlia_rpc_response",
] as const;

export type RelayedType = (typeof RELAYED_TYPES)[number];

/** Every code that an `error` frame can carry, and whether sending the same frame again may succeed. */
export const ERROR_CODES = {
	BAD_JSON: { retryable: false },
	BAD_REQUEST: { retryable: false },
	UNKNOWN_TYPE: { retryable: false },
	TOO_LARGE: { retryable: false },
	NOT_JOINED: { retryable: false },
	ALREADY_JOINED: { retryable: false },
	PEER_ID_TAKEN: { retryable: false },
	PEER_NOT_FOUND: { retryable: false },
	UNAUTHORIZED: { retryable: false },
	FORBIDDEN: { retryable: false },
	RATE_LIMITED: { retryable: true },
	UNAVAILABLE: { retryable: true },
	INTERNAL: { retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Why a frame was not carried out: what the sender's `error` frame will say. */
export interface Refusal {
	readonly code: ErrorCode;
	readonly message: string;
	/** With `RATE_LIMITED`: after how many ms a frame may pass again. */
	readonly retryAfter?: number;
	/** Whether the connection is closed once its client was told. */
	readonly final?: boolean;
}

/** The marks of a client's frame that an error about it repeats, so that the client knows which one failed. */
export interface FrameMarks {
	readonly requestType?: string;
	readonly id?: string | number;
	readonly to?: string;
}

export interface JoinMessage {
	readonly type: "join";
	readonly peerId: string;
	readonly room: string;
	readonly resumeKey?: string;
	readonly token?: string;
}

export interface LeaveMessage {
	readonly type: "leave";
}

export interface PingMessage {
	readonly type: "ping";
}

export interface FindPeersMessage {
	readonly type: "find_peers";
	readonly target?: string;
	readonly count?: number;
}

/** A frame for another peer: its text as it came, and what the server needs to know of it. */
export interface RelayedMessage {
	readonly type: RelayedType;
	readonly to: string;
	readonly text: string;
	readonly content: Readonly<Record<string, unknown>>;
}

export type ClientMessage = JoinMessage | LeaveMessage | PingMessage | FindPeersMessage | RelayedMessage;

export interface ListedPeer {
	readonly id: string;
	/** When the peer's lease was last written, in ms since the epoch. */
	readonly lastSeen: number;
}

/** As RTCPeerConnection takes it: https://www.w3.org/TR/webrtc/#rtciceserver-dictionary */
export interface IceServer {
	readonly urls: readonly string[];
	readonly username?: string;
	readonly credential?: string;
}

/** A frame of the server's own. Relayed frames are text already. */
export type ServerFrame =
	| {
			readonly type: "bootstrap_peers";
			readonly peers: readonly ListedPeer[];
			readonly room: string;
			readonly peerId: string;
			/** Present in the reply to a `join`: proves on a later connection that it is the same peer. */
			readonly resumeKey?: string;
			/** Present in the reply to a `join`: when to be on a new connection, in ms since the epoch. */
			readonly reconnectBefore?: number;
			/** Present in the reply to a `join`, where the deployment names some. */
			readonly iceServers?: readonly IceServer[];
			/** Present in the reply to a `find_peers` that named one. */
			readonly target?: string;
	  }
	| { readonly type: "peer_joined" | "peer_left"; readonly peerId: string; readonly room: string }
	| { readonly type: "pong"; readonly timestamp: number }
	| { readonly type: "go_away"; readonly reason: string; readonly reconnectWithin: number }
	| ({
			readonly type: "error";
			readonly code: ErrorCode;
			readonly message: string;
			readonly retryable: boolean;
			/** ms; present with `RATE_LIMITED`. */
			readonly retryAfter?: number;
	  } & FrameMarks);

export type ParseResult =
	| { readonly ok: true; readonly message: ClientMessage; readonly marks: FrameMarks }
	| { readonly ok: false; readonly refusal: Refusal; readonly marks: FrameMarks };

type JsonObject = Readonly<Record<string, unknown>>;

const relayedTypes: ReadonlySet<unknown> = new Set(RELAYED_TYPES);

/**
 * Reads one text frame of a client.
 * Never throws: whatever a client sends is either a message or a refusal.
 */
export function parseMessage(text: string): ParseResult {
	const size = utf8Length(text);
	if (size > MAX_MESSAGE_BYTES) {
		return { ok: false, refusal: tooLarge(size, MAX_MESSAGE_BYTES), marks: {} };
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
	const marks = marksOf(content);
	const type = content.type;
	if (type === "join") return parseJoin(content, marks);
	if (type === "leave" || type === "ping") return { ok: true, message: { type }, marks };
	if (type === "find_peers") return parseFindPeers(content, marks);
	if (relayedTypes.has(type)) return parseRelayed(text, content, marks);
	return refuse("UNKNOWN_TYPE", `Unknown message type: ${nameOf(type)}`, marks);
}

function parseJoin(content: JsonObject, marks: FrameMarks): ParseResult {
	const { peerId, room, resumeKey, token } = content;
	if (peerId === undefined || peerId === null || peerId === "") {
		return refuse("BAD_REQUEST", "peerId is required for join message.", marks);
	}
	const fault = idFault("peerId", peerId) ?? (room == null ? undefined : idFault("room", room));
	if (fault !== undefined) return refuse("BAD_REQUEST", fault, marks);
	// What they got is not repeated: it is a secret, or meant to be one.
	if (resumeKey != null && typeof resumeKey !== "string") {
		return refuse("BAD_REQUEST", "resumeKey must be a string.", marks);
	}
	if (token != null && !(typeof token === "string" && token.length <= MAX_TOKEN_LENGTH)) {
		return refuse("BAD_REQUEST", `token must be a string of at most ${MAX_TOKEN_LENGTH} characters.`, marks);
	}
	return {
		ok: true,
		message: {
			type: "join",
			peerId: peerId as string,
			room: (room ?? DEFAULT_ROOM) as string,
			...(typeof resumeKey === "string" && { resumeKey }),
			...(typeof token === "string" && { token }),
		},
		marks,
	};
}

function parseFindPeers(content: JsonObject, marks: FrameMarks): ParseResult {
	const { target, count } = content;
	const fault = target == null ? undefined : idFault("target", target);
	if (fault !== undefined) return refuse("BAD_REQUEST", fault, marks);
	if (count != null && !(Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MAX_FIND_PEERS)) {
		const got = typeof count === "number" ? count : nameOf(count);
		return refuse("BAD_REQUEST", `count must be a whole number from 1 to ${MAX_FIND_PEERS}; got ${got}.`, marks);
	}
	return {
		ok: true,
		message: {
			type: "find_peers",
			...(typeof target === "string" && { target }),
			...(typeof count === "number" && { count }),
		},
		marks,
	};
}

function parseRelayed(text: string, content: JsonObject, marks: FrameMarks): ParseResult {
	const type = content.type as RelayedType;
	const to = content.to;
	if (typeof to !== "string" || to === "") {
		return refuse("BAD_REQUEST", `to is required for ${type} message.`, marks);
	}
	return { ok: true, message: { type, to, text, content }, marks };
}

/**
 * The frame that the target gets: the sender's, with `from` set to the id that it joined with.
 *
 * Where the frame has no `from` of its own the text is extended rather than written anew, so that what the server
 * does not understand (large numbers, escapes) arrives as it was sent.
 * @returns the text, or why there can be none
 */
export function stampFrom(message: RelayedMessage, from: string): string | Refusal {
	if (!Object.hasOwn(message.content, "from")) {
		return `${message.text.slice(0, message.text.lastIndexOf("}"))},"from":${JSON.stringify(from)}}`;
	}
	let text: string;
	try {
		text = JSON.stringify({ ...message.content, from });
	} catch (error) {
		// The stack's end: JSON.parse reads deeper than stringify writes.
		if (error instanceof RangeError) return { code: "BAD_REQUEST", message: "Message is nested too deeply." };
		throw error;
	}
	// 1e20 was four characters, and is 21 now.
	const size = utf8Length(text);
	return size > GATEWAY_MAX_FRAME_BYTES ? tooLarge(size, GATEWAY_MAX_FRAME_BYTES) : text;
}

/** What the sender of a frame to nobody hears. */
export function peerNotFound(peerId: string): Refusal {
	return { code: "PEER_NOT_FOUND", message: `Peer ${clip(peerId)} not found.` };
}

function tooLarge(size: number, limit: number): Refusal {
	return { code: "TOO_LARGE", message: `Message of ${size} bytes is larger than ${limit} bytes.` };
}

export function encodeFrame(frame: ServerFrame): string {
	return JSON.stringify(frame);
}

export function errorFrame(refusal: Refusal, marks: FrameMarks = {}): ServerFrame {
	return {
		type: "error",
		code: refusal.code,
		message: refusal.message,
		retryable: ERROR_CODES[refusal.code].retryable,
		...(refusal.retryAfter !== undefined && { retryAfter: refusal.retryAfter }),
		...marks,
	};
}

/** Whether `value` may be the id of a peer or the name of a room. */
export function isId(value: unknown): value is string {
	return idFault("id", value) === undefined;
}

/** What is wrong with an id, as a sentence, or undefined. */
function idFault(field: string, value: unknown): string | undefined {
	if (typeof value !== "string") return `${field} must be a string; got ${nameOf(value)}.`;
	if (value === "") return `${field} must not be empty.`;
	if (value.length > MAX_ID_LENGTH) {
		return `${field} must have at most ${MAX_ID_LENGTH} characters; got ${value.length}.`;
	}
	if (/\p{Cc}/u.test(value)) return `${field} must not contain control characters.`;
	// A lone surrogate becomes U+FFFD in UTF-8, so two different ids would be one in the table.
	if (/\p{Cs}/u.test(value)) return `${field} must be well-formed Unicode.`;
	return undefined;
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

function refuse(code: ErrorCode, message: string, marks: FrameMarks = {}): ParseResult {
	return { ok: false, refusal: { code, message }, marks };
}

/** A client's value in an error message: strings and scalars as they are, the rest by kind. */
function nameOf(value: unknown): string {
	if (typeof value === "string") return clip(value);
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "array" : "object";
	return String(value);
}

function clip(text: string): string {
	return text.length <= MAX_ID_LENGTH ? text : `${text.slice(0, MAX_ID_LENGTH)}…`;
}

function utf8Length(text: string): number {
	let length = text.length;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit < 0x80) continue;
		// A text frame is valid UTF-8, so surrogates come in pairs: each half stands for two of the pair's four bytes.
		length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
	}
	return length;
}
