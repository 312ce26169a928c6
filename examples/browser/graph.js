/** Draws the mesh. links.js says the same in words, for users who cannot see the graph. */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { View } from "./view.js" */
import { createLines } from "./graph-lines.js";
import { createNode } from "./graph-node.js";
import { circle } from "./layout.js";
import { hueOf } from "./names.js";
import { createServerNode } from "./server-node.js";
import { shape } from "./svg.js";
import { HOP_MS } from "./trace.js";
import { createTravel } from "./travel.js";

const MOVE_MS = 350;

/** @param {HTMLElement} container */
export function createGraph(container) {
	const edges = shape("g", { class: "edges" });
	const layer = shape("g", { class: "nodes" });
	const travellers = shape("g", { class: "travellers" });
	const picture = shape("svg", { role: "img" }, edges, travellers, layer);
	container.replaceChildren(picture);
	const travel = createTravel(travellers);
	const server = createServerNode({ layer, edges, travel });
	const lines = createLines(edges);

	/** @type {Map<string, ReturnType<typeof createNode>>} */
	const nodes = new Map();
	/** @type {View | undefined} */
	let view;
	/** The highlighted peer. @type {string | undefined} */
	let lit;
	let frame = 0;
	const calm = matchMedia("(prefers-reduced-motion: reduce)");

	const size = () => ({ width: container.clientWidth || 300, height: container.clientHeight || 300 });

	/** Draws all nodes on their way to their places. @param {number} share of the way */
	const settle = (share) => {
		for (const node of nodes.values()) {
			const { from, to } = node;
			node.place = { ...to, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
			node.draw();
		}
		lines.place((id) => nodes.get(id)?.place, size());
		const self = nodes.get(view?.selfId ?? "");
		if (self !== undefined) server.place(self.place, size().width);
	};

	const move = () => {
		cancelAnimationFrame(frame);
		for (const node of nodes.values()) node.from = node.place;
		// A hidden tab gets no animation frames.
		if (calm.matches || document.hidden) return settle(1);

		let begun = 0;
		const step = (/** @type {number} */ now) => {
			begun ||= now;
			const share = Math.min(1, (now - begun) / MOVE_MS);
			settle(1 - (1 - share) ** 3);
			if (share < 1) frame = requestAnimationFrame(step);
		};
		frame = requestAnimationFrame(step);
	};

	const draw = () => {
		if (view === undefined) return;
		const { selfId, peers, links } = view;
		const { width, height } = size();
		picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
		const radius = peers.length > 24 ? 5 : peers.length > 12 ? 8 : 13;
		const self = Math.max(
			0,
			peers.findIndex(({ id }) => id === selfId),
		);
		const ids = [...peers.slice(self), ...peers.slice(0, self)].map(({ id }) => id);
		const places = circle(ids, { width, height }, radius);

		for (const { id, hops, state } of peers) {
			const to = places.get(id);
			if (to === undefined) continue;
			const node = nodes.get(id) ?? addNode(id, to);
			node.to = to;
			const isSelf = id === selfId;
			node.show({ kind: isSelf ? "self" : hops === 1 ? "open" : state === "open" ? "far" : state, isSelf, radius });
		}
		for (const [id, { group }] of nodes) {
			if (places.has(id)) continue;
			group.remove();
			nodes.delete(id);
		}
		lines.show(links);
		picture.setAttribute("aria-label", inWords(view));
		highlight(lit);
		move();
	};

	/** @param {string} id @param {import("./layout.js").Place} to */
	const addNode = (id, to) => {
		const node = createNode(id, to);
		node.group.onpointerenter = () => highlight(id);
		node.group.onpointerleave = () => highlight(undefined);
		layer.append(node.group);
		nodes.set(id, node);
		return node;
	};

	const highlight = (/** @type {string | undefined} */ id) => {
		lit = id;
		picture.classList.toggle("highlighting", lit !== undefined && nodes.has(lit));
		const near = lines.light(lit);
		for (const [id, { group }] of nodes) {
			group.classList.toggle("lit", id === lit);
			group.classList.toggle("near", near.has(id));
		}
	};

	new ResizeObserver(draw).observe(container);

	return {
		/** @param {View} next */
		show(next) {
			view = next;
			draw();
		},

		/** Highlights a peer and its links. @param {string | undefined} id */
		highlight: (id) => highlight(id),

		/** The state of the connection to the server. @param {Mesh["state"]} state */
		setState: (state) => server.setState(state, (view?.peers.length ?? 0) < 2),

		/** A frame passes between this page and the server. @param {"in" | "out"} direction */
		signal: (direction) => server.frame(direction),

		/**
		 * Shows a message on its way over one link.
		 * @param {{ from: string, to: string, author: string }} hop
		 */
		carry({ from, to, author }) {
			const line = lines.find(from, to);
			const arrive = () => nodes.get(to)?.reached();
			// A link that this page has not heard of is not drawn. That its end has the message, it has heard.
			if (line === undefined) arrive();
			else travel({ ...line, kind: "message", hue: hueOf(author), durationMs: HOP_MS, arrive });
		},
	};
}

/** @param {View} view */
function inWords({ peers, links }) {
	const direct = links.filter(({ own, state }) => own && state === "open").length;
	const open = links.filter(({ state }) => state === "open").length;
	const peerCount = peers.filter(({ state }) => state === "open").length;
	return `The mesh: ${count(peerCount, "peer")} with you, ${count(open, "link")}, ${direct} of them yours.`;
}

/** @param {number} number @param {string} noun */
function count(number, noun) {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
