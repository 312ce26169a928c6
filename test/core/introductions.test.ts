import { describe, expect, it } from "vitest";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { createIntroductions } from "../../lambda/core/introductions.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { someDependencies } from "../support/defaults.ts";
import { aPeer } from "../support/records.ts";

const noSockets = { post: async () => "gone" as const, close: async () => {}, isOpen: async () => false };

/** A room with this many peers of random ids, and the introductions that happen in it. */
async function aRoomWith(size: number, settings: Partial<Settings> = {}, idOf = (_: number) => nodeCrypto.random(20)) {
	const store = memoryStore({ clock: Date });
	const peers = Array.from({ length: size }, (_, n) => aPeer({ peerId: idOf(n) }));
	for (const peer of peers) await store.claimPeer(peer, undefined);
	let queries = 0;
	const counting = {
		...store,
		range: (query: Parameters<typeof store.range>[0]) => {
			queries += 1;
			return store.range(query);
		},
	};
	const introductions = createIntroductions({ ...someDependencies(noSockets, settings), store: counting });
	return { peers, introductions, queries: () => queries };
}

describe("introductions", () => {
	it.each([1, 2, 5, 8, 9])("introduce everybody to everybody in a room of %i", async (size) => {
		const { peers, introductions } = await aRoomWith(size);

		for (const self of peers) {
			const others = peers.filter((peer) => peer !== self).map((peer) => peer.peerId);
			const introduced = (await introductions.introduce(self)).listed.map((peer) => peer.peerId);
			expect(introduced.sort()).toEqual(others.sort());
		}
	});

	it("are to the nearest, and then to others, none twice, in a large room", async () => {
		const { peers, introductions } = await aRoomWith(500);

		for (const self of peers) {
			const { listed: introduced } = await introductions.introduce(self);
			const nearest = await introductions.nearest(self, self.key, 5);

			expect(introduced.slice(0, 5)).toEqual(nearest);
			expect(new Set(introduced.map((peer) => peer.peerId)).size).toBe(8);
			expect(introduced).not.toContainEqual(self);
		}
	});

	it("reach peers all over a large room", async () => {
		const { peers, introductions } = await aRoomWith(500);
		const self = peers[0] ?? aPeer();
		const firstDigits = new Set<string | undefined>();

		for (let n = 0; n < 100; n++) {
			for (const far of (await introductions.introduce(self)).listed.slice(5)) firstDigits.add(far.key[0]);
		}

		expect(firstDigits.size).toBeGreaterThan(12);
	});

	it.each([10, 1_000])(
		"cost five queries in a room of %i: two for the near, one for each that is far",
		async (size) => {
			const { peers, introductions, queries } = await aRoomWith(size);

			await introductions.introduce(peers[0] ?? aPeer());

			expect(queries()).toBe(5);
		},
	);

	it("are to the nearest alone where no far ones are wanted", async () => {
		const { peers, introductions } = await aRoomWith(100, { nearestPeers: 4, farPeers: 0 });
		const self = peers[0] ?? aPeer();

		expect((await introductions.introduce(self)).listed).toEqual(await introductions.nearest(self, self.key, 4));
	});
});

describe("introductions by the form of ids", () => {
	const FORMS = {
		"decimal numbers": (n: number) => String(n + 1),
		"words that are hexadecimal": (n: number) => ["ada", "cafe", "deadbeef", "bee", "face"][n % 5] + "a".repeat(n / 5),
		names: (n: number) => `sensor-${n}`,
		"40 digits and words": (n: number) => (n % 2 === 0 ? nodeCrypto.random(20) : `peer ${n}`),
	};

	it.each(Object.entries(FORMS))("introduce all to all in a small room of %s", async (_name, idOf) => {
		const { peers, introductions } = await aRoomWith(9, {}, idOf);

		for (const self of peers) {
			const others = peers.filter((peer) => peer !== self).map((peer) => peer.peerId);
			const { listed, told } = await introductions.introduce({ ...self, anyId: true });

			expect(listed.map((peer) => peer.peerId).sort()).toEqual(others.sort());
			expect(told).toEqual(listed);
		}
	});

	it("list only 40 digits to a reader of that form that does not take any id, and tell the others of it", async () => {
		const { peers, introductions } = await aRoomWith(9, {}, FORMS["40 digits and words"]);
		const self = peers[0] ?? aPeer();
		const others = peers.slice(1).map((peer) => peer.peerId);

		const { listed, told } = await introductions.introduce(self);

		expect(listed.map((peer) => peer.peerId).sort()).toEqual(others.filter((id) => /^[0-9a-f]{40}$/.test(id)).sort());
		expect(told.map((peer) => peer.peerId).sort()).toEqual(others.sort());
	});

	it("choose among the ids that may be listed: as many of them as there are, up to the length of the list", async () => {
		const { peers, introductions, queries } = await aRoomWith(60, {}, FORMS["40 digits and words"]);
		const self = peers[0] ?? aPeer();

		const { listed } = await introductions.introduce(self);

		expect(listed).toHaveLength(8);
		expect(listed.slice(0, 5)).toEqual(await introductions.nearest(self, self.key, 5));
		expect(queries()).toBeLessThanOrEqual(6 + 3 + 6);
	});

	it("end the search for such a reader after six queries where the room holds few that may be listed", async () => {
		const { peers, introductions, queries } = await aRoomWith(1_000, { farPeers: 0 }, (n) =>
			n === 0 ? nodeCrypto.random(20) : `peer ${n}`,
		);

		const { listed, told } = await introductions.introduce(peers[0] ?? aPeer());

		expect(listed).toEqual([]);
		expect(told).toHaveLength(5);
		expect(queries()).toBeLessThanOrEqual(6);
	});
});

describe("introductions, when an attacker chooses ids", () => {
	const HONEST = 200;
	const beside = (id: string, offset: bigint) =>
		((BigInt(`0x${id}`) + offset) & ((1n << 160n) - 1n)).toString(16).padStart(40, "0");

	it("are bought for the nearest alone, and no victim is introduced to the attacker only", async () => {
		for (let run = 0; run < 30; run++) {
			const store = memoryStore({ clock: Date });
			const introductions = createIntroductions({ ...someDependencies(noSockets), store });
			const honest = Array.from({ length: HONEST }, () => nodeCrypto.random(20));
			const victim = aPeer({ peerId: nodeCrypto.random(20) });
			const chosen = [
				...[1n, 2n, 3n, 4n, 5n].map((offset) => beside(victim.peerId, offset)),
				...honest.flatMap((id) => [beside(id, 1n), beside(id, -1n)]),
			];
			const join = (peerId: string, lastSeen: number) => store.claimPeer({ ...aPeer({ peerId }), lastSeen }, undefined);
			for (const id of honest) await join(id, 1);
			for (const id of chosen) await join(id, 2);

			const { listed } = await introductions.introduce(victim);

			const bought = listed.filter(({ peerId }) => chosen.includes(peerId));
			expect(listed).toHaveLength(8);
			expect(bought).toHaveLength(5);
		}
	});
});
