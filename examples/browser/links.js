/** The links in words, as the graph shows them. */
/** @import { View } from "./view.js" */
import { element, setText } from "./dom.js";
import { label } from "./people.js";

/**
 * @param {HTMLElement} list
 * @param {View} view
 */
export function showLinks(list, { selfId, peers }) {
	const nameOf = (/** @type {string} */ id) => (id === selfId ? "you" : label(id));
	const lines = peers.map(({ id, linked, state }) =>
		state === "connecting"
			? `${nameOf(id)}: connecting`
			: `${nameOf(id)}: linked with ${linked.map(nameOf).join(", ") || "nobody"}`,
	);
	while (list.children.length > lines.length) list.lastChild?.remove();
	lines.forEach((line, at) => {
		const item = list.children[at] ?? list.appendChild(element("li"));
		setText(item, line);
	});
}
