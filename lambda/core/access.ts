/** The rules for origins and for the claims of tokens, as pure functions. */

import { isId, type Refusal } from "../../protocol/index.ts";
import { CLOCK_SKEW_MS, MAX_SUBJECT_LENGTH } from "./limits.ts";
import type { Grant } from "./records.ts";
import { forbidden } from "./refusals.ts";
import type { Settings } from "./settings.ts";

/**
 * Whether a page of this origin may connect. A rule is `*` (any), an exact origin, or `https://*.example.com`, which
 * means every subdomain of any depth, but not `https://example.com`.
 * @param origin the Origin header, undefined if the client sent none
 */
export function originAllowed(
	origin: string | undefined,
	settings: Pick<Settings, "allowedOrigins" | "allowMissingOrigin">,
): boolean {
	if (origin === undefined) return settings.allowMissingOrigin;
	const actual = origin.toLowerCase();
	return settings.allowedOrigins.some((rule) => originMatches(actual, rule.toLowerCase()));
}

function originMatches(origin: string, rule: string): boolean {
	if (rule === "*" || rule === origin) return true;
	const wildcard = rule.indexOf("://*.");
	if (wildcard === -1) return false;
	const scheme = rule.slice(0, wildcard + "://".length);
	const suffix = rule.slice(wildcard + "://*".length);
	if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false;
	return /^[^/]+$/.test(origin.slice(scheme.length, -suffix.length));
}

/** The user that a token names, undefined if it names none. */
export function subjectOf({ sub }: Readonly<Record<string, unknown>>): string | undefined {
	return typeof sub === "string" && sub !== "" ? sub.slice(0, MAX_SUBJECT_LENGTH) : undefined;
}

/**
 * Reads the grant of a verified token.
 * @param now epoch seconds
 * @returns the grant, or a sentence that says why the claims are bad
 */
export function readGrant(
	claims: Readonly<Record<string, unknown>>,
	settings: Pick<Settings, "authPeerIdClaim" | "authRoomsClaim" | "authClaimsRequired" | "authMaxTokenSeconds">,
	now: number,
): Grant | string {
	const skew = CLOCK_SKEW_MS / 1000;
	const exp = claims.exp as number;
	const most = settings.authMaxTokenSeconds;
	if (most > 0 && exp - now > most + skew) return `The token is good for too long: at most ${most} s are allowed.`;

	const { authPeerIdClaim: peerIdClaim, authRoomsClaim: roomsClaim } = settings;
	const missing = [peerIdClaim, roomsClaim].find((claim) => claim !== "" && claims[claim] === undefined);
	if (settings.authClaimsRequired && missing !== undefined) return `The token has no claim ${missing}.`;

	const peerId = peerIdClaim === "" ? undefined : claims[peerIdClaim];
	if (peerId !== undefined && !isId(peerId)) return `The token's claim ${peerIdClaim} is not a peer id.`;

	const named = roomsClaim === "" ? undefined : claims[roomsClaim];
	const rooms = typeof named === "string" ? [named] : named;
	if (rooms !== undefined && !(Array.isArray(rooms) && rooms.every((room) => typeof room === "string"))) {
		return `The token's claim ${roomsClaim} is not a list of rooms.`;
	}
	const subject = subjectOf(claims);
	return {
		...(subject !== undefined && subject !== peerId && { subject }),
		...(peerId !== undefined && { peerId }),
		...(rooms !== undefined && { rooms }),
		// JSON has numbers that no store takes, such as 1e999.
		until: Math.min(Math.floor(exp) + skew, Number.MAX_SAFE_INTEGER),
	};
}

/** Why a grant does not allow to join as this peer in this room, or undefined. */
export function refuseJoin(grant: Grant, { peerId, room }: { peerId: string; room: string }): Refusal | undefined {
	if (grant.peerId !== undefined && grant.peerId !== peerId) {
		return forbidden(`The token does not allow to join as ${peerId}.`);
	}
	if (grant.rooms !== undefined && !grant.rooms.some((rule) => roomMatches(room, rule))) {
		return forbidden(`The token does not allow to join room ${room}.`);
	}
	return undefined;
}

function roomMatches(room: string, rule: string): boolean {
	return rule === room || (rule.endsWith("*") && room.startsWith(rule.slice(0, -1)));
}
