/** What an application may send, as bytes or as JSON. A value that would arrive changed is refused. */
import { MeshError } from "./errors.ts";

const tagOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

/**
 * The bytes of a buffer or of any view on one, without a copy. A buffer of an iframe, of a test runner's context or of
 * another thread is no `instanceof ArrayBuffer`, so its tag decides.
 * @returns undefined if it is neither
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
	if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	const isBuffer = tagOf(value) === "ArrayBuffer" || tagOf(value) === "SharedArrayBuffer";
	return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined;
}

/** A File is a Blob. */
export function isBlob(value: unknown): value is Blob {
	return ["Blob", "File"].includes(tagOf(value)) && typeof (value as Blob).arrayBuffer === "function";
}

/** Of bytes, as far as anyone can tell. A list has no such iterator. */
export function isStream(value: unknown): boolean {
	const { getReader, [Symbol.asyncIterator]: iterator } = (value ?? {}) as Partial<
		ReadableStream & AsyncIterable<unknown>
	>;
	return getReader !== undefined || iterator !== undefined;
}

export function tooLarge(maxBytes: number, bytes: number): MeshError {
	return new MeshError("TOO_LARGE", `Data may have ${maxBytes} bytes; got ${bytes}.`);
}

/** @throws MeshError `BAD_REQUEST` for a value that JSON has no form for, or would change in silence */
export function toJson(data: unknown): string {
	try {
		const json = JSON.stringify(data, refuseChanges);
		if (json !== undefined) return json;
	} catch (cause) {
		if (cause instanceof MeshError) throw cause;
		// A circle, or a `toJSON` that throws.
		throw new MeshError("BAD_REQUEST", "Data must be bytes or JSON.", { cause });
	}
	throw refusal("undefined", "");
}

/** The values that JSON writes as they are. A property that is undefined is left out, which reads the same. */
const FAITHFUL = /^(Object|Array|String|Number|Boolean|Null|Undefined)$/;

/** JSON's replacer: it sees every value before it is written. `this` is the object or list that holds it. */
function refuseChanges(this: unknown, key: string, value: unknown): unknown {
	// A Buffer has a `toJSON`, so the value before it is looked at.
	const held = (this as Record<string, unknown>)[key];
	const tag = tagOf(value);
	if (bytesOf(held) ?? isBlob(held)) throw refusal("Bytes within other data", key);
	if (value === null && held !== null) throw refusal(`An invalid ${tagOf(held)}`, key); // a Date of no day
	if (tag === "Number" && !Number.isFinite(Number(value))) throw refusal(String(value), key);
	if (value === undefined && Array.isArray(this)) throw refusal("undefined in a list", key);
	if (!FAITHFUL.test(tag)) throw refusal(withArticle(typeof value === "object" ? tag : typeof value), key);
	return value;
}

const withArticle = (noun: string) => `${/^[AEIOU]/i.test(noun) ? "An" : "A"} ${noun}`;

function refusal(what: string, key: string): MeshError {
	const place = key === "" ? "" : ` (at ${JSON.stringify(key.slice(0, 64))})`;
	return new MeshError("BAD_REQUEST", `${what} cannot be sent${place}: data must be bytes, a Blob, a stream or JSON.`);
}
