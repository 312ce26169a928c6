/** The lines between the nodes of the graph: one for each link. */
/** @import { Place } from "./layout.js" */
/** @import { Link } from "./view.js" */
import { shape } from "./svg.js";

/** @param {SVGGElement} layer gets the lines */
export function createLines(layer) {
	/** @type {Map<string, { path: SVGPathElement, link: Link }>} */
	const lines = new Map();

	return {
		/** @param {readonly Link[]} links */
		show(links) {
			const current = new Set();
			for (const link of links) {
				const key = `${link.from} ${link.to}`;
				current.add(key);
				const path = lines.get(key)?.path ?? shape("path");
				const carries = path.classList.contains("carrying") ? " carrying" : "";
				path.setAttribute("class", `${link.own ? "own" : "others"} ${link.state}${carries}`);
				path.dataset.link = key;
				lines.set(key, { path, link });
				// This page's links lie on top.
				if (link.own) layer.append(path);
				else if (path.parentNode === null) layer.prepend(path);
			}
			for (const [key, { path }] of lines) {
				if (current.has(key)) continue;
				path.remove();
				lines.delete(key);
			}
		},

		/**
		 * @param {(id: string) => Place | undefined} placeOf
		 * @param {{ width: number, height: number }} size of the graph
		 */
		place(placeOf, { width, height }) {
			// Bent towards the middle, so that a link does not seem to pass behind a node.
			const bend = (/** @type {number} */ one, /** @type {number} */ other, /** @type {number} */ middle) =>
				((one + other) / 2 + (middle - (one + other) / 2) * 0.35).toFixed(1);
			for (const { path, link } of lines.values()) {
				const [from, to] = [placeOf(link.from), placeOf(link.to)];
				if (from === undefined || to === undefined) continue;
				const control = `${bend(from.x, to.x, width / 2)} ${bend(from.y, to.y, height / 2)}`;
				const [start, end] = [from, to].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`);
				path.setAttribute("d", `M${start}Q${control} ${end}`);
			}
		},

		/**
		 * Lights the lines of a peer.
		 * @param {string | undefined} id
		 * @returns {Set<string | undefined>} it, and the peers at their other ends
		 */
		light(id) {
			const near = new Set([id]);
			for (const { path, link } of lines.values()) {
				const isLit = link.from === id || link.to === id;
				path.classList.toggle("lit", isLit);
				if (isLit) near.add(link.from).add(link.to);
			}
			return near;
		},

		/** The line between two peers, and whether it begins at the second. @param {string} from @param {string} to */
		find(from, to) {
			const backwards = from > to;
			const line = lines.get(backwards ? `${to} ${from}` : `${from} ${to}`);
			return line && { path: line.path, backwards };
		},
	};
}
