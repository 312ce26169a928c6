/**
 * The messages of pages: `{ page: "chat", text, key, to? }`, and `{ page: "came", key, via }`, by which a receiver tells the author
 * which neighbour brought the message.
 */

/**
 * @typedef {object} Said
 * @property {string} text
 * @property {boolean} isPrivate
 * @property {string} key names the message; "" if its author does not want to know its way
 */

const KEY = /^[0-9a-f]{16}$/;

/** @param {string} text @param {boolean} isPrivate @param {string} key */
export function chatMessage(text, isPrivate, key) {
	return isPrivate ? { page: "chat", text, key, to: "one" } : { page: "chat", text, key };
}

/** A new name for a message. */
export function newKey() {
	return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} key @param {string} via */
export function cameMessage(key, via) {
	return { page: "came", key, via };
}

/**
 * @param {unknown} data
 * @returns {{ key: unknown, via: unknown } | undefined} undefined for any other message
 */
export function readCame(data) {
	const { page, key, via } = /** @type {Record<string, unknown>} */ (data ?? {});
	return page === "came" ? { key, via } : undefined;
}

/**
 * Reads a message of a page. Data from another program becomes text as well as possible.
 * @param {unknown} data
 * @returns {Said}
 */
export function readMessage(data) {
	if (typeof data === "string") return { text: data, isPrivate: false, key: "" };
	if (data instanceof Uint8Array) return { text: `(${data.length} bytes)`, isPrivate: false, key: "" };
	const { page, text, to, key } = /** @type {Record<string, unknown>} */ (data ?? {});
	if (page === "chat" && typeof text === "string")
		return { text, isPrivate: to === "one", key: typeof key === "string" && KEY.test(key) ? key : "" };
	return { text: JSON.stringify(data), isPrivate: false, key: "" };
}
