/** The table of peers: the way to each of them, and its quality. */
/** @import { Mesh } from "./p2pmesh-client.js" */
/** @import { Peer, View } from "./view.js" */
import { element, setText } from "./dom.js";
import { hueOf, shortName, visible } from "./names.js";
import { label, nameOf } from "./people.js";

/** @typedef {NonNullable<Awaited<ReturnType<Mesh["stats"]>>>} Figures */

const KINDS = { host: "host", srflx: "NAT", prflx: "NAT", relay: "TURN" };

/**
 * @param {{ table: HTMLTableElement, write: (id: string) => void, point: (id: string | undefined) => void }} parts
 *   `write` is called when the user wants to write to a peer, `point` when the user points at a peer, or at none
 */
export function createPeerTable({ table, write, point }) {
	const [body] = table.tBodies;
	/**
	 * @typedef {Record<"name" | "chosen" | "link" | "ice" | "time", HTMLElement>} Cells
	 * @type {Map<string, Cells & { row: HTMLTableRowElement }>}
	 */
	const rows = new Map();

	const makeRow = (/** @type {string} */ id) => {
		const dot = element("span", { className: "dot swatch", ariaHidden: "true" });
		dot.style.setProperty("--hue", String(hueOf(id)));
		const [chosen, mark] = [element("b"), element("span", { className: "mark" }, shortName(id))];
		const name = element(
			"button",
			{ type: "button", className: "name", title: `Write to ${visible(id)}` },
			chosen,
			mark,
		);
		name.onclick = () => write(id);
		const link = element("span", { className: "badge" });
		const [ice, time] = [element("td"), element("td", { className: "number" })];
		const row = element("tr", {}, element("th", { scope: "row" }, dot, name), element("td", {}, link), ice, time);
		row.dataset.peer = id;
		row.onpointerenter = name.onfocus = () => point(id);
		row.onpointerleave = name.onblur = () => point(undefined);
		const made = { row, name, chosen, link, ice, time };
		rows.set(id, made);
		return made;
	};

	return {
		/** @param {View} view */
		show({ selfId, peers }) {
			const others = peers.filter(({ id }) => id !== selfId).sort(nearestFirst);
			const focused = document.activeElement;
			others.forEach((peer, at) => {
				const { row, name, chosen, link } = rows.get(peer.id) ?? makeRow(peer.id);
				name.ariaLabel = `Write to ${label(peer.id)}`;
				setText(chosen, nameOf(peer.id));
				const [text, kind] = describe(peer);
				setText(link, text);
				link.className = `badge ${kind}`;
				if (body?.rows[at] !== row) body?.insertBefore(row, body.rows[at] ?? null);
			});
			for (const [id, { row }] of rows) {
				if (others.some((peer) => peer.id === id)) continue;
				row.remove();
				rows.delete(id);
			}
			// A row that moves loses the focus.
			if (focused instanceof HTMLElement && focused !== document.activeElement && body?.contains(focused))
				focused.focus();
			table.hidden = others.length === 0;
		},

		/** @param {string} id @param {Figures | undefined} figures undefined if this page has no link to the peer */
		showFigures(id, figures) {
			const row = rows.get(id);
			if (row === undefined) return;
			const { localType, remoteType, protocol, roundTripTime } = figures ?? {};
			const pair = localType === undefined ? "" : `${KINDS[localType]} ↔ ${remoteType ? KINDS[remoteType] : "?"}`;
			// Nearly all links use UDP, so only another protocol is named.
			setText(row.ice, protocol === undefined || protocol === "udp" ? pair : `${pair} ${protocol}`);
			row.ice.title = pair && `${localType} here, ${remoteType} there, ${protocol}`;
			setText(row.time, roundTripTime === undefined ? "" : inMs(roundTripTime));
		},
	};
}

/** @param {Peer} one @param {Peer} other */
function nearestFirst(one, other) {
	/** @param {Peer} peer */
	const rank = ({ hops, state }) => (state === "connecting" ? 1.5 : (hops ?? Number.MAX_VALUE));
	return rank(one) - rank(other) || (one.id < other.id ? -1 : 1);
}

/** @param {Peer} peer @returns {[text: string, kind: string]} */
function describe({ hops, state }) {
	if (state === "connecting") return ["connecting", "connecting"];
	if (hops === undefined) return ["no way", "far"];
	return hops === 1 ? ["direct", "direct"] : [`${hops} hops`, "far"];
}

/** Browsers count in whole milliseconds. @param {number} ms */
function inMs(ms) {
	return ms < 1 ? "< 1 ms" : `${Math.round(ms)} ms`;
}
