/**
 * How the page shows a peer's id, so that no two ids look the same: characters that do not show are written out, and digits of
 * the id's SHA-256 stand behind an id that is cut, or that may look like another.
 */
import { sha256 } from "./sha256.js";

/** Most ids that are remembered with their names. */
const MAX_KNOWN = 5_000;

/** Most characters of an id that is not plain digits. */
const MAX_CHOSEN = 9;

/** Characters that do not show, or that change how others show. A plain space is not one of them. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Z}/gu;

/** id -> its name on this page; mark -> the id that has it. @type {Map<string, { name: string, mark: string }>} */
const known = new Map();
/** @type {Map<string, string>} */
const marks = new Map();

/**
 * Writes out what does not show: `bob\u200b` becomes `bob[U+200B]`.
 * @param {string} text
 */
export function visible(text) {
	return text.replace(UNSEEN, (found) =>
		Array.from(found, (one) => `[U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`).join(""),
	);
}

/**
 * The short name of a peer: `01234567…` for an id of hexadecimal digits, `alice·2bd8` for others, which stay whole up to a
 * length. If an id that this page has shown has the same digits, more of the hash follow.
 * @param {string} id
 */
export function shortName(id) {
	const already = known.get(id);
	if (already !== undefined) return already.name;

	const isHex = /^[0-9a-f]{16,}$/i.test(id);
	const hash = fingerprint(id);
	const shown = isHex ? `${id.slice(0, 8)}…` : clip(visible(id), MAX_CHOSEN);
	for (let digits = isHex ? 0 : 4; ; digits += 4) {
		const mark = (isHex ? id.slice(0, 8).toLowerCase() : "·") + hash.slice(0, digits);
		if (marks.has(mark) && digits < hash.length) continue;
		const name = digits === 0 ? shown : `${shown}·${hash.slice(0, digits)}`;
		remember(id, name, mark);
		return name;
	}
}

/** @param {string} id @param {string} name @param {string} mark */
function remember(id, name, mark) {
	known.set(id, { name, mark });
	marks.set(mark, id);
	const [oldest] = known;
	if (oldest === undefined || known.size <= MAX_KNOWN) return;
	known.delete(oldest[0]);
	marks.delete(oldest[1].mark);
}

/**
 * A hue for a peer, in degrees: the same on every page.
 * @param {string} id
 */
export function hueOf(id) {
	return Math.round((Number.parseInt(fingerprint(id).slice(-4), 16) / 65_536) * 360);
}

/** The SHA-256 of an id, in hexadecimal digits. `crypto.subtle` is missing from pages of http: URLs. @param {string} id */
export function fingerprint(id) {
	return Array.from(sha256(new TextEncoder().encode(id)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text @param {number} length */
function clip(text, length) {
	const characters = [...text];
	return characters.length > length
		? `${characters
				.slice(0, length - 1)
				.join("")
				.trimEnd()}…`
		: text;
}
