/** A peer in the graph. */
/** @import { Place } from "./layout.js" */
import { hueOf, shortName, visible } from "./names.js";
import { nameOf } from "./people.js";
import { shape } from "./svg.js";

/** Most characters of a name that fit beside the circle. */
const MAX_NAME = 13;

/** How long a peer that a message came to stands out. */
const REACHED_MS = 900;

/** @param {string} id @param {Place} start */
export function createNode(id, start) {
	const [name, mark] = [shape("tspan", { class: "name", x: 0 }), shape("tspan", { class: "mark", x: 0 })];
	const text = shape("text", {}, name, mark);
	const [halo, dot] = [shape("circle", { class: "halo" }), shape("circle", { class: "dot" })];
	const title = shape("title");
	const group = shape("g", { class: "node" }, title, halo, dot, text);
	group.style.setProperty("--hue", String(hueOf(id)));
	group.dataset.peer = id;

	return {
		group,
		place: start,
		from: start,
		to: start,

		/**
		 * Writes the name and the short id, one below the other.
		 * @param {{ kind: string, isSelf: boolean, radius: number }} look
		 */
		show({ kind, isSelf, radius }) {
			const chosen = [...(isSelf ? "you" : nameOf(id))];
			name.textContent = chosen.length > MAX_NAME ? `${chosen.slice(0, MAX_NAME - 1).join("")}…` : chosen.join("");
			name.setAttribute("dy", "-0.25em");
			mark.textContent = shortName(id);
			mark.setAttribute("dy", chosen.length === 0 ? "0.35em" : "1.25em");
			title.textContent = [nameOf(id), visible(id)].filter(Boolean).join(": ");
			group.setAttribute("class", `node ${kind}`);
			dot.setAttribute("r", String(radius));
			halo.setAttribute("r", String(radius + 5));
		},

		/** Draws it at its `place`. */
		draw() {
			const { x, y, nameX, nameY, turn, anchor, named } = this.place;
			group.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
			text.setAttribute("transform", `translate(${nameX.toFixed(1)} ${nameY.toFixed(1)}) rotate(${turn})`);
			text.setAttribute("text-anchor", anchor);
			text.setAttribute("display", named ? "inline" : "none");
		},

		/** A message has come to it. */
		reached() {
			halo.classList.remove("reached");
			halo.getBoundingClientRect(); // so that the ring shrinks again
			halo.classList.add("reached");
			setTimeout(() => halo.classList.remove("reached"), REACHED_MS);
		},
	};
}
