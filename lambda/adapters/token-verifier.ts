/** Tokens by jose: https://github.com/panva/jose */
import {
	createLocalJWKSet,
	createRemoteJWKSet,
	errors,
	type JWTPayload,
	type JWTVerifyGetKey,
	type JWTVerifyOptions,
	type JWTVerifyResult,
	jwtVerify,
} from "jose";
import { CLOCK_SKEW_MS } from "../core/limits.ts";
import { type Clock, DependencyError, type Log, type TokenVerifier, type Verification } from "../core/ports.ts";
import type { RereadableSecrets } from "./cached-secrets.ts";
import { cachedValue } from "./cached-value.ts";

export interface JwtOptions {
	/** The required value of `iss`. */
	readonly issuer: string;
	/** The required value of `aud`, or one of its values. */
	readonly audience: readonly string[];
	readonly jwksUrl: string;
	readonly clock: Clock;
	readonly log: Log;
}

/** Signed with the issuer's private key. No algorithm with a shared key: a public key would do as one. */
const ASYMMETRIC = ["RS256", "ES256", "EdDSA", "Ed25519"];

/** Fewest characters of a shared secret. RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
export const MIN_SHARED_SECRET_LENGTH = 32;

/** How long one fetch of the keys may take, in ms. */
const FETCH_TIMEOUT_MS = 3_000;

/** How long keys are used before they are fetched again, in ms: a withdrawn key stays good for so long. */
const KEYS_MAX_AGE_MS = 10 * 60_000;

/**
 * Least time between two fetches, in ms: any client can invent key ids, and a provider that does not answer costs an
 * invocation `FETCH_TIMEOUT_MS`. Known keys stay in force until a fetch succeeds.
 */
const REFETCH_COOLDOWN_MS = 30_000;

/** The same while no key is known, in ms: clients are refused until a fetch succeeds, so the next one comes sooner. */
const FIRST_FETCH_COOLDOWN_MS = 5_000;

/** Tokens of an OpenID provider, by its published keys, which are fetched with the first token. */
export function jwtVerifier({ issuer, audience, jwksUrl, clock, log }: JwtOptions): TokenVerifier {
	const remote = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: FETCH_TIMEOUT_MS });
	const keys = cachedValue<JWTVerifyGetKey>({
		async read() {
			await remote.reload();
			return createLocalJWKSet(remote.jwks() as NonNullable<ReturnType<typeof remote.jwks>>);
		},
		operation: "jwks:fetch",
		maxAgeMs: KEYS_MAX_AGE_MS,
		cooldownMs: REFETCH_COOLDOWN_MS,
		retryMs: REFETCH_COOLDOWN_MS,
		firstRetryMs: FIRST_FETCH_COOLDOWN_MS,
		clock,
		onKept: (cause) => log.warn("keys_not_refetched", { jwksUrl }, cause),
	});

	/** @throws the errors of jose */
	const payloadOf = async (token: string, getKey: JWTVerifyGetKey): Promise<JWTPayload> => {
		const options = { ...common(clock), algorithms: ASYMMETRIC, issuer };
		const { payload } = await jwtVerify(token, getKey, options).catch((error: unknown) =>
			tryEachKey(error, token, options),
		);
		return payload;
	};

	const verifiedPayload = async (token: string): Promise<JWTPayload> => {
		let used: JWTVerifyGetKey | undefined;
		let namesKey = false;
		try {
			// jose asks for a key once it has checked the token's form, so a malformed token costs no fetch.
			return await payloadOf(token, async (header, input) => {
				namesKey = header.kid !== undefined;
				used = await keys.current();
				return used(header, input);
			});
		} catch (error) {
			// The provider may have changed its keys since they were fetched. Then the key that a token names is missing, and a
			// token that names no key fails with every known one.
			const mayBeNew = error instanceof errors.JWKSNoMatchingKey || (isWrongSignature(error) && !namesKey);
			const renewed = mayBeNew ? await keys.reread() : used;
			if (renewed === undefined || renewed === used) throw error;
			return payloadOf(token, renewed);
		}
	};

	return {
		verify: (token) =>
			verdict(async () => {
				const payload = await verifiedPayload(token);
				return isMeantFor(payload, audience)
					? { ok: true, claims: payload }
					: { ok: false, reason: "The token is for another audience." };
			}),
	};
}

/** Goes on if several keys fit a token, as they do if it has no key id: the one that signed it is among them, or none. */
async function tryEachKey(error: unknown, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
	if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
	for await (const key of error) {
		try {
			return await jwtVerify(token, key, options);
		} catch (failure) {
			if (!isWrongSignature(failure)) throw failure;
		}
	}
	throw new errors.JWSSignatureVerificationFailed();
}

/** Tokens that the user's own backend mints with a secret that it shares with this server. */
export function sharedSecretVerifier(secrets: RereadableSecrets, clock: Clock): TokenVerifier {
	const verifyWith = (token: string, candidates: readonly string[]): Promise<Verification> =>
		verdict(async () => {
			let failure: unknown;
			for (const secret of candidates) {
				try {
					const options = { ...common(clock), algorithms: ["HS256"] };
					const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), options);
					return { ok: true, claims: payload };
				} catch (error) {
					if (!isWrongSignature(error)) throw error;
					failure = error;
				}
			}
			throw failure;
		});

	return {
		async verify(token) {
			const known = await secrets.current();
			const verification = await verifyWith(token, known);
			if (verification.ok || verification.reason !== WRONG_SIGNATURE) return verification;
			// The secret may have been changed since it was read.
			const renewed = await secrets.reread();
			return renewed === known ? verification : verifyWith(token, renewed);
		},
	};
}

function common(clock: Clock): JWTVerifyOptions {
	return { requiredClaims: ["exp"], clockTolerance: CLOCK_SKEW_MS / 1000, currentDate: new Date(clock.now()) };
}

/**
 * Cognito's access tokens have no `aud` and name their app in `client_id`; API Gateway's own JWT authorizers do the same.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
function isMeantFor(payload: JWTPayload, audience: readonly string[]): boolean {
	const named: unknown = payload.aud ?? payload.client_id;
	return (Array.isArray(named) ? named : [named]).some((entry) => audience.includes(entry));
}

const WRONG_SIGNATURE = "The token's signature is wrong.";

function isWrongSignature(error: unknown): boolean {
	return error instanceof errors.JWSSignatureVerificationFailed;
}

/** Turns what jose throws at a token into a sentence that shows nothing of it. */
async function verdict(verify: () => Promise<Verification>): Promise<Verification> {
	try {
		return await verify();
	} catch (error) {
		if (error instanceof DependencyError) throw error;
		return { ok: false, reason: reasonOf(error) };
	}
}

function reasonOf(error: unknown): string {
	if (error instanceof errors.JWTExpired) return "The token has expired.";
	if (error instanceof errors.JWTClaimValidationFailed) {
		if (error.reason === "missing") return `The token lacks the claim ${error.claim}.`;
		return error.claim === "nbf" ? "The token is not valid yet." : `The token's claim ${error.claim} is wrong.`;
	}
	if (isWrongSignature(error)) return WRONG_SIGNATURE;
	if (error instanceof errors.JOSEAlgNotAllowed) return "The token's algorithm is not allowed.";
	if (error instanceof errors.JWKSNoMatchingKey) return "The token's key is not one of the issuer's.";
	return "The token is malformed.";
}
