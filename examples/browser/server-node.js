/**
 * The signaling server in the graph, and this page's line to it. It stands out while it is used, and fades when it is not: the
 * mesh goes on without it. Of the other peers' connections to the server a page knows nothing.
 */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { Journey } from "./travel.js" */
import { shape } from "./svg.js";

/** How long after the last frame the server counts as used. */
const USED_MS = 2_500;

const FRAME_MS = 450;

/** More frames at a time are not drawn. */
const MAX_DRAWN = 4;

const WORDS = {
	joining: "being called",
	reconnecting: "away, the mesh goes on",
	used: "in use",
	joined: "not needed now",
	alone: "waits for others",
};

/** Width in px of a graph that is narrow. */
const NARROW = 480;

/** @param {{ layer: SVGGElement, edges: SVGGElement, travel: (journey: Journey) => void }} parts */
export function createServerNode({ layer, edges, travel }) {
	const line = shape("path", { class: "to-server" });
	const box = (/** @type {number} */ y) => shape("rect", { x: -13, y, width: 26, height: 9, rx: 2.5 });
	const light = (/** @type {number} */ y) => shape("circle", { class: "light", cx: -7, cy: y, r: 1.6 });
	const icon = shape("g", { class: "icon" }, box(-10.5), box(1.5), light(-6), light(6));
	const name = shape("text", { class: "title" });
	const words = shape("text", { class: "words" });
	name.textContent = "server";
	const group = shape("g", { class: "server" }, icon, name, words);
	edges.append(line);
	layer.append(group);

	/** @type {Mesh["state"]} */
	let state = "new";
	let isAlone = true;
	let usedAt = Number.NEGATIVE_INFINITY;
	let drawn = 0;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let fading;

	const show = () => {
		const isUsed = performance.now() - usedAt < USED_MS;
		const kind = state !== "joined" ? state : isUsed ? "used" : isAlone ? "alone" : "joined";
		group.dataset.state = line.dataset.state = kind;
		words.textContent = WORDS[/** @type {keyof typeof WORDS} */ (kind)] ?? "";
	};
	show();

	return {
		/** @param {Mesh["state"]} next @param {boolean} alone whether this page knows no other peer, and needs the server to meet one */
		setState(next, alone) {
			state = next;
			isAlone = alone;
			show();
		},

		/** A frame passes between this page and the server. @param {"in" | "out"} direction */
		frame(direction) {
			usedAt = performance.now();
			show();
			clearTimeout(fading);
			fading = setTimeout(show, USED_MS + 50);
			if (drawn >= MAX_DRAWN) return;
			drawn += 1;
			setTimeout(() => (drawn -= 1), FRAME_MS);
			travel({ path: line, backwards: direction === "out", kind: "frame", durationMs: FRAME_MS });
		},

		/**
		 * Draws the line to this page's node.
		 * @param {{ x: number, y: number }} self
		 * @param {number} width of the graph
		 */
		place({ x, y }, width) {
			// In a narrow graph a peer's name stands below.
			const isNarrow = width < NARROW;
			for (const [text, line] of /** @type {const} */ ([
				[name, 0],
				[words, 1],
			])) {
				text.setAttribute("x", String(isNarrow ? 20 : -25));
				text.setAttribute("y", String(isNarrow ? line * 12 - 2 : 27 + line * 14));
			}
			const at = isNarrow ? { x: 20, y: 20 } : { x: 40, y: 30 };
			group.setAttribute("transform", `translate(${at.x} ${at.y})`);
			const [dx, dy] = [x - at.x, y - at.y];
			const distance = Math.hypot(dx, dy) || 1;
			const from = { x: at.x + (dx / distance) * 20, y: at.y + (dy / distance) * 20 };
			line.setAttribute("d", `M${from.x.toFixed(1)} ${from.y.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}`);
		},
	};
}
