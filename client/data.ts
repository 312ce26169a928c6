/** What an application may send, as bytes or as JSON. A value that would arrive changed is refused. */
import { MeshError } from "./errors.ts";

export const tagOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

/**
 * The bytes of a buffer or of any view on one, without a copy. A buffer of an iframe, of a test runner's context or of
 * another thread is no `instanceof ArrayBuffer`, so its tag decides.
 * @returns undefined if it is neither
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
	if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	// Its own are most, and are told apart sooner.
	const isBuffer = value instanceof ArrayBuffer || /^(Shared)?ArrayBuffer$/.test(tagOf(value));
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

/** A value that would arrive changed. */
export interface Changed {
	/** Where it was found. */
	readonly key: string;
	readonly isInList: boolean;
	/** As it was given, and what its `toJSON` made of it. */
	readonly given: unknown;
	readonly value: unknown;
}

/** Data that cannot be sent. What to say of it loads when it is needed (data-faults.ts). */
export class BadData extends Error {
	/** Undefined: the data is a circle, or a `toJSON` throws. */
	readonly changed: Changed | undefined;

	constructor(changed?: Changed, cause?: unknown) {
		super("", { cause });
		this.changed = changed;
	}
}

/** @throws BadData for a value that JSON has no form for, or would change in silence */
export function toJson(data: unknown): string {
	let json: string | undefined;
	try {
		json = JSON.stringify(data, refuseChanges);
	} catch (error) {
		throw error instanceof BadData ? error : new BadData(undefined, error);
	}
	if (json === undefined) throw new BadData({ key: "", isInList: false, given: data, value: data });
	return json;
}

/** The values that JSON writes as they are. A property that is undefined is left out, which reads the same. */
const FAITHFUL = /^(Object|Array|String|Number|Boolean|Null|Undefined)$/;

/** JSON's replacer: it sees every value before it is written. `this` is the object or list that holds it. */
function refuseChanges(this: unknown, key: string, value: unknown): unknown {
	// A Buffer has a `toJSON`, so the value before it is looked at.
	const given = (this as Record<string, unknown>)[key];
	const tag = tagOf(value);
	const isInList = Array.isArray(this);
	const isChanged =
		(bytesOf(given) ?? isBlob(given)) ||
		(value === null && given !== null) || // e.g. a Date of no day
		(tag === "Number" && !Number.isFinite(Number(value))) ||
		(value === undefined && isInList) ||
		!FAITHFUL.test(tag);
	if (isChanged) throw new BadData({ key, isInList, given, value });
	return value;
}
