/** Text, bytes and JSON, of which others may send any. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
	return encoder.encode(text);
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
	return decoder.decode(bytes);
}

/** @returns undefined for a text that is not JSON, and for any other value */
export function parseJson(text: unknown): unknown {
	try {
		return JSON.parse(text as string);
	} catch {
		return undefined;
	}
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
