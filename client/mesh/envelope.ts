/** A message between two neighbours: a header that says where it goes, and a body that only its receivers look at. */
import { MeshError } from "../errors.ts";
import { MAX_DATA_BYTES, MAX_HEADER_BYTES } from "../limits.ts";
import { isObject } from "../webrtc/signals.ts";

export type Header = Readonly<Record<string, unknown>>;

export interface Envelope {
	readonly header: Header;
	readonly body: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Ends the header, as no character within JSON does. */
const NEWLINE = 10;

/** The header as JSON, a newline, the body. */
export function encodeEnvelope({ header, body }: Envelope): Uint8Array {
	const head = encoder.encode(`${JSON.stringify(header)}\n`);
	const bytes = new Uint8Array(head.length + body.length);
	bytes.set(head);
	bytes.set(body, head.length);
	return bytes;
}

/** @returns undefined where a neighbour sent something else */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
	const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
	const header = parseJson(bytes.subarray(0, Math.max(0, end)));
	return isObject(header) ? { header, body: bytes.subarray(end + 1) } : undefined;
}

/**
 * @returns the body, and whether it is the bytes themselves rather than JSON
 * @throws MeshError `BAD_REQUEST` where it cannot be JSON, `TOO_LARGE`
 */
export function encodeData(data: unknown): { body: Uint8Array; binary: boolean } {
	const binary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
	// What is sent is what it was at the call, although it may wait: the caller may use its buffer again.
	const body = binary ? bytesOf(data).slice() : encoder.encode(toJson(data));
	if (body.length > MAX_DATA_BYTES) {
		throw new MeshError("TOO_LARGE", `The data has ${body.length} bytes; ${MAX_DATA_BYTES} may be sent.`);
	}
	return { body, binary };
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
	return ArrayBuffer.isView(data)
		? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
		: new Uint8Array(data);
}

function toJson(data: unknown): string {
	let json: string | undefined;
	try {
		json = JSON.stringify(data);
	} catch {
		// A circle, or a bigint: no JSON either.
	}
	if (json === undefined) throw new MeshError("BAD_REQUEST", "The data is neither bytes nor JSON.");
	return json;
}

/** @returns what was sent: bytes as a Uint8Array, else the JSON value; undefined where it is none */
export function decodeData(body: Uint8Array, binary: boolean): unknown {
	// A copy: a piece of a larger buffer would surprise whoever takes `data.buffer`.
	return binary ? body.slice() : parseJson(body);
}

function parseJson(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(decoder.decode(bytes));
	} catch {
		return undefined;
	}
}
