/** Tokens: ones that no issuer signed, which must let no client in, and rightly signed ones with odd claims. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { jsonText, objectText } from "./values.ts";

/** A public key; no program here has its private key. A verifier that takes it for a shared secret accepts forged tokens. */
export const PUBLIC_JWK = {
	kty: "EC",
	crv: "P-256",
	x: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
	y: "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
} as const;
const PUBLIC_PEM = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
`;

/** The secret that a server and its issuer share. */
export const SECRET = "a secret of the server and of its issuer alone";

/** Ends when no test runs any more. In epoch seconds. */
const FAR_FUTURE = Date.UTC(2100, 0, 1) / 1_000;

const part = (text: string) => Buffer.from(text).toString("base64url");

/** A token with these claims, as JSON, signed with this key. */
function sign(key: string, claims: string, alg = "HS256"): string {
	const signed = `${part(JSON.stringify({ alg, typ: "JWT" }))}.${part(claims)}`;
	return `${signed}.${createHmac(alg.replace("HS", "sha"), key).update(signed).digest("base64url")}`;
}

/** A token that is good for a long time. */
export function passFor({ room, peerId }: { room: string; peerId: string }): string {
	return sign(SECRET, JSON.stringify({ sub: peerId, rooms: [room], exp: FAR_FUTURE }));
}

const mostly = (text: string, others: fc.Arbitrary<string>) =>
	fc.oneof({ weight: 3, arbitrary: fc.constant(text) }, { weight: 2, arbitrary: fc.oneof(others, jsonText) });

const claims = fc
	.record(
		{
			sub: mostly('"mallory"', fc.constantFrom('{"a":{"b":[]}}', "[]", '"\\ud800"')),
			rooms: mostly('["*"]', fc.constantFrom('"*"', '[["*"]]', '{"0":"*","length":1}', "[]")),
			exp: mostly(String(FAR_FUTURE), fc.constantFrom("1e999", "-1", '"4102444800"', "1900000000.5")),
		},
		{ requiredKeys: ["exp"] },
	)
	.map((fields) => objectText(Object.entries(fields).map(([name, value]) => [`"${name}"`, value])));

/** Tokens of the issuer, which has taken leave of its senses. */
export const oddPass: fc.Arbitrary<string> = fc
	.oneof({ weight: 3, arbitrary: claims }, { weight: 1, arbitrary: jsonText })
	.map((text) => sign(SECRET, text));

const algorithms = ["none", "None", "", "HS256", "HS512", "RS256", "ES256", "EdDSA", "dir"];
const header = fc.oneof(
	fc.constantFrom(...algorithms).map((alg) => JSON.stringify({ alg, typ: "JWT" })),
	fc.constantFrom(
		'{"alg":"HS256","kid":"../../../../dev/null"}',
		'{"alg":"RS256","jku":"http://127.0.0.1:1/jwks.json"}',
		'{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}',
		'{"alg":"HS256","crit":["b64"],"b64":false}',
		'{"alg":"HS256","alg":"none"}',
		'{"__proto__":{"alg":"none"}}',
	),
	jsonText,
);

const unsigned = fc.tuple(header, claims).map(([head, body]) => `${part(head)}.${part(body)}`);
const confused = fc
	.tuple(
		fc.constantFrom("HS256", "HS384", "HS512"),
		claims,
		fc.constantFrom(PUBLIC_PEM, PUBLIC_PEM.trim(), JSON.stringify(PUBLIC_JWK), PUBLIC_JWK.x, "", "secret"),
	)
	.map(([alg, body, key]) => sign(key, body, alg));

/** Everything that a client may send as its token: neither {@link SECRET} nor the private key of {@link PUBLIC_JWK} signed it. */
export const hostileToken: fc.Arbitrary<string> = fc.oneof(
	fc.string({ unit: "binary", maxLength: 40 }),
	fc.constantFrom("", ".", "..", "a.b.c", "....", "undefined", "null", "Bearer x"),
	unsigned.map((token) => `${token}.`),
	fc.tuple(unsigned, fc.base64String()).map(([token, signature]) => `${token}.${signature}`),
	confused,
	fc.tuple(confused, fc.nat(200)).map(([token, length]) => token.slice(0, length)),
	fc
		.constantFrom(3_000, 9_000)
		.map((length) => `${part(JSON.stringify({ alg: "none", x: "x".repeat(length) }))}.${part("{}")}.`),
);
