/** Key pairs, signatures and the hashes of keys, by WebCrypto. */
import { IDENTITY_DIGITS } from "../../protocol/limits.ts";
import { MeshError } from "../errors.ts";
import { encodeText } from "../json.ts";
import type { KeyPair } from "../platform-types.ts";

/**
 * By the length of the raw public key, so a key is never taken for one of the other algorithm. Every browser with WebCrypto
 * verifies P-256, and many browsers in use know no Ed25519. So we make P-256, and take both.
 */
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ALGORITHMS: Readonly<Record<number, EcKeyImportParams | Algorithm>> = { 65: P256, 32: { name: "Ed25519" } };

/** Bytes of a signature, with both algorithms. */
export const SIGNATURE_BYTES = 64;

type Bytes = Uint8Array<ArrayBuffer>;

export interface OwnKey {
	/** The hash of the public key. */
	readonly hash: string;
	/** The raw public key. */
	readonly raw: Bytes;
	sign(data: Bytes): Promise<Bytes>;
}

/** Whether a public key can have so many bytes. */
export function isKeyLength(bytes: number): boolean {
	return bytes in ALGORITHMS;
}

/** The first 160 bits of the SHA-256 of a raw public key, in hexadecimal. */
export async function hashOf(raw: Bytes): Promise<string> {
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
	return Array.from(hash.subarray(0, IDENTITY_DIGITS / 2), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Rejects if the bytes are no key, or this browser does not know the algorithm. */
export function importKey(raw: Bytes): Promise<CryptoKey> {
	return crypto.subtle.importKey("raw", raw, ALGORITHMS[raw.length] as Algorithm, false, ["verify"]);
}

export function isSignature(key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean> {
	return crypto.subtle.verify(algorithmOf(key), key, signature, data);
}

/**
 * Makes a key pair that stays in memory, or takes the application's.
 * @throws MeshError `BAD_OPTIONS` if that is no pair to sign with
 */
export async function ownKey(given: KeyPair | undefined): Promise<OwnKey> {
	try {
		const pair = (given ?? (await crypto.subtle.generateKey(P256, false, ["sign", "verify"]))) as CryptoKeyPair;
		const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
		const { privateKey } = pair;
		const sign = async (data: Bytes) =>
			new Uint8Array(await crypto.subtle.sign(algorithmOf(privateKey), privateKey, data));
		const probe = encodeText("probe");
		// Others import the key as we do here. A pair that does not belong together is found out, too.
		const fits = isKeyLength(raw.length) && (await isSignature(await importKey(raw), await sign(probe), probe));
		if (!fits) throw new TypeError("The keys are no pair.");
		return { hash: await hashOf(raw), raw, sign };
	} catch (cause) {
		throw new MeshError("BAD_OPTIONS", "keys must be an ECDSA P-256 or Ed25519 CryptoKeyPair to sign with.", { cause });
	}
}

function algorithmOf({ algorithm }: CryptoKey): EcdsaParams {
	return { name: algorithm.name, hash: "SHA-256" };
}
