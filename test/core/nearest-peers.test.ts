import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { NEIGHBOUR_WINDOW } from "../../lambda/core/limits.ts";
import { nearestPeers } from "../../lambda/core/nearest-peers.ts";
import type { PeerIdentity, PeerRecord } from "../../lambda/core/records.ts";
import {
	closestInRange,
	compareDistance,
	headDistance,
	headOf,
	positionOf,
	type RoutingKey,
	toNumber,
} from "../../lambda/core/routing-key.ts";
import { aClock, aPeer } from "../support/records.ts";

const room = "a room";
const clock = aClock();
const expired = clock.now() / 1000;

const keyOf = (number: bigint): RoutingKey => number.toString(16).padStart(40, "0");

/** A room with these peers, and how many queries searches in it took. */
async function aRoomOf(peers: readonly PeerRecord[]) {
	const store = memoryStore({ clock });
	for (const peer of peers) await store.claimPeer({ ...peer, room }, undefined);
	let queries = 0;
	return {
		queries: () => queries,
		search: async (key: RoutingKey, count: number, exclude?: PeerIdentity) => {
			queries = 0;
			const found = await nearestPeers(
				(query) => {
					queries += 1;
					return store.range({ ...query, room, consistency: "strong" });
				},
				key,
				count,
				exclude === undefined ? {} : { exclude },
			);
			return found.peers.slice(0, count).map((peer) => peer.peerId);
		},
	};
}

/** The expected result, by a look at every peer. */
function byBruteForce(peers: readonly PeerRecord[], key: RoutingKey, count: number, exclude?: string): string[] {
	const distance = (peer: PeerRecord) => toNumber(peer.key) ^ toNumber(key);
	return [...new Map(peers.map((peer) => [positionOf(peer), peer])).values()]
		.filter((peer) => peer.expiresAt > clock.now() / 1000 && peer.peerId !== exclude)
		.sort((a, b) => {
			const [left, right] = [distance(a), distance(b)];
			if (left !== right) return left < right ? -1 : 1;
			return positionOf(a) < positionOf(b) ? -1 : 1;
		})
		.slice(0, count)
		.map((peer) => peer.peerId);
}

const hexId = fc
	.array(fc.integer({ min: 0, max: 255 }), { minLength: 20, maxLength: 20 })
	.map((bytes) => Buffer.from(bytes).toString("hex"));
const lastKeys = fc.bigInt({ min: 0n, max: 400n }).map((n) => n.toString(16).padStart(40, "0"));
const cluster = fc
	.bigInt({ min: 0n, max: 400n })
	.map((n) => (0xabcdn * 2n ** 144n + n * 4n).toString(16).padStart(40, "0"));
const topKeys = fc.bigInt({ min: 0n, max: 400n }).map((n) => (2n ** 160n - 1n - n).toString(16));
const oneBit = fc.bigInt({ min: 0n, max: 159n }).map((bit) => (2n ** bit).toString(16).padStart(40, "0"));
const alternating = fc
	.bigInt({ min: 0n, max: 2n ** 12n })
	.map((n) => (0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaan ^ n).toString(16).padStart(40, "0"));
const freeForm = fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" });
const anyId = fc.oneof(
	hexId,
	lastKeys,
	cluster,
	topKeys,
	oneBit,
	alternating,
	freeForm,
	hexId.map((id) => id.toUpperCase()),
);

/** A room where ids follow few of the patterns, so that they are dense, or all of them. */
const ids = fc.oneof(
	...[hexId, lastKeys, cluster, topKeys, oneBit, alternating, freeForm, anyId].map((id) =>
		fc.uniqueArray(id, { maxLength: 250 }),
	),
);

describe("nearestPeers", () => {
	it("finds exactly the nearest live peers, in order, whatever the ids are", async () => {
		await fc.assert(
			fc.asyncProperty(
				ids,
				anyId,
				fc.integer({ min: 1, max: 32 }),
				fc.func(fc.integer({ min: 0, max: 9 })),
				async (peerIds, targetId, count, fate) => {
					const peers = peerIds.map((peerId) =>
						aPeer({ peerId, room, ...(fate(peerId) === 0 && { expiresAt: expired }) }),
					);
					const target = aPeer({ peerId: targetId });
					const { search } = await aRoomOf(peers);

					expect(await search(target.key, count, target)).toEqual(byBruteForce(peers, target.key, count, targetId));
				},
			),
			{ numRuns: 300 },
		);
	});

	it.each([10, 100, 1_000, 10_000])("takes about two queries, and at most four, among %i random ids", async (size) => {
		// Ids that look random and are the same in every run, so that rare cases do not come by surprise.
		const idOf = (name: string) => nodeCrypto.sha256(name).slice(0, 40);
		const peers = Array.from({ length: size }, (_, n) => aPeer({ peerId: idOf(`peer ${n}`), room }));
		const { search, queries } = await aRoomOf(peers);
		const taken = [];
		for (let n = 0; n < 1_000; n++) {
			await search(idOf(`target ${n}`), 5);
			taken.push(queries());
		}

		expect(taken.reduce((sum, n) => sum + n, 0) / taken.length).toBeLessThan(2.1);
		expect(Math.max(...taken)).toBeLessThanOrEqual(4);
	});

	it("keeps to its bound where ids are arranged against it", async () => {
		// At every depth a crowd on the other side of the target's bit, off the target's path: each window meets only it.
		const target = 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaan;
		const peers: PeerRecord[] = [];
		for (let bit = 159n; bit >= 16n; bit -= 2n) {
			for (let n = 0n; n < 40n; n++) {
				const number = ((target ^ (1n << bit)) & ~((1n << bit) - 1n)) | ((~target & ((1n << bit) - 1n)) ^ n);
				peers.push(aPeer({ peerId: number.toString(16).padStart(40, "0"), room }));
			}
		}
		const { search, queries } = await aRoomOf(peers);
		const bound = 2 * (2 * (Math.log2(peers.length / NEIGHBOUR_WINDOW) + 1) + 1);

		for (let bit = 0n; bit < 160n; bit++) {
			const key = (target ^ (1n << bit)).toString(16).padStart(40, "0");
			expect(await search(key, 5)).toEqual(byBruteForce(peers, key, 5));
			expect(queries()).toBeLessThanOrEqual(bound);
		}
	});
});

describe("closestInRange", () => {
	it("gives the number of a range that is nearest by XOR", () => {
		const small = fc.bigInt({ min: 0n, max: 255n });
		fc.assert(
			fc.property(small, small, small, (a, b, target) => {
				const [low, high] = a < b ? [a, b] : [b, a];
				let nearest = low;
				for (let n = low; n <= high; n++) if ((n ^ target) < (nearest ^ target)) nearest = n;

				// At the low end and at the high end of the key.
				for (const digits of [keyOf, (n: bigint) => keyOf(n << 152n)]) {
					expect(closestInRange(digits(low), digits(high), digits(target))).toBe(digits(nearest));
				}
			}),
		);
	});

	it("keeps to its bounds", () => {
		const any = fc.bigInt({ min: 0n, max: 2n ** 160n - 1n });
		fc.assert(
			fc.property(any, any, any, (a, b, target) => {
				const [low, high] = a < b ? [keyOf(a), keyOf(b)] : [keyOf(b), keyOf(a)];
				const closest = closestInRange(low, high, keyOf(target));

				expect(closest >= low && closest <= high).toBe(true);
				for (const other of [low, high]) expect(compareDistance(keyOf(target), closest, other)).toBeLessThanOrEqual(0);
			}),
		);
	});
});

describe("headDistance", () => {
	it("orders as the distances of the keys do, unless the heads are at the same distance", () => {
		const some = fc.bigInt({ min: 0n, max: 2n ** 160n - 1n });
		fc.assert(
			fc.property(some, some, some, (target, a, b) => {
				const distance = (number: bigint) => headDistance(headOf(keyOf(number)), headOf(keyOf(target)));
				const difference = distance(a) - distance(b);

				expect(distance(a)).toBe(Number((a ^ target) >> 108n));
				if (difference !== 0) expect(Math.sign(difference)).toBe((a ^ target) < (b ^ target) ? -1 : 1);
			}),
		);
	});
});

describe("compareDistance", () => {
	it("orders as the numbers do", () => {
		const some = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }), fc.bigInt({ min: 0n, max: 300n }));
		fc.assert(
			fc.property(some, some, some, (target, a, b) => {
				const expected = (a ^ target) < (b ^ target) ? -1 : a === b ? 0 : 1;

				expect(Math.sign(compareDistance(keyOf(target), keyOf(a), keyOf(b)))).toBe(expected);
			}),
		);
	});
});
