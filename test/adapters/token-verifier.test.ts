import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cachedSecrets } from "../../lambda/adapters/cached-secrets.ts";
import { jwtVerifier, sharedSecretVerifier } from "../../lambda/adapters/token-verifier.ts";
import type { TokenVerifier } from "../../lambda/core/ports.ts";
import { someLog } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";
import { aSecret, aToken, inSeconds } from "../support/tokens.ts";

const valid = { ok: true };
const because = (reason: string) => ({ ok: false, reason });

describe("jwtVerifier", () => {
	const issuer = "https://issuer.test/";
	const keys = new Map<string, CryptoKey>();
	let published: JWK[] = [];
	let fetches = 0;
	const provider = createServer((_request, response) => {
		fetches += 1;
		response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: published }));
	});
	let verifier: TokenVerifier;

	/** Made once for each name, since a pair of RSA keys takes a good part of a second. */
	const pairs = new Map<string, ReturnType<typeof generateKeyPair>>();
	const pairOf = (kid: string, alg: string) => {
		const pair = pairs.get(`${kid} ${alg}`) ?? generateKeyPair(alg, { extractable: true });
		pairs.set(`${kid} ${alg}`, pair);
		return pair;
	};
	const publish = async (kid: string, alg: string) => {
		const pair = await pairOf(kid, alg);
		keys.set(kid, pair.privateKey);
		published.push({ ...(await exportJWK(pair.publicKey)), kid, alg });
		return pair;
	};
	const mint = (kid: string, alg: string, claims: Readonly<Record<string, unknown>> = {}) =>
		new SignJWT({ iss: issuer, aud: "signaling", exp: inSeconds(60), ...claims } as JWTPayload)
			.setProtectedHeader({ alg, kid })
			.sign(keys.get(kid) as CryptoKey);

	beforeAll(async () => {
		await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
	});
	afterAll(() => void provider.close());
	beforeEach(async () => {
		published = [];
		fetches = 0;
		await publish("rsa", "RS256");
		const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
		verifier = jwtVerifier({ issuer, audience: ["signaling", "other"], jwksUrl, clock: Date, log: someLog() });
	});

	it.each(["RS256", "ES256", "EdDSA"])("takes a token signed by %s", async (alg) => {
		await publish(alg, alg);

		expect(await verifier.verify(await mint(alg, alg, { sub: "alice" }))).toMatchObject({
			ok: true,
			claims: { sub: "alice" },
		});
	});

	it("refuses a token without a signature", async () => {
		const token = new UnsecuredJWT({ iss: issuer, aud: "signaling", exp: inSeconds(60) }).encode();

		expect(await verifier.verify(token)).toMatchObject({ ok: false });
	});

	it("refuses a token that takes the public key for a shared one", async () => {
		const { publicKey } = await publish("public", "RS256");
		const secret = new TextEncoder().encode(await exportSPKI(publicKey));
		const token = await new SignJWT({ iss: issuer, aud: "signaling", exp: inSeconds(60) })
			.setProtectedHeader({ alg: "HS256", kid: "public" })
			.sign(secret);

		expect(await verifier.verify(token)).toEqual(because("The token's algorithm is not allowed."));
	});

	it.each([
		["another issuer", { iss: "https://elsewhere.test/" }, "The token's claim iss is wrong."],
		["another audience", { aud: "elsewhere" }, "The token is for another audience."],
		["no audience", { aud: undefined }, "The token is for another audience."],
		["no end", { exp: undefined }, "The token lacks the claim exp."],
		["a time that has not come", { nbf: inSeconds(60) }, "The token is not valid yet."],
		["a time that has passed", { exp: inSeconds(-31) }, "The token has expired."],
		["an end that is no time", { exp: "soon" }, "The token's claim exp is wrong."],
	])("refuses a token with %s", async (_fault, claims, reason) => {
		expect(await verifier.verify(await mint("rsa", "RS256", claims))).toEqual(because(reason));
	});

	it("takes a token with one of several audiences, and one of Cognito's that names its client instead", async () => {
		expect(await verifier.verify(await mint("rsa", "RS256", { aud: ["x", "other"] }))).toMatchObject(valid);
		const cognito = await mint("rsa", "RS256", { aud: undefined, client_id: "signaling" });
		expect(await verifier.verify(cognito)).toMatchObject(valid);
	});

	it("bears with a clock that is half a minute off, and no more", async () => {
		expect(await verifier.verify(await mint("rsa", "RS256", { exp: inSeconds(-25) }))).toMatchObject(valid);
		expect(await verifier.verify(await mint("rsa", "RS256", { nbf: inSeconds(25) }))).toMatchObject(valid);
	});

	it("fetches the keys once, and once more for a key id that it does not know, however many such ids come", async () => {
		const known = await mint("rsa", "RS256");
		await Promise.all([verifier.verify(known), verifier.verify(known)]);
		expect(fetches).toBe(1);

		keys.set("unpublished", keys.get("rsa") as CryptoKey);
		const unknown = await mint("unpublished", "RS256");
		for (let n = 0; n < 5; n++) {
			expect(await verifier.verify(unknown)).toEqual(because("The token's key is not one of the issuer's."));
		}
		expect(fetches).toBeLessThanOrEqual(2);
	});

	it.each(["", "x", "a.b", "a.b.c", "....", "\u0000", `${"A".repeat(8_000)}.e30.x`])(
		"refuses %j without asking for keys",
		async (token) => {
			expect(await verifier.verify(token)).toEqual(because("The token is malformed."));
			expect(fetches).toBe(0);
		},
	);
});

describe("sharedSecretVerifier", () => {
	const clock = aClock(Date.now());
	let stored: string;
	let readings: number;
	let verifier: TokenVerifier;

	beforeEach(() => {
		stored = aSecret();
		readings = 0;
		const read = async () => {
			readings += 1;
			return stored;
		};
		verifier = sharedSecretVerifier(cachedSecrets({ read, name: "secret", clock, log: someLog() }), clock);
	});

	it("takes a token signed with the secret, and reads the secret once", async () => {
		for (let n = 0; n < 3; n++) expect(await verifier.verify(await aToken(stored, { n }))).toMatchObject(valid);
		expect(readings).toBe(1);
	});

	it("refuses a token signed with another secret, and does not read for each of them", async () => {
		for (let n = 0; n < 5; n++) {
			expect(await verifier.verify(await aToken(aSecret()))).toEqual(because("The token's signature is wrong."));
		}
		expect(readings).toBe(1);
	});

	it.each(["HS384", "HS512"])("refuses %s", async (alg) => {
		const token = await new SignJWT({ exp: inSeconds(60) })
			.setProtectedHeader({ alg })
			.sign(new TextEncoder().encode(stored));

		expect(await verifier.verify(token)).toEqual(because("The token's algorithm is not allowed."));
	});

	it("refuses a token without a signature", async () => {
		expect(await verifier.verify(new UnsecuredJWT({ exp: inSeconds(60) }).encode())).toMatchObject({ ok: false });
	});

	it("takes the tokens of both secrets while they are changed", async () => {
		const [older, newer] = [stored, aSecret()];
		const [olderToken, newerToken] = [await aToken(older), await aToken(newer)];
		expect(await verifier.verify(olderToken)).toMatchObject(valid);

		stored = `${newer}\n${older}\n`;
		clock.forward(5_000);
		expect(await verifier.verify(newerToken)).toMatchObject(valid);
		expect(await verifier.verify(olderToken)).toMatchObject(valid);

		stored = newer;
		clock.forward(5 * 60_000 + 1);
		expect(await verifier.verify(await aToken(newer, { exp: inSeconds(600) }))).toMatchObject(valid);
		expect(await verifier.verify(await aToken(older, { exp: inSeconds(600) }))).toEqual(
			because("The token's signature is wrong."),
		);
	});
});
