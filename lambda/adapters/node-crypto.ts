import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Crypto } from "../core/ports.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8");

export const nodeCrypto: Crypto = {
	sha256: (text) => sha256(text).digest("hex"),
	random: (bytes) => randomBytes(bytes).toString("hex"),
	// timingSafeEqual demands values of one length, and digests have one for every key that a client sends.
	equal: (a, b) => timingSafeEqual(sha256(a).digest(), sha256(b).digest()),
	hmacSha1: (key, text) => createHmac("sha1", key).update(text, "utf8").digest("base64"),
};
