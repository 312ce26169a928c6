/** A simulated mesh. Its peers link to the peers that the server's own selection code introduces to them, and to no others. */
import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { createIntroductions, type Introductions } from "../../lambda/core/introductions.ts";
import { LEASE_MARGIN_MS } from "../../lambda/core/limits.ts";
import type { Clock, Crypto, SignalingStore } from "../../lambda/core/ports.ts";
import type { PeerIdentity } from "../../lambda/core/records.ts";
import { type RoutingKey, randomRoutingKey, routingKey } from "../../lambda/core/routing-key.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";
import { type Random, seededCrypto } from "./random.ts";

/*
 * The simulated clients behave as any real one could:
 * - They call every peer in their list. A peer with `MOST_LINKS` refuses calls, and makes none.
 * - They count their live links: when a newcomer's calls are answered, when a link has died, and every `CHECK_SECONDS`.
 *   With fewer than `FEWEST_LINKS` they ask `find_peers` and call the listed peers. If the time before did not help, they ask
 *   with a random target, which lists other peers.
 */
export const MOST_LINKS = 12;
export const FEWEST_LINKS = 4;
export const CHECK_SECONDS = 10;

const ROOM = "mesh";

/** How many peers a server introduces, and whether clients ask for more. */
export interface MeshSettings {
	readonly nearestPeers: number;
	readonly farPeers: number;
	/** Whether clients ask `find_peers`. */
	readonly refill: boolean;
	/** Whether the server tells all peers of a join, and not only the newcomer's list. Counted only: peers do not act on it. */
	readonly tellsEverybody: boolean;
	/** Whether ids have mixed forms, and not only 40 hexadecimal digits. */
	readonly mixedIds?: boolean;
}

/** Ids of every form, in turn: names, decimal numbers, words that are hexadecimal, and 40 hexadecimal digits. */
function mixedId(n: number, random: Random): string {
	const forms = [`sensor-${n}`, String(n), `cafe${n.toString(16)}`, random.hexadecimal(20)];
	return forms[n % forms.length] as string;
}

export interface Peer extends PeerIdentity {
	readonly connectionId: string;
	/** Seconds since the mesh began. */
	readonly joinedAt: number;
	readonly links: Set<Peer>;
	/** How many times in a row it has asked for more peers. */
	asked: number;
}

export interface SimulatedMesh {
	/** The present peers, in no particular order. */
	readonly peers: readonly Peer[];
	readonly joins: number;
	/** `peer_joined` frames posted. */
	readonly notices: number;
	/** `find_peers` frames sent. */
	readonly refills: number;
	/** Lets a second pass. */
	second(): Promise<void>;
	join(): Promise<void>;
	/** The worst case of a simultaneous join: all leases are written before the first list is read. */
	joinAtOnce(count: number): Promise<void>;
	/** A random peer goes. Its lease is released and its links die, as after a `leave` or the end of its socket. */
	leave(): Promise<void>;
	/** Random peers go in one instant, and no peer has counted its links since. */
	leaveAtOnce(count: number): Promise<void>;
	/** Every peer counts its links, once. */
	everybodyChecks(): Promise<void>;
}

export function simulatedMesh(settings: MeshSettings, random: Random): SimulatedMesh {
	let seconds = 0;
	let joins = 0;
	let notices = 0;
	let refills = 0;
	const clock = { now: () => seconds * 1_000 };
	const crypto = seededCrypto(random);
	const store = memoryStore({ clock });
	const introductions = introductionsFrom(store, clock, crypto, settings);
	const peers: Peer[] = [];
	const byId = new Map<string, Peer>();

	const listFor = async (peer: Peer, around?: RoutingKey): Promise<Peer[]> =>
		(await introductions.introduce({ ...peer, anyId: true }, around)).listed.flatMap(
			(record) => byId.get(record.peerId) ?? [],
		);

	const call = (caller: Peer, called: Peer) => {
		if (caller.links.size >= MOST_LINKS || called.links.size >= MOST_LINKS) return;
		caller.links.add(called);
		called.links.add(caller);
	};

	const register = async (): Promise<Peer> => {
		const peerId = settings.mixedIds ? mixedId(joins, random) : random.hexadecimal(20);
		const identity = { room: ROOM, peerId, key: routingKey(peerId, crypto), connectionId: `connection-${joins++}` };
		const expiresAt = Math.ceil((clock.now() + MAX_CONNECTION_AGE_MS + LEASE_MARGIN_MS) / 1_000);
		await store.claimPeer({ ...identity, resumeKey: "", lastSeen: clock.now(), expiresAt }, undefined);
		const peer = { ...identity, joinedAt: seconds, links: new Set<Peer>(), asked: 0 };
		peers.push(peer);
		byId.set(peerId, peer);
		return peer;
	};

	const introduce = async (newcomer: Peer): Promise<Peer[]> => {
		const introduced = await listFor(newcomer);
		notices += settings.tellsEverybody ? peers.length - 1 : introduced.length;
		return introduced;
	};

	const check = async (peer: Peer) => {
		if (!settings.refill || peer.links.size >= FEWEST_LINKS) {
			peer.asked = 0;
			return;
		}
		refills++;
		const around = peer.asked++ === 0 ? undefined : randomRoutingKey(crypto);
		for (const other of await listFor(peer, around)) call(peer, other);
	};

	/** @returns the peers that had a link to the removed peer */
	const remove = async (): Promise<Iterable<Peer>> => {
		const index = random.below(peers.length);
		const peer = peers[index] as Peer;
		peers[index] = peers.at(-1) as Peer;
		peers.pop();
		byId.delete(peer.peerId);
		await store.releasePeer(peer, peer.connectionId);
		for (const other of peer.links) other.links.delete(peer);
		return peer.links;
	};

	return {
		peers,
		get joins() {
			return joins;
		},
		get notices() {
			return notices;
		},
		get refills() {
			return refills;
		},

		async second() {
			seconds++;
			for (const peer of peers) {
				const age = seconds - peer.joinedAt;
				if (age > 0 && age % CHECK_SECONDS === 0) await check(peer);
			}
		},

		async join() {
			const newcomer = await register();
			for (const other of await introduce(newcomer)) call(newcomer, other);
			await check(newcomer);
		},

		async joinAtOnce(count) {
			const newcomers: Peer[] = [];
			for (let n = 0; n < count; n++) newcomers.push(await register());
			const calls: [Peer, Peer][] = [];
			for (const newcomer of newcomers) {
				for (const other of await introduce(newcomer)) calls.push([newcomer, other]);
			}
			// All peers call at the same time, so chance decides which calls are refused.
			for (const [caller, called] of random.pick(calls)) call(caller, called);
			for (const newcomer of newcomers) await check(newcomer);
		},

		async leave() {
			for (const other of await remove()) await check(other);
		},

		async leaveAtOnce(count) {
			for (let n = 0; n < count; n++) await remove();
		},

		async everybodyChecks() {
			for (const peer of peers) await check(peer);
		},
	};
}

/** The selection code as it ships, with the dependencies that it uses. It never touches the others. */
function introductionsFrom(store: SignalingStore, clock: Clock, crypto: Crypto, settings: MeshSettings): Introductions {
	const silent = () => {};
	return createIntroductions({
		store,
		clock,
		crypto,
		sender: { post: () => "sent", close: async () => {}, isOpen: async () => true },
		log: { debug: silent, info: silent, warn: silent, error: silent },
		createCache: lruCache,
		settings: { ...DEFAULT_SETTINGS, nearestPeers: settings.nearestPeers, farPeers: settings.farPeers },
	});
}
