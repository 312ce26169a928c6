/** How the page shows a peer's id. */

/**
 * Cuts ids of 40 digits; shows chosen names whole, up to a length.
 * @param {string} id
 * @param {number} [length] at most
 */
export function shortName(id, length = 18) {
	if (/^[0-9a-f]{16,}$/i.test(id)) return `${id.slice(0, 8)}…`;
	return id.length > length ? `${id.slice(0, length - 1).trimEnd()}…` : id;
}

/**
 * A hue for a peer, in degrees: the same on every page.
 * @param {string} id
 */
export function hueOf(id) {
	let hash = 0;
	for (let at = 0; at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) % 65_521;
	// Multiples of the golden angle: similar ids get different colours.
	return Math.round((hash * 137.508) % 360);
}
