/** Tokens by jose: https://github.com/panva/jose */
import {
	createRemoteJWKSet,
	errors,
	type JWTPayload,
	type JWTVerifyGetKey,
	type JWTVerifyOptions,
	jwtVerify,
} from "jose";
import { CLOCK_SKEW_MS } from "../core/limits.ts";
import { type Clock, DependencyError, type TokenVerifier, type Verification } from "../core/ports.ts";
import type { RereadableSecrets } from "./cached-secrets.ts";

export interface JwtOptions {
	/** What `iss` must be. */
	readonly issuer: string;
	/** What `aud` must be or hold one of. */
	readonly audience: readonly string[];
	readonly jwksUrl: string;
	readonly clock: Clock;
}

/** Signed with the issuer's private key. No algorithm with a shared key: a public key would do as one. */
const ASYMMETRIC = ["RS256", "ES256", "EdDSA", "Ed25519"];

/** Fewest characters of a shared secret. RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
export const MIN_SHARED_SECRET_LENGTH = 32;

/** How long one fetch of the keys may take, in ms. */
const FETCH_TIMEOUT_MS = 3_000;

/** How long keys are used before they are fetched again, in ms: for so long a withdrawn key is still good. */
const KEYS_MAX_AGE_MS = 10 * 60_000;

/** Least time between fetches because of a key that is not among those known, in ms. Anybody can invent key ids. */
const REFETCH_COOLDOWN_MS = 30_000;

/** Tokens of an OpenID provider, by its published keys, which are fetched with the first token. */
export function jwtVerifier({ issuer, audience, jwksUrl, clock }: JwtOptions): TokenVerifier {
	const keys = createRemoteJWKSet(new URL(jwksUrl), {
		timeoutDuration: FETCH_TIMEOUT_MS,
		cacheMaxAge: KEYS_MAX_AGE_MS,
		cooldownDuration: REFETCH_COOLDOWN_MS,
	});

	const getKey: JWTVerifyGetKey = async (header, token) => {
		try {
			return await keys(header, token);
		} catch (error) {
			// No such key is the token's fault. That they could not be had is not.
			if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
			if (error instanceof errors.JOSENotSupported) throw error;
			throw new DependencyError("jwks:fetch", { cause: error });
		}
	};

	return {
		verify: (token) =>
			verdict(async () => {
				const { payload } = await jwtVerify(token, getKey, { ...common(clock), algorithms: ASYMMETRIC, issuer });
				return isMeantFor(payload, audience)
					? { ok: true, claims: payload }
					: { ok: false, reason: "The token is for another audience." };
			}),
	};
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
