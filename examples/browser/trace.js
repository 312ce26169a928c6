/**
 * The way of this page's own messages, as their receivers tell of it: each says by which neighbour's link the message came. A
 * page knows nothing else of a message on its way, so it draws nothing else.
 */

/** How long a message takes for one link on the screen. It takes far less in truth. */
export const HOP_MS = 600;

/** If no peer has told in this time how the message came to a link, the link is drawn alone. */
const PATIENCE_MS = 1_500;

/** Messages that are followed. */
const MAX_TRACED = 20;

/** Most receivers of one message. */
const MAX_REACHED = 500;

/**
 * @typedef {object} Way
 * @property {Map<string, number>} reached peer -> when the message is at it, on the screen
 * @property {Map<string, Set<string>>} waiting peer that has not told yet -> receivers that got it from there
 * @property {(count: number) => void} tell
 */

/**
 * @param {{ selfId: string, carry: (from: string, to: string, inMs: number) => void, now?: () => number,
 *   after?: (ms: number, action: () => void) => void }} parts `carry` draws a message on its way over one link
 */
export function createTrace({
	selfId,
	carry,
	now = () => performance.now(),
	after = (ms, action) => void setTimeout(action, ms),
}) {
	/** @type {Map<string, Way>} */
	const ways = new Map();

	/** @param {Way} way @param {string} from @param {string} to @param {number} start */
	const draw = (way, from, to, start) => {
		const at = Math.max(start, now());
		carry(from, to, at - now());
		way.reached.set(to, at + HOP_MS);
		const next = way.waiting.get(to);
		way.waiting.delete(to);
		for (const peer of next ?? []) draw(way, to, peer, at + HOP_MS);
	};

	return {
		/**
		 * Follows a message that this page sends.
		 * @param {string} key
		 * @param {(count: number) => void} tell called with the number of peers that have it, whenever that changes
		 */
		follow(key, tell) {
			ways.set(key, { reached: new Map([[selfId, now()]]), waiting: new Map(), tell });
			const [oldest = ""] = ways.keys();
			if (ways.size > MAX_TRACED) ways.delete(oldest);
		},

		/**
		 * Takes a receiver's word.
		 * @param {string} peer
		 * @param {unknown} key of the message
		 * @param {unknown} via the neighbour that brought it there
		 */
		hear(peer, key, via) {
			const way = typeof key === "string" ? ways.get(key) : undefined;
			if (way === undefined || typeof via !== "string" || via === peer) return;
			const isWaiting = [...way.waiting.values()].some((peers) => peers.has(peer));
			if (way.reached.has(peer) || isWaiting || way.reached.size + way.waiting.size >= MAX_REACHED) return;

			const start = way.reached.get(via);
			if (start !== undefined) draw(way, via, peer, start);
			else {
				way.waiting.set(via, (way.waiting.get(via) ?? new Set()).add(peer));
				after(PATIENCE_MS, () => {
					if (way.waiting.get(via)?.delete(peer)) draw(way, via, peer, now());
				});
			}
			const waiting = [...way.waiting.values()].reduce((sum, { size }) => sum + size, 0);
			way.tell(way.reached.size - 1 + waiting);
		},
	};
}
