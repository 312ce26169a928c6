/** The data of an application as the body of a frame: JSON values and bytes. */
import { bytesOf, toJson, tooLarge } from "../data.ts";
import { decodeText, encodeText, parseJson } from "../json.ts";
import { MAX_DATA_BYTES } from "../limits.ts";

/** The body of a frame. Only its receivers look at it. */
export interface Payload {
	/** Whether the body is bytes, and not JSON. */
	readonly bytes: boolean;
	readonly body: Uint8Array;
}

/** The payload of frames that serve the mesh itself. */
export const NO_PAYLOAD: Payload = { bytes: false, body: new Uint8Array(0) };

/**
 * The bytes of the data are the caller's, who may use them again: see `kept`.
 * @throws BadData for a value that would arrive changed, MeshError `TOO_LARGE`
 */
export function encodeData(data: unknown, maxBytes = MAX_DATA_BYTES): Payload {
	const bytes = bytesOf(data);
	const body = bytes ?? encodeText(toJson(data));
	if (body.length > maxBytes) throw tooLarge(maxBytes, body.length);
	return { bytes: bytes !== undefined, body };
}

/** A payload that is not encoded at once. */
export function kept(payload: Payload): Payload {
	return { ...payload, body: payload.body.slice() };
}

/** @returns the value that was sent: bytes as a Uint8Array, else the JSON value; undefined if the body is not JSON */
export function decodeData({ bytes, body }: Payload): unknown {
	// A copy: an application that takes `data.buffer` expects no larger buffer.
	return bytes ? body.slice() : parseJson(decodeText(body));
}
