/** Draws the mesh. links.js says the same in words, for users who cannot see the graph. */
/** @import { Place } from "./layout.js" */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { Link, View } from "./view.js" */
import { circle } from "./layout.js";
import { hueOf, shortName, visible } from "./names.js";
import { nameOf } from "./people.js";
import { createServerNode } from "./server-node.js";
import { shape } from "./svg.js";
import { HOP_MS } from "./trace.js";
import { createTravel } from "./travel.js";

const MOVE_MS = 350;

/** How long a peer that a message came to stands out. */
const REACHED_MS = 900;

/** Most characters of a name that fit beside the circle. */
const MAX_NAME = 13;

/** @param {HTMLElement} container */
export function createGraph(container) {
	const edges = shape("g", { class: "edges" });
	const nodes = shape("g", { class: "nodes" });
	const travellers = shape("g", { class: "travellers" });
	const picture = shape("svg", { role: "img" }, edges, travellers, nodes);
	container.replaceChildren(picture);
	const travel = createTravel(travellers);
	const server = createServerNode({ layer: nodes, edges, travel });

	/** @type {Map<string, ReturnType<typeof makeNode>>} */
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
		for (const { group, text, place } of drawn.values()) {
			group.setAttribute("transform", `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`);
			text.setAttribute(
				"transform",
				`translate(${place.nameX.toFixed(1)} ${place.nameY.toFixed(1)}) rotate(${place.turn})`,
			);
			text.setAttribute("text-anchor", place.anchor);
			text.setAttribute("display", place.named ? "inline" : "none");
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
		const self = drawn.get(view?.selfId ?? "");
		if (self !== undefined) server.place(self.place, width);
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
		const [name, mark] = [shape("tspan", { class: "name" }), shape("tspan", { class: "mark" })];
		const text = shape("text", {}, name, mark);
		const [halo, dot] = [shape("circle", { class: "halo" }), shape("circle", { class: "dot" })];
		const title = shape("title");
		const group = shape("g", { class: "node" }, title, halo, dot, text);
		group.style.setProperty("--hue", String(hueOf(id)));
		group.dataset.peer = id;
		group.onpointerenter = () => highlight(id);
		group.onpointerleave = () => highlight(undefined);
		nodes.append(group);
		return { group, title, halo, dot, text, name, mark, place: to, from: to, to };
	};

	/** Writes the name and the short id, one below the other. */
	const write = (
		/** @type {ReturnType<typeof makeNode>} */ node,
		/** @type {string} */ id,
		/** @type {boolean} */ isSelf,
	) => {
		const chosen = [...(isSelf ? "you" : nameOf(id))];
		const name = chosen.length > MAX_NAME ? `${chosen.slice(0, MAX_NAME - 1).join("")}…` : chosen.join("");
		node.name.textContent = name;
		node.mark.textContent = shortName(id);
		for (const part of [node.name, node.mark]) part.setAttribute("x", "0");
		node.name.setAttribute("dy", "-0.25em");
		node.mark.setAttribute("dy", name === "" ? "0.35em" : "1.25em");
		node.title.textContent = [nameOf(id), visible(id)].filter(Boolean).join(": ");
	};

	const draw = () => {
		if (view === undefined) return;
		const { selfId, peers, links } = view;
		const { width, height } = size();
		picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
		const nodeRadius = peers.length > 24 ? 5 : peers.length > 12 ? 8 : 13;
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
			drawn.set(id, node);
			node.to = to;
			write(node, id, id === selfId);
			node.group.setAttribute("class", `node ${id === selfId ? "self" : hops === 1 ? state : "far"}`);
			node.dot.setAttribute("r", String(nodeRadius));
			node.halo.setAttribute("r", String(nodeRadius + 5));
		}
		for (const [id, { group }] of drawn) {
			if (places.has(id)) continue;
			group.remove();
			drawn.delete(id);
		}
		drawLinks(links);

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

	/** @param {readonly Link[]} links */
	const drawLinks = (links) => {
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
			if (link.own) edges.append(path);
			else if (path.parentNode === null) edges.prepend(path);
		}
		for (const [key, { path }] of lines) {
			if (current.has(key)) continue;
			path.remove();
			lines.delete(key);
		}
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
			const backwards = from > to;
			const line = lines.get(backwards ? `${to} ${from}` : `${from} ${to}`);
			const arrive = () => {
				const halo = drawn.get(to)?.halo;
				halo?.classList.remove("reached");
				halo?.getBoundingClientRect(); // so that the ring shrinks again
				halo?.classList.add("reached");
				setTimeout(() => halo?.classList.remove("reached"), REACHED_MS);
			};
			// A link that this page has not heard of is not drawn. That its end has the message, it has heard.
			if (line === undefined) arrive();
			else travel({ path: line.path, backwards, kind: "message", hue: hueOf(author), durationMs: HOP_MS, arrive });
		},
	};
}

/** @param {number} number @param {string} noun */
function count(number, noun) {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
