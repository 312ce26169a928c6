/**
 * Pages tell each other of their links, by messages through the mesh:
 * `{ page: "links", order, peers }`.
 */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { View } from "./roster.js" */
import { createRoster } from "./roster.js";

/** Time in which changes of links are gathered into one message. */
const GATHER_MS = 150;

/** How often a page repeats its links although they have not changed: an earlier message may have been lost. */
const REPEAT_MS = 20_000;

/**
 * @param {Pick<Mesh, "peerId" | "peers" | "links" | "on" | "send" | "broadcast">} mesh
 * @param {() => void} changed called when `view` may have changed
 */
export function createGossip(mesh, changed) {
	const roster = createRoster(mesh.peerId);
	let order = 0;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let gathering;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let repeating;

	const list = () => {
		// From the clock, so that the order keeps growing when a page starts again under the same id.
		order = Math.max(order + 1, Date.now());
		return { page: "links", order, peers: mesh.peers };
	};

	const tell = () => {
		clearTimeout(gathering);
		clearTimeout(repeating);
		gathering = undefined;
		repeating = setTimeout(tell, REPEAT_MS * (0.75 + Math.random() / 2));
		// The next one replaces a lost one.
		mesh.broadcast(list()).catch(() => {});
	};

	const linksChanged = () => {
		gathering ??= setTimeout(tell, GATHER_MS);
		changed();
	};

	const stops = [mesh.on("peer:connect", linksChanged), mesh.on("peer:disconnect", linksChanged)];

	return {
		/**
		 * Takes a message, if it tells of links.
		 * @param {{ from: string, data: unknown }} message
		 * @returns {boolean} whether it was
		 */
		take({ from, data }) {
			if (typeof data !== "object" || data === null || !("page" in data) || data.page !== "links") return false;
			const { order: theirs, peers } = /** @type {{ order?: unknown, peers?: unknown }} */ (data);
			// A new page has not heard of this page either. Its message left a way back, so this answer passes few links.
			if (roster.hear(from, theirs, peers)) mesh.send(from, list()).catch(() => {});
			changed();
			return true;
		},

		/** @returns {View} */
		view() {
			roster.setOwn(mesh.links());
			return roster.view();
		},

		close() {
			clearTimeout(gathering);
			clearTimeout(repeating);
			for (const stop of stops) stop();
		},
	};
}
