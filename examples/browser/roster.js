/**
 * The links between peers, as far as this page knows: its own links, and the links that other pages tell of.
 *
 * A link counts if neither end contradicts it: one end claims it, and the other claims it too or has told of no links so far.
 * So a peer that goes silently disappears as soon as its neighbours say that they have lost it, without any timeout.
 */

/** Most lists that are kept, and the longest list that is accepted: strangers must not fill the page. */
export const MAX_LISTS = 500;
export const MAX_LISTED = 128;

/** @typedef {"open" | "connecting"} LinkState */

/**
 * @typedef {object} Peer
 * @property {string} id
 * @property {number} hops links between it and this page; 0 for this page, 1 with a direct link
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

/** @param {string} selfId */
export function createRoster(selfId) {
	/** @type {Map<string, { order: number, peers: Set<string> }>} */
	const lists = new Map();
	/** @type {Map<string, LinkState>} */
	let own = new Map();

	const ownIn = (/** @type {LinkState} */ state) => [...own.keys()].filter((id) => own.get(id) === state);

	/** id -> the ids that it is linked with */
	const neighbours = () => {
		/** @type {Map<string, Set<string>>} */
		const found = new Map([[selfId, new Set()]]);
		/** @param {string} id */
		const of = (id) => found.get(id) ?? found.set(id, new Set()).get(id);
		/** @param {string} one @param {string} other */
		const link = (one, other) => {
			of(one)?.add(other);
			of(other)?.add(one);
		};
		for (const id of ownIn("open")) link(selfId, id);
		for (const [id, { peers }] of lists) {
			for (const other of peers) if (other !== selfId && (lists.get(other)?.peers.has(id) ?? true)) link(id, other);
		}
		return found;
	};

	return {
		/**
		 * Takes this page's links as they are now.
		 * @param {Iterable<{ peerId: string, state: LinkState }>} links
		 */
		setOwn(links) {
			own = new Map([...links].map(({ peerId, state }) => [peerId, state]));
		},

		/**
		 * Takes a peer's list of its links.
		 * @param {string} from
		 * @param {unknown} order grows with every list of that peer: they may overtake each other
		 * @param {unknown} peers
		 * @returns {boolean} whether this is the first list of that peer
		 */
		hear(from, order, peers) {
			if (from === selfId || typeof order !== "number" || !Array.isArray(peers) || peers.length > MAX_LISTED)
				return false;
			const known = lists.get(from);
			if (known === undefined ? lists.size >= MAX_LISTS : known.order >= order) return false;
			lists.set(from, { order, peers: new Set(peers.filter((id) => isId(id) && id !== from)) });
			return known === undefined;
		},

		/**
		 * All peers that the mesh reaches. Forgets the lists of the others.
		 * @returns {View}
		 */
		view() {
			const linked = neighbours();
			const hops = new Map([[selfId, 0]]);
			// A loop over a Map reaches the entries that are added during the loop.
			for (const [id, distance] of hops) {
				for (const other of linked.get(id) ?? []) if (!hops.has(other)) hops.set(other, distance + 1);
			}
			for (const id of lists.keys()) if (!hops.has(id)) lists.delete(id);

			/** @type {Link[]} */
			const links = [];
			/** @param {string} one @param {string} other @param {LinkState} state */
			const add = (one, other, state) => {
				const [from, to] = one < other ? [one, other] : [other, one];
				links.push({ from, to, own: one === selfId || other === selfId, state });
			};
			const connecting = ownIn("connecting");
			const ids = [...new Set([...hops.keys(), ...connecting])].sort();
			const peers = ids.map((id) => {
				const others = hops.has(id) ? [...(linked.get(id) ?? [])].sort() : [];
				for (const other of others) if (id < other) add(id, other, "open");
				/** @type {LinkState} */
				const state = hops.has(id) ? "open" : "connecting";
				return { id, hops: hops.get(id) ?? 1, state, linked: others };
			});
			for (const id of connecting) add(selfId, id, "connecting");
			return { selfId, peers, links };
		},
	};
}

/**
 * Whether the server would let a peer join under it. So a list cannot put peers on the screen that only look like others.
 * @param {unknown} id
 */
function isId(id) {
	return typeof id === "string" && id !== "" && id.length <= 128 && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(id);
}
