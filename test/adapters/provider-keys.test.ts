/** The keys of an identity provider that fails, hangs, or changes them. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { jwtVerifier } from "../../lambda/adapters/token-verifier.ts";
import { DependencyError, type TokenVerifier } from "../../lambda/core/ports.ts";
import { someLog } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";

const ISSUER = "https://issuer.test/";
const MINUTE = 60_000;

interface Key {
	readonly jwk: JWK;
	readonly privateKey: CryptoKey;
}

let keys: Key[];
let published: JWK[];
let fetches: number;
let answer: (response: ServerResponse) => void;
let clock: ReturnType<typeof aClock>;
let log: ReturnType<typeof someLog>;
let verifier: TokenVerifier;

const works = (response: ServerResponse) =>
	response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: published }));
const fails = (response: ServerResponse) => response.writeHead(503).end();
const isNotJson = (response: ServerResponse) => response.writeHead(200).end("<!doctype html>");
const hasNoKeys = (response: ServerResponse) => response.writeHead(200).end('{"error":"moved"}');
const breaksOff = (response: ServerResponse) => response.destroy();

beforeAll(async () => {
	keys = await Promise.all(
		[1, 2, 3].map(async () => {
			const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
			return { jwk: await exportJWK(publicKey), privateKey };
		}),
	);
});

beforeEach(async () => {
	published = [named(0)];
	fetches = 0;
	answer = works;
	clock = aClock();
	log = someLog();
	const provider = createServer((_request, response) => {
		fetches += 1;
		answer(response);
	});
	await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		provider.closeAllConnections();
		provider.close();
	});
	const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
	verifier = jwtVerifier({ issuer: ISSUER, audience: ["signaling"], jwksUrl, clock, log });
});

const named = (n: number): JWK => ({ ...keyOf(n).jwk, kid: `key ${n}` });
const nameless = (n: number): JWK => keyOf(n).jwk;
const keyOf = (n: number) => keys[n] as Key;

/** A token signed by the key, naming it or not, that holds for an hour of the test's clock. */
const tokenBy = (n: number, kid?: string) =>
	new SignJWT({ iss: ISSUER, aud: "signaling", sub: `by ${n}`, exp: clock.now() / 1000 + 3_600 })
		.setProtectedHeader({ alg: "ES256", ...(kid !== undefined && { kid }) })
		.sign(keyOf(n).privateKey);

const valid = { ok: true };

describe("known keys", () => {
	it.each([
		["answers 503", fails],
		["answers with a page", isNotJson],
		["answers with something else", hasNoKeys],
		["breaks off", breaksOff],
	])("stay in force if the provider %s, which is asked again after half a minute", async (_fault, broken) => {
		const token = await tokenBy(0, "key 0");
		expect(await verifier.verify(token)).toMatchObject(valid);
		answer = broken;
		clock.forward(11 * MINUTE);

		for (let n = 0; n < 5; n++) expect(await verifier.verify(token)).toMatchObject(valid);
		expect(fetches).toBe(2);
		expect(log.lines).toMatchObject([{ level: "warn", event: "keys_not_refetched" }]);

		clock.forward(30_000);
		expect(await verifier.verify(token)).toMatchObject(valid);
		expect(fetches).toBe(3);
	});

	it("are replaced once the provider works again", async () => {
		const older = await tokenBy(0, "key 0");
		expect(await verifier.verify(older)).toMatchObject(valid);
		answer = fails;
		clock.forward(11 * MINUTE);
		expect(await verifier.verify(older)).toMatchObject(valid);

		answer = works;
		published = [named(1)];
		clock.forward(30_000);

		expect(await verifier.verify(await tokenBy(1, "key 1"))).toMatchObject(valid);
		expect(await verifier.verify(older)).toEqual({ ok: false, reason: "The token's key is not one of the issuer's." });
	});

	it.each([
		["back", -5 * MINUTE],
		["forward", 5 * MINUTE],
	])("are found after a change of the provider's, also if the clock was set %s", async (_direction, ms) => {
		await verifier.verify(await tokenBy(0, "key 0"));
		clock.forward(ms);
		published = [named(0), named(1)];
		clock.forward(30_000);

		expect(await verifier.verify(await tokenBy(1, "key 1"))).toMatchObject(valid);
	});
});

describe("if no key is known", () => {
	it("a token is not blamed, and a provider that fails is not asked for every token", async () => {
		answer = fails;
		const token = await tokenBy(0, "key 0");

		for (let n = 0; n < 5; n++) await expect(verifier.verify(token)).rejects.toThrow(DependencyError);
		expect(fetches).toBe(1);

		answer = works;
		clock.forward(5_000);
		expect(await verifier.verify(token)).toMatchObject(valid);
	});
});

describe("a token that names no key", () => {
	it("is tried with every key that fits", async () => {
		published = [nameless(0), nameless(1)];

		expect(await verifier.verify(await tokenBy(0))).toMatchObject({ claims: { sub: "by 0" } });
		expect(await verifier.verify(await tokenBy(1))).toMatchObject({ claims: { sub: "by 1" } });
		expect(await verifier.verify(await tokenBy(2))).toEqual({ ok: false, reason: "The token's signature is wrong." });
		expect(fetches).toBe(1);
	});

	it("is judged by its other faults as well", async () => {
		published = [nameless(0), nameless(1)];
		const token = await tokenBy(1);
		clock.forward(2 * 60 * MINUTE);

		expect(await verifier.verify(token)).toEqual({ ok: false, reason: "The token has expired." });
	});

	it.each([
		["one key", () => [nameless(0)], () => [nameless(1)]],
		["several keys", () => [nameless(0), nameless(1)], () => [nameless(1), nameless(2)]],
	])("finds the key that took the place of %s", async (_count, older, newer) => {
		published = older();
		await verifier.verify(await tokenBy(0));
		published = newer();
		clock.forward(30_000);

		const signer = newer().length;
		expect(await verifier.verify(await tokenBy(signer))).toMatchObject({ claims: { sub: `by ${signer}` } });
	});
});
