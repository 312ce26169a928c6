/** Which keys a peer may sign with, and the hashes that they have. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createIdentity } from "../../../client/identity/index.ts";
import { hashOf, importKey } from "../../../client/identity/keys.ts";
import type { MeshOptions } from "../../../client/options.ts";
import { aPeer, P256 } from "../support/identities.ts";

const pair = (algorithm: EcKeyGenParams | Algorithm, usages: KeyUsage[] = ["sign", "verify"]) =>
	crypto.subtle.generateKey(algorithm as EcKeyGenParams, false, usages);
const rawOf = async ({ publicKey }: CryptoKeyPair) => new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));

describe("the hash of a key", () => {
	it("is the first 40 digits of the SHA-256 of the raw public key", async () => {
		const keys = await pair(P256);
		const expected = createHash("sha256")
			.update(await rawOf(keys))
			.digest("hex")
			.slice(0, 40);

		expect((await createIdentity({ keys })).key).toBe(expected);
		expect(await hashOf(await rawOf(keys))).toBe(expected);
	});

	it("is another one for each mesh that is given no keys", async () => {
		expect((await createIdentity()).key).not.toBe((await createIdentity()).key);
	});
});

describe("keys of the application", () => {
	it.each([
		["ECDSA P-256", P256],
		["Ed25519", { name: "Ed25519" }],
	])("may be %s, and others verify what they sign", async (_, algorithm) => {
		const alice = await aPeer({ id: "alice" });
		const bob = await aPeer({ id: "bob", keys: await pair(algorithm) });

		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(true);
		expect(await alice.accepts("bob", { type: "connect_request" })).toBe(false);
	});

	const wrong: [string, () => Promise<unknown>][] = [
		["P-384", () => pair({ name: "ECDSA", namedCurve: "P-384" } as EcKeyGenParams)],
		["for another purpose", () => pair({ name: "ECDH", namedCurve: "P-256" } as EcKeyGenParams, ["deriveBits"])],
		["without the private one", async () => ({ publicKey: (await pair(P256)).publicKey })],
		["of two pairs", async () => ({ ...(await pair(P256)), privateKey: (await pair(P256)).privateKey })],
		["a text", async () => "keys"],
		["null", async () => null],
	];
	it.each(wrong)("that are %s are bad options", async (_, make) => {
		const keys = (await make()) as never;
		const fault = keys === null ? createIdentity({ keys: {} as never }) : createIdentity({ keys });

		await expect(fault).rejects.toMatchObject({
			code: "BAD_OPTIONS",
			message: "keys must be an ECDSA P-256 or Ed25519 CryptoKeyPair to sign with.",
		});
	});
});

describe("a key of another", () => {
	it("that is a point beside the curve is no key", async () => {
		const raw = new Uint8Array(65).fill(7);
		raw[0] = 4;

		await expect(importKey(raw)).rejects.toThrow();
	});
});

describe("options that do not fit", () => {
	it.each([
		[{ verify: "keys" }, "verify must be key or a function; got keys."],
		[{ peerId: "key", onIdTaken: "new-id" }, "onIdTaken must be leave with the peerId key: a new id would not be"],
	])("%j are told", async (options, message) => {
		await expect(createIdentity(options as MeshOptions)).rejects.toMatchObject({
			code: "BAD_OPTIONS",
			message: expect.stringContaining(message),
		});
	});
});
