import { describe, expect, it } from "vitest";
import { memoryPeerStore } from "../../lambda/adapters/memory-peer-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { createIntroductions, mayList } from "../../lambda/core/introductions.ts";
import type { Settings } from "../../lambda/core/ports.ts";
import { someDependencies } from "../support/defaults.ts";
import { aPeer } from "../support/records.ts";

const nobody = { post: async () => "gone" as const, close: async () => {}, isOpen: async () => false };

/** A room with this many peers of random ids, and the introductions that happen in it. */
async function aRoomWith(size: number, settings: Partial<Settings> = {}) {
	const store = memoryPeerStore({ clock: Date });
	const peers = Array.from({ length: size }, () => aPeer({ peerId: nodeCrypto.random(20) }));
	for (const peer of peers) await store.claimPeer(peer, undefined);
	let queries = 0;
	const counting = {
		...store,
		range: (query: Parameters<typeof store.range>[0]) => {
			queries += 1;
			return store.range(query);
		},
	};
	const introductions = createIntroductions({ ...someDependencies(nobody, settings), store: counting });
	return { peers, introductions, queries: () => queries };
}

describe("introductions", () => {
	it.each([1, 2, 5, 8, 9])("introduce everybody to everybody in a room of %i", async (size) => {
		const { peers, introductions } = await aRoomWith(size);

		for (const self of peers) {
			const others = peers.filter((peer) => peer !== self).map((peer) => peer.peerId);
			const introduced = (await introductions.forNewcomer(self)).map((peer) => peer.peerId);
			expect(introduced.sort()).toEqual(others.sort());
		}
	});

	it("are to the nearest, and then to others, none twice, in a large room", async () => {
		const { peers, introductions } = await aRoomWith(500);

		for (const self of peers) {
			const introduced = await introductions.forNewcomer(self);
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
			for (const far of (await introductions.forNewcomer(self)).slice(5)) firstDigits.add(far.key[0]);
		}

		expect(firstDigits.size).toBeGreaterThan(12);
	});

	it.each([10, 1_000])(
		"cost five queries in a room of %i: two for the near, one for each that is far",
		async (size) => {
			const { peers, introductions, queries } = await aRoomWith(size);

			await introductions.forNewcomer(peers[0] ?? aPeer());

			expect(queries()).toBe(5);
		},
	);

	it("are to the nearest alone where no far ones are wanted", async () => {
		const { peers, introductions } = await aRoomWith(100, { nearestPeers: 4, farPeers: 0 });
		const self = peers[0] ?? aPeer();

		expect(await introductions.forNewcomer(self)).toEqual(await introductions.nearest(self, self.key, 4));
	});
});

describe("mayList", () => {
	it.each([
		["ab12", "ff00", true],
		["AB12", "ff00", true],
		["ab123", "ff00", false],
		["zoe!", "ff00", false],
		["ff00", "a free-form id", true],
		["zoe!", "a free-form id", true],
	])("%s to %s: %s", (listed, reader, may) => {
		expect(mayList(listed, reader)).toBe(may);
	});
});
