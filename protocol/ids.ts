/** Which strings may be the id of a peer or the name of a room. */
import { IDENTITY_DIGITS, MAX_ID_LENGTH, MAX_OWNER_KEY_LENGTH, MIN_OWNER_KEY_LENGTH } from "./limits.ts";

/** Whether `value` may be the id of a peer or the name of a room. */
export function isId(value: unknown): value is string {
	return idFault("id", value) === undefined;
}

/** Why `value` is not an id, as a sentence about `field`. Undefined for a good id. */
export function idFault(field: string, value: unknown): string | undefined {
	if (typeof value !== "string") return `${field} must be a string; got ${describe(value)}.`;
	if (value === "") return `${field} must not be empty.`;
	if (value.length > MAX_ID_LENGTH) {
		return `${field} must have at most ${MAX_ID_LENGTH} characters; got ${value.length}.`;
	}
	if (/\p{Cc}/u.test(value)) return `${field} must not contain control characters.`;
	// UTF-8 turns a lone surrogate into U+FFFD, so two different ids would become one in the table.
	if (/\p{Cs}/u.test(value)) return `${field} must be well-formed Unicode.`;
	return undefined;
}

/**
 * Why a client may not join under `value`, as a sentence about `field`. Stricter than `idFault`: it refuses characters
 * that do not show (bidi controls, zero-width characters), with which one id can look like another.
 */
export function newIdFault(field: string, value: unknown): string | undefined {
	const fault = idFault(field, value);
	if (fault !== undefined) return fault;
	return /\p{Cf}/u.test(value as string) ? `${field} must not contain invisible characters.` : undefined;
}

/** Whether `value` may be an owner's key. */
export function isOwnerKey(value: unknown): value is string {
	return typeof value === "string" && value.length >= MIN_OWNER_KEY_LENGTH && value.length <= MAX_OWNER_KEY_LENGTH;
}

const IDENTITY = new RegExp(`^[0-9a-f]{${IDENTITY_DIGITS}}$`);

/** Whether `value` may be the hash of a public key. */
export function isIdentity(value: unknown): value is string {
	return typeof value === "string" && IDENTITY.test(value);
}

/** A client's value in an error message: strings and scalars as they are, clipped; objects and arrays by kind. */
export function describe(value: unknown): string {
	if (typeof value === "string") return clip(value);
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "array" : "object";
	return String(value);
}

/** At most as many characters as an id has, so that an error about a frame stays small. */
export function clip(text: string): string {
	return text.length <= MAX_ID_LENGTH ? text : `${text.slice(0, MAX_ID_LENGTH)}…`;
}
