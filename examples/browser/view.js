/** The mesh as the page shows it: from this page's links, and from what the client knows of the members of the room. */
/** @import { LinkInfo, Member } from "./p2pmesh-client.js" */

/** @typedef {"open" | "connecting"} LinkState */

/**
 * @typedef {object} Peer
 * @property {string} id
 * @property {number | undefined} hops links between it and this page: 0 for this page, 1 with a direct link, undefined if the
 *   mesh does not reach it
 * @property {LinkState} state "connecting" if its only link is not open yet
 * @property {readonly string[]} linked ids, sorted
 */

/**
 * @typedef {object} Link
 * @property {string} from the smaller id
 * @property {string} to
 * @property {boolean} own whether one end is this page
 * @property {LinkState} state
 */

/**
 * @typedef {object} View
 * @property {string} selfId
 * @property {readonly Peer[]} peers this page among them, sorted by id
 * @property {readonly Link[]} links
 */

/**
 * @param {{ peerId: string, links: () => readonly Pick<LinkInfo, "peerId" | "state">[], members: () => readonly Pick<Member, "peerId" | "links" | "hops">[] }} mesh
 * @returns {View}
 */
export function viewOf({ peerId: selfId, links: ownLinks, members }) {
	const own = new Map(ownLinks().map(({ peerId, state }) => [peerId, state]));
	const told = new Map(members().map((member) => [member.peerId, member]));

	/** id -> the ids that it is linked with. @type {Map<string, Set<string>>} */
	const linked = new Map([[selfId, new Set()]]);
	/** @param {string} one @param {string} other */
	const link = (one, other) => {
		linked.set(one, (linked.get(one) ?? new Set()).add(other));
		linked.set(other, (linked.get(other) ?? new Set()).add(one));
	};
	for (const [id, state] of own) if (state === "open") link(selfId, id);
	for (const { peerId, links } of told.values()) {
		for (const other of links) {
			const theirs = told.get(other)?.links;
			// A link counts if neither end contradicts it. Some clients tell of no links; of this page's own, the page knows best.
			if (other !== selfId && theirs !== undefined && (theirs.length === 0 || theirs.includes(peerId)))
				link(peerId, other);
		}
	}

	const ids = [...new Set([selfId, ...own.keys(), ...told.keys()])].sort();
	const peers = ids.map((id) => {
		const link = own.get(id);
		const hops = id === selfId ? 0 : link === "open" ? 1 : told.get(id)?.hops;
		/** @type {LinkState} */
		const state = link === "connecting" && !told.has(id) ? "connecting" : "open";
		return { id, hops, state, linked: [...(linked.get(id) ?? [])].sort() };
	});

	/** @type {Link[]} */
	const links = [];
	/** @param {string} one @param {string} other @param {LinkState} state */
	const add = (one, other, state) => {
		const [from, to] = one < other ? [one, other] : [other, one];
		links.push({ from, to, own: one === selfId || other === selfId, state });
	};
	for (const { id, linked } of peers) for (const other of linked) if (id < other) add(id, other, "open");
	for (const [id, state] of own) if (state === "connecting") add(selfId, id, "connecting");
	return { selfId, peers, links };
}

/** The other peers that a message reaches. @param {View} view */
export function reachable({ peers }) {
	return peers.filter(({ hops }) => hops !== undefined && hops > 0);
}
