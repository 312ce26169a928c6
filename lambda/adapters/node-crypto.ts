import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Crypto } from "../core/ports.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8");

const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let taken = 0;

/** Random bytes as text, of a supply: a call of the system for each costs more than the bytes. No byte is used twice. */
function randomText(bytes: number, encoding: "hex" | "base64url"): string {
	if (bytes > POOL_BYTES) return randomBytes(bytes).toString(encoding);
	if (taken + bytes > pool.length) {
		pool = randomBytes(POOL_BYTES);
		taken = 0;
	}
	const text = pool.toString(encoding, taken, taken + bytes);
	pool.fill(0, taken, taken + bytes);
	taken += bytes;
	return text;
}

export const nodeCrypto: Crypto = {
	sha256: (text) => sha256(text).digest("hex"),
	random: (bytes) => randomText(bytes, "hex"),
	secret: (bytes) => randomText(bytes, "base64url"),
	// timingSafeEqual demands values of one length, and digests have one for every key that a client sends.
	equal: (a, b) => timingSafeEqual(sha256(a).digest(), sha256(b).digest()),
	hmacSha1: (key, text) => createHmac("sha1", key).update(text, "utf8").digest("base64"),
};
