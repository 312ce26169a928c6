/** Draws the mesh. links.js says the same in words, for users who cannot see the graph. */
/** @import { Place } from "./layout.js" */
/** @import { Link, View } from "./roster.js" */
import { circle } from "./layout.js";
import { hueOf, shortName, visible } from "./names.js";

const MOVE_MS = 350;

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} [attributes]
 * @param {Node[]} children
 */
function shape(name, attributes = {}, ...children) {
	const made = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
	made.append(...children);
	return made;
}

/** @param {HTMLElement} container */
export function createGraph(container) {
	const edges = shape("g", { class: "edges" });
	const nodes = shape("g", { class: "nodes" });
	const picture = shape("svg", { role: "img" }, edges, nodes);
	container.replaceChildren(picture);

	/** @type {Map<string, { group: SVGGElement, name: SVGTextElement, place: Place, from: Place, to: Place }>} */
	const drawn = new Map();
	/** @type {Map<string, { path: SVGPathElement, link: Link }>} */
	const lines = new Map();
	/** @type {View | undefined} */
	let view;
	/** The highlighted peer. @type {string | undefined} */
	let lit;
	let frame = 0;
	const calm = matchMedia("(prefers-reduced-motion: reduce)");

	const size = () => ({ width: container.clientWidth || 300, height: container.clientHeight || 300 });

	const place = () => {
		const { width, height } = size();
		for (const { group, name, place } of drawn.values()) {
			group.setAttribute("transform", `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`);
			name.setAttribute(
				"transform",
				`translate(${place.nameX.toFixed(1)} ${place.nameY.toFixed(1)}) rotate(${place.turn})`,
			);
			name.setAttribute("text-anchor", place.anchor);
			name.setAttribute("display", place.named ? "inline" : "none");
		}
		for (const { path, link } of lines.values()) {
			const [from, to] = [drawn.get(link.from)?.place, drawn.get(link.to)?.place];
			if (from === undefined || to === undefined) continue;
			// Bent towards the middle, so that a link does not seem to pass behind a node.
			const bend = (/** @type {number} */ one, /** @type {number} */ other, /** @type {number} */ middle) =>
				((one + other) / 2 + (middle - (one + other) / 2) * 0.35).toFixed(1);
			const control = `${bend(from.x, to.x, width / 2)} ${bend(from.y, to.y, height / 2)}`;
			path.setAttribute(
				"d",
				`M${from.x.toFixed(1)} ${from.y.toFixed(1)}Q${control} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`,
			);
		}
	};

	/** Moves all nodes to their places. */
	const move = () => {
		cancelAnimationFrame(frame);
		for (const node of drawn.values()) node.from = node.place;
		const settle = (/** @type {number} */ share) => {
			for (const node of drawn.values()) {
				const { from, to } = node;
				node.place = { ...to, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
			}
			place();
		};
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

	const makeNode = (/** @type {string} */ id, /** @type {Place} */ to) => {
		const name = shape("text", { dy: "0.35em" });
		const dot = shape("circle", { class: "dot" });
		dot.style.setProperty("--hue", String(hueOf(id)));
		const title = shape("title");
		title.textContent = visible(id);
		const group = shape("g", { class: "node" }, title, shape("circle", { class: "halo" }), dot, name);
		group.dataset.peer = id;
		group.onpointerenter = () => highlight(id);
		group.onpointerleave = () => highlight(undefined);
		nodes.append(group);
		const node = { group, name, place: to, from: to, to };
		drawn.set(id, node);
		return node;
	};

	const draw = () => {
		if (view === undefined) return;
		const { selfId, peers, links } = view;
		const { width, height } = size();
		picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
		const nodeRadius = peers.length > 24 ? 5 : peers.length > 12 ? 8 : 11;
		const self = Math.max(
			0,
			peers.findIndex(({ id }) => id === selfId),
		);
		const ids = [...peers.slice(self), ...peers.slice(0, self)].map(({ id }) => id);
		const places = circle(ids, { width, height }, nodeRadius);

		for (const { id, hops, state } of peers) {
			const to = places.get(id);
			if (to === undefined) continue;
			const node = drawn.get(id) ?? makeNode(id, to);
			node.to = to;
			node.name.textContent = id === selfId ? "you" : shortName(id);
			node.group.setAttribute("class", `node ${id === selfId ? "self" : hops > 1 ? "far" : state}`);
			for (const ring of node.group.querySelectorAll("circle")) {
				ring.setAttribute("r", String(ring.classList.contains("halo") ? nodeRadius + 5 : nodeRadius));
			}
		}
		for (const [id, { group }] of drawn) {
			if (places.has(id)) continue;
			group.remove();
			drawn.delete(id);
		}

		const current = new Set();
		for (const link of links) {
			const key = `${link.from} ${link.to}`;
			current.add(key);
			const path = lines.get(key)?.path ?? shape("path");
			path.setAttribute("class", `${link.own ? "own" : "others"} ${link.state}`);
			lines.set(key, { path, link });
			// This page's links lie on top.
			if (link.own) edges.append(path);
			else if (path.parentNode === null) edges.prepend(path);
		}
		for (const [key, { path }] of lines) {
			if (current.has(key)) continue;
			path.remove();
			lines.delete(key);
		}

		const direct = links.filter(({ own, state }) => own && state === "open").length;
		const open = links.filter(({ state }) => state === "open").length;
		const peerCount = peers.filter(({ state }) => state === "open").length;
		picture.setAttribute(
			"aria-label",
			`The mesh: ${count(peerCount, "peer")} with you, ${count(open, "link")}, ${direct} of them yours.`,
		);
		highlight(lit);
		move();
	};

	const highlight = (/** @type {string | undefined} */ id) => {
		lit = id;
		picture.classList.toggle("highlighting", lit !== undefined && drawn.has(lit));
		const near = new Set([lit]);
		for (const { path, link } of lines.values()) {
			const isLit = link.from === lit || link.to === lit;
			path.classList.toggle("lit", isLit);
			if (isLit) near.add(link.from).add(link.to);
		}
		for (const [id, { group }] of drawn) {
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
		/**
		 * Highlights a peer and its links.
		 * @param {string | undefined} id
		 */
		highlight(id) {
			highlight(id);
		},
	};
}

/** @param {number} number @param {string} noun */
function count(number, noun) {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
