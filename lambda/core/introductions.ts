/**
 * Which peers a newcomer is introduced to: its nearest, and some far ones. Without the far ones a large mesh falls into
 * islands.
 */
import type { ListedPeer } from "../../protocol/index.ts";
import { all } from "./all.ts";
import { pickFar } from "./far-peers.ts";
import { FAR_WINDOW } from "./limits.ts";
import { type Found, nearestPeers, type ReadRange } from "./nearest-peers.ts";
import type { Awaitable, Consistency, Dependencies, RangePage } from "./ports.ts";
import type { PeerIdentity, PeerRecord } from "./records.ts";
import { hasKeyForm, type Position, positionOf, type RoutingKey, randomRoutingKey, startOf } from "./routing-key.ts";

/** A peer that asks for others. */
export interface Reader extends PeerIdentity {
	/** Whether its client takes ids of any form in a list. */
	readonly anyId?: boolean;
}

export interface Introduction {
	/** The peers for the reader's list: nearest first, then far ones. Never the reader itself, none twice. */
	readonly listed: readonly PeerRecord[];
	/** The peers that are told of the reader: those in its list, and near ones that its list cannot hold. */
	readonly told: readonly PeerRecord[];
}

export interface Introductions {
	/** The peers for a newcomer, or for a peer that asks again. */
	introduce(reader: Reader, around?: RoutingKey): Promise<Introduction>;

	/** The `count` peers nearest to a key, nearest first, for the reader's list. */
	nearest(reader: Reader, around: RoutingKey, count: number): Promise<readonly PeerRecord[]>;

	/**
	 * The peers that are told of a departure: as many as a newcomer is introduced to, all of them near. To be called when
	 * the lease is gone. None if the id is held again: its new holder has announced itself, and is not gone.
	 */
	neighboursLeftBehind(departed: PeerIdentity): Promise<readonly PeerRecord[]>;
}

/** A peer as a list tells it. */
export function listedPeer({ peerId, lastSeen, identity }: PeerRecord): ListedPeer {
	return identity === undefined ? { id: peerId, lastSeen } : { id: peerId, lastSeen, identity };
}

export function createIntroductions({ store, crypto, settings }: Dependencies): Introductions {
	const listLength = settings.nearestPeers + settings.farPeers;

	const readerOf =
		(room: string, consistency: Consistency): ReadRange =>
		({ from, to, direction, limit }) =>
			store.range({ room, from, to, direction, limit, consistency });

	const search = (reader: Reader, around: RoutingKey, count: number, consistency: Consistency): Promise<Found> =>
		nearestPeers(readerOf(reader.room, consistency), around, count, {
			exclude: reader,
			accepts: formsOf(reader),
			most: Math.max(count, listLength),
		});

	/**
	 * The peers next to a random key. The query reads from there towards the reader. It finds a peer unless all others lie
	 * on the far side of the key, so it never has to go round the end of the key space.
	 */
	const aroundRandomKey = (reader: Reader, own: Position): Awaitable<RangePage> => {
		const random = startOf(randomRoutingKey(crypto));
		const [from, to, direction] =
			random < own ? ([random, own, "ascending"] as const) : ([own, random, "descending"] as const);
		return store.range({ room: reader.room, from, to, direction, limit: FAR_WINDOW, consistency: "eventual" });
	};

	return {
		async nearest(reader, around, count) {
			return (await search(reader, around, count, "eventual")).peers.slice(0, count);
		},

		async neighboursLeftBehind(departed) {
			const { peers, metExcluded } = await nearestPeers(readerOf(departed.room, "strong"), departed.key, listLength, {
				exclude: departed,
			});
			return metExcluded ? [] : peers;
		},

		async introduce(reader, around = reader.key) {
			// Of two peers that join at the same moment, the one that reads last must see the other.
			const near = search(reader, around, settings.nearestPeers, "strong");
			const own = positionOf(reader);
			const windows: Awaitable<RangePage>[] = [];
			while (windows.length < settings.farPeers) windows.push(aroundRandomKey(reader, own));
			const [known, samples] = await all([near, all(windows)]);

			const accepts = formsOf(reader);
			const chosen = known.peers.slice(0, settings.nearestPeers);
			const mayAdd = (peer: PeerRecord) =>
				peer.peerId !== reader.peerId &&
				!holds(chosen, peer) &&
				(accepts === undefined || accepts(peer)) &&
				// The search read the whole room consistently, so a peer that only a sample shows has left.
				(known.wholeRoom === undefined || holds(known.wholeRoom, peer));
			// One of each sample. If a sample holds none to add, another of the other samples.
			for (let more = true; more && chosen.length < listLength; ) {
				more = false;
				for (const sample of samples) {
					const far = chosen.length < listLength ? pickFar(sample, mayAdd, crypto) : undefined;
					if (far === undefined) continue;
					chosen.push(far);
					more = true;
				}
			}
			// In a small room the samples repeat near peers. Filling up introduces all peers to each other there.
			for (const peer of known.peers) {
				if (chosen.length >= listLength) break;
				if (!holds(chosen, peer)) chosen.push(peer);
			}

			const unlisted = known.others.slice(0, Math.max(settings.nearestPeers, listLength - chosen.length));
			return { listed: chosen, told: unlisted.length === 0 ? chosen : [...chosen, ...unlisted] };
		},
	};
}

/**
 * The forms of ids that a reader's list may hold. p2pmesh's Node client stops at an id without exactly 40 hexadecimal
 * digits. Its own id has that form, and it does not send `anyId`.
 */
function formsOf({ peerId, anyId }: Reader): ((peer: PeerRecord) => boolean) | undefined {
	return anyId !== true && hasKeyForm(peerId) ? isItsKey : undefined;
}

/** Whether an id has the form of a key. It is its own key then, which most ids are letter by letter. */
const isItsKey = ({ peerId, key }: PeerRecord) => peerId === key || hasKeyForm(peerId);

function holds(peers: readonly PeerRecord[], { peerId }: PeerRecord): boolean {
	for (const peer of peers) if (peer.peerId === peerId) return true;
	return false;
}
