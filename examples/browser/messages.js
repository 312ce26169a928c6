/** The chat messages of pages: `{ page: "chat", text, to? }`. */

/** @typedef {{ text: string, isPrivate: boolean }} Said */

/** @param {string} text @param {boolean} isPrivate */
export function chatMessage(text, isPrivate) {
	return isPrivate ? { page: "chat", text, to: "one" } : { page: "chat", text };
}

/**
 * Reads a message of a page. Data from another program becomes text as well as possible.
 * @param {unknown} data
 * @returns {Said}
 */
export function readMessage(data) {
	if (typeof data === "string") return { text: data, isPrivate: false };
	if (data instanceof Uint8Array) return { text: `(${data.length} bytes)`, isPrivate: false };
	const { page, text, to } = /** @type {Record<string, unknown>} */ (data ?? {});
	if (page === "chat" && typeof text === "string") return { text, isPrivate: to === "one" };
	return { text: JSON.stringify(data), isPrivate: false };
}
