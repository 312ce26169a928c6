import { randomBytes } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";

/** A secret that only one test knows. */
export function aSecret(): string {
	return randomBytes(32).toString("base64");
}

/** Seconds since the epoch, as tokens count them. */
export function inSeconds(seconds: number): number {
	return Math.floor(Date.now() / 1000) + seconds;
}

/** A token as a backend mints it, good for a minute unless the claims say otherwise. */
export function aToken(secret: string, { exp = inSeconds(60), ...claims }: JWTPayload = {}): Promise<string> {
	return new SignJWT({ ...claims, exp }).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
}
