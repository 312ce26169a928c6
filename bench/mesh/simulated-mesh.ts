/** A simulated mesh: peers that link to those whom the server's own selection code introduces them to, and to nobody else. */
import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { memoryPeerStore } from "../../lambda/adapters/memory-peer-store.ts";
import { createIntroductions, type Introductions } from "../../lambda/core/introductions.ts";
import { LEASE_MARGIN_MS } from "../../lambda/core/limits.ts";
import type { Clock, Crypto, PeerStore } from "../../lambda/core/ports.ts";
import type { PeerIdentity } from "../../lambda/core/records.ts";
import { type RoutingKey, randomRoutingKey, routingKey } from "../../lambda/core/routing-key.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";
import { type Random, seededCrypto } from "./random.ts";

/*
 * What clients do, and any real one could:
 * - Call everybody in the list that they are given. Whoever has `MOST_LINKS` refuses, and calls nobody.
 * - Count the links that live: when a newcomer's calls are answered, when a link has died, and every `CHECK_SECONDS`.
 *   With fewer than `FEWEST_LINKS`, ask `find_peers` and call those listed; if the time before did not help, with a
 *   random target, which lists others than before.
 */
export const MOST_LINKS = 12;
export const FEWEST_LINKS = 4;
export const CHECK_SECONDS = 10;

const ROOM = "mesh";

/** What a server hands out, and whether clients come back for more. */
export interface MeshSettings {
	readonly nearestPeers: number;
	readonly farPeers: number;
	/** Whether clients ask `find_peers`. */
	readonly refill: boolean;
	/** Whether the server tells everybody of a join, and not only those in the newcomer's list. Counted, not acted on. */
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
	/** How often in a row it has asked for more peers. */
	asked: number;
}

export interface SimulatedMesh {
	/** Those present, in no particular order. */
	readonly peers: readonly Peer[];
	readonly joins: number;
	/** `peer_joined` frames posted. */
	readonly notices: number;
	/** `find_peers` asked. */
	readonly refills: number;
	/** Lets a second pass. */
	second(): Promise<void>;
	join(): Promise<void>;
	/** The worst case of a simultaneous join: everybody's lease is written before anybody's list is read. */
	joinAtOnce(count: number): Promise<void>;
	/** A random peer goes. Whether it leaves or its socket ends: its lease is released, and its links die. */
	leave(): Promise<void>;
	/** Random peers go in one instant. Nobody has counted links since. */
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
	const store = memoryPeerStore({ clock });
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

	/** @returns those who had a link to the peer that went */
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
			// Everybody calls at the same time, so that it is chance who is refused.
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

/** The selection code as it ships, with what it asks for; the rest of its dependencies it never touches. */
function introductionsFrom(store: PeerStore, clock: Clock, crypto: Crypto, settings: MeshSettings): Introductions {
	const silent = () => {};
	return createIntroductions({
		store,
		clock,
		crypto,
		sender: { post: async () => "sent", close: async () => {}, isOpen: async () => true },
		log: { debug: silent, info: silent, warn: silent, error: silent },
		createCache: lruCache,
		settings: { ...DEFAULT_SETTINGS, nearestPeers: settings.nearestPeers, farPeers: settings.farPeers },
	});
}
