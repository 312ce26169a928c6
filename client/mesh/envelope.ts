/** A message between two neighbours: a header that says where it goes, and a body that only its receivers look at. */
import { bytesOf, toJson, tooLarge } from "../data.ts";
import { decodeText, encodeText, isObject, parseJson } from "../json.ts";
import { MAX_DATA_BYTES, MAX_HEADER_BYTES } from "../limits.ts";

/** Where the message goes (routing.ts); and `b`, which is 1 where the body is bytes, and not JSON. */
export type Header = Readonly<Record<string, unknown>>;

/** The body of what serves the mesh itself. */
export const NO_BODY = new Uint8Array(0);

export interface Envelope {
	readonly header: Header;
	readonly body: Uint8Array;
}

/** Ends the header, as no character within JSON does. */
const NEWLINE = 10;

/** The header as JSON, a newline, the body. */
export function encodeEnvelope({ header, body }: Envelope): Uint8Array {
	const head = encodeText(`${JSON.stringify(header)}\n`);
	const bytes = new Uint8Array(head.length + body.length);
	bytes.set(head);
	bytes.set(body, head.length);
	return bytes;
}

/** @returns undefined where a neighbour sent something else */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
	const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
	const header = parseJson(decodeText(bytes.subarray(0, Math.max(0, end))));
	return isObject(header) ? { header, body: bytes.subarray(end + 1) } : undefined;
}

/** @throws MeshError `BAD_REQUEST` where it cannot be JSON, `TOO_LARGE` */
export function encodeData(data: unknown): Envelope {
	const bytes = bytesOf(data);
	// What is sent is what it was at the call, although it may wait: the caller may use its buffer again.
	const body = bytes === undefined ? encodeText(toJson(data)) : Uint8Array.from(bytes);
	if (body.length > MAX_DATA_BYTES) throw tooLarge(MAX_DATA_BYTES, body.length);
	return { header: bytes === undefined ? {} : { b: 1 }, body };
}

/** @returns what was sent: bytes as a Uint8Array, else the JSON value; undefined where it is none */
export function decodeData({ header, body }: Envelope): unknown {
	// A copy: a piece of a larger buffer would surprise whoever takes `data.buffer`.
	return header.b === 1 ? body.slice() : parseJson(decodeText(body));
}
