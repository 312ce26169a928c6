/** What an application sends: JSON values and bytes. */
import { MeshError } from "../errors.ts";
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

/** @throws MeshError `BAD_REQUEST` for a value that cannot be JSON, `TOO_LARGE` */
export function encodeData(data: unknown): Payload {
	const bytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
	// A copy: the payload may wait, and the caller may use its buffer again.
	const body = bytes ? bytesOf(data).slice() : encodeText(toJson(data));
	if (body.length > MAX_DATA_BYTES) {
		throw new MeshError("TOO_LARGE", `Data may have ${MAX_DATA_BYTES} bytes; got ${body.length}.`);
	}
	return { bytes, body };
}

/** @returns the value that was sent: bytes as a Uint8Array, else the JSON value; undefined if the body is not JSON */
export function decodeData({ bytes, body }: Payload): unknown {
	// A copy: an application that takes `data.buffer` expects no larger buffer.
	return bytes ? body.slice() : parseJson(decodeText(body));
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
	if (json === undefined) throw new MeshError("BAD_REQUEST", "Data must be bytes or JSON.");
	return json;
}
