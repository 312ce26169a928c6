/** Shows the peers and their links: in the graph, in the table, in words and in numbers. */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { View } from "./view.js" */
import { byId, setText } from "./dom.js";
import { createGraph } from "./graph.js";
import { showLinks } from "./links.js";
import { createPeerTable } from "./peers.js";
import { nameOf } from "./people.js";
import { reachable } from "./view.js";

/** @param {{ write: (id: string) => void }} parts `write` is called when the user wants to write to a peer */
export function createScreen({ write }) {
	const graph = createGraph(byId("graph", HTMLElement));
	const table = createPeerTable({
		table: byId("peers", HTMLTableElement),
		write,
		point: (id) => graph.highlight(id),
	});
	const count = byId("count", HTMLElement);
	const summary = byId("summary", HTMLElement);
	let shown = "";

	return {
		graph,

		/**
		 * @param {View} view
		 * @param {Mesh["state"]} state
		 */
		show(view, state) {
			const text = JSON.stringify([view, state, view.peers.map(({ id }) => nameOf(id))]);
			if (text === shown) return;
			shown = text;

			graph.show(view);
			graph.setState(state);
			table.show(view);
			showLinks(byId("links", HTMLElement), view);

			const others = reachable(view);
			const direct = others.filter(({ hops }) => hops === 1).length;
			const noun = others.length === 1 ? "peer" : "peers";
			setText(count, others.length === 0 ? "" : `${others.length} ${noun}, ${direct} direct`);
			const running = state !== "new" && state !== "left";
			setText(summary, running ? `Peers: ${others.length}, of them linked with you: ${direct}.` : "");
			const alone = view.peers.length === 1;
			byId("nobody", HTMLElement).hidden = !alone;
			byId("lonely", HTMLElement).hidden = !(alone && state === "joined");
			byId("second", HTMLAnchorElement).href = location.href;
		},

		/**
		 * Shows the browser's current figures of the links.
		 * @param {Mesh} mesh
		 */
		async showFigures(mesh) {
			await Promise.all(mesh.peers.map(async (id) => table.showFigures(id, await mesh.stats(id))));
		},
	};
}
