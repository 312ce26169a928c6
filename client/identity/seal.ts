/** The bytes of a signal that are signed, and the seal that carries key, number and signature. */
import { encodeText, isObject } from "../json.ts";
import { isKeyLength, SIGNATURE_BYTES } from "./keys.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Content = Readonly<Record<string, unknown>>;

/** The field `seal` of a signal, or of a frame that holds none. Key and signature are base64url. */
interface Written {
	readonly key: string;
	readonly n: number;
	readonly sig: string;
}

export interface Seal {
	/** The raw public key. */
	readonly key: Bytes;
	/** No two seals of a key have the same, and later ones have larger ones. */
	readonly n: number;
	readonly signature: Bytes;
}

/** Sender, receiver and room of a signal. */
export interface Address {
	readonly room: string;
	readonly from: string;
	readonly to: string;
}

/** Nothing else that a key signs begins so. */
const PURPOSE = "p2pmesh-signaling signal 1";

/** 65 bytes as base64url, the longest that a seal has. */
const MAX_TEXT = 87;

/**
 * The bytes to sign. The receiver does not have the sender's text: the server and the peers in between may write it in another
 * form. So the fields stand in the order of their names.
 * @param kind a frame, or a signal within a frame
 */
export function bytesToSign({ room, from, to }: Address, kind: "frame" | "signal", n: number, content: Content): Bytes {
	return encodeText(JSON.stringify([PURPOSE, room, from, to, kind, n, content], inOrder));
}

function inOrder(_name: string, value: unknown): unknown {
	if (!isObject(value)) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function writeSeal({ key, n, signature }: Seal): Written {
	return { key: toText(key), n, sig: toText(signature) };
}

/** @returns undefined for anything that is no seal, before any work is done for it */
export function readSeal(value: unknown): Seal | undefined {
	if (!isObject(value)) return undefined;
	const { n } = value;
	const key = toBytes(value.key);
	const signature = toBytes(value.sig);
	if (!Number.isSafeInteger(n) || !isKeyLength(key.length) || signature.length !== SIGNATURE_BYTES) return undefined;
	return { key, n: n as number, signature };
}

function toText(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (letter) => ({ "+": "-", "/": "_" })[letter] ?? "");
}

/** @returns no bytes for anything that is no text in base64url */
function toBytes(text: unknown): Bytes {
	if (typeof text !== "string" || text.length > MAX_TEXT || !/^[\w-]*$/.test(text)) return new Uint8Array(0);
	try {
		const decoded = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
		return Uint8Array.from(decoded, (letter) => letter.charCodeAt(0));
	} catch {
		return new Uint8Array(0); // a length that base64 does not have
	}
}
