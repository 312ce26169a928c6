/** Many peers, as real as their decisions: only the server and the links are pretended. */
import { describe, expect, it } from "vitest";
import { CHECK_MS, COOLDOWN_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { AT_ONCE, becomesOne, joined, MINUTE, ONE_BY_ONE, reached } from "../support/become-one.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

// one-mesh.slow.test.ts has more of the large rooms.
describe.each([
	{ peers: 8, maxPeers: 3, seeds: [1, 2, 3, 4, 5, 6, 7, 8], ways: [AT_ONCE, ONE_BY_ONE] },
	{ peers: 8, maxPeers: 2, seeds: [1, 2, 3, 4], ways: [AT_ONCE, ONE_BY_ONE] },
	{ peers: 50, maxPeers: 4, seeds: [1], ways: [AT_ONCE, ONE_BY_ONE] },
	{ peers: 200, maxPeers: 8, seeds: [1], ways: [AT_ONCE] },
])("$peers peers with at most $maxPeers links", ({ peers, maxPeers, seeds, ways }) => {
	it.each(ways)("become one mesh when they join $way, and again when half of them leave", async ({ gapMs }) => {
		for (const seed of seeds) await becomesOne({ peers, maxPeers, seed, gapMs });
	});
});

const DEFAULT = "default";
const forms: [what: string, ids: string[]][] = [
	["numbers", Array.from({ length: 12 }, (_, n) => String(n + 1))],
	["default ids, and one that looks hexadecimal", [...Array(9).fill(DEFAULT), "cafe"]],
	["one that looks hexadecimal, and default ids", ["cafe", ...Array(8).fill(DEFAULT)]],
	["names, and a default id", [...Array.from({ length: 6 }, (_, n) => `sensor-${n}`), DEFAULT]],
	["default ids, and a name", [...Array(6).fill(DEFAULT), "sensor-0"]],
	["hexadecimal words and names", ["cafe", "ada", "deadbeef", "bob", DEFAULT, "7", "77", "zoe"]],
];

describe.each(forms)("ids of mixed forms: %s", (_what, ids) => {
	const idOf = (id: string) => (id === DEFAULT ? undefined : id);

	it("make one mesh", async () => {
		for (let seed = 1; seed <= 4; seed++) {
			const room = aRoom({ maxPeers: 8, random: seededRandom(seed) });
			for (const id of ids) {
				room.join(idOf(id));
				await room.timers.advance(200);
			}
			await room.timers.until(() => room.islands().length === 1, MINUTE);
			const [first] = room.meshes.values();
			expect(await reached(room, first as Mesh), `seed ${seed}`).toBe(ids.length - 1);
		}
	});

	it("link up with each other within a second in a room of up to nine", async () => {
		for (let seed = 1; seed <= 4; seed++) {
			const some = ids.slice(-9);
			const room = aRoom({ maxPeers: 8, random: seededRandom(seed) });
			for (const id of some.slice(0, -1)) room.join(idOf(id));
			await room.timers.advance(5_000);
			room.join(idOf(some.at(-1) as string));
			await room.timers.advance(1_000);
			expect(room.degrees(), `seed ${seed}`).toEqual(some.map(() => some.length - 1));
		}
	});
});

describe("a mesh at rest", () => {
	it("asks the server for hardly anything", async () => {
		for (const { peers, maxPeers } of [
			{ peers: 20, maxPeers: 8 },
			{ peers: 20, maxPeers: 3 },
			{ peers: 3, maxPeers: 8 },
			{ peers: 1, maxPeers: 8 },
		]) {
			const room = aRoom({ maxPeers, random: seededRandom(peers) });
			await joined(room, peers, 0);
			await room.timers.advance(30 * MINUTE);
			const before = room.frames;
			await room.timers.advance(60 * MINUTE);
			expect((room.frames - before) / peers, `frames per peer and hour, ${peers} peers`).toBeLessThan(15);
		}
	});

	it("costs few frames to build", async () => {
		const room = aRoom({ maxPeers: 8, random: seededRandom(1) });
		await joined(room, 50, 500);
		expect(room.frames / 50).toBeLessThan(16);
	});

	it("keeps every link that it has", async () => {
		const room = aRoom({ maxPeers: 4, random: seededRandom(3) });
		await joined(room, 20, 0);
		await room.timers.advance(5 * MINUTE);
		let ended = 0;
		for (const mesh of room.meshes.values()) mesh.on("peer:disconnect", () => ended++);
		await room.timers.advance(30 * MINUTE);
		expect(ended).toBe(0);
	});
});

describe("an island whose root is gone", () => {
	it("finds the next root without a question of each peer", async () => {
		const peers = 60;
		const room = aRoom({ maxPeers: 8, random: seededRandom(2) });
		await joined(room, peers, 0);
		await room.timers.advance(5 * MINUTE);
		const [root] = [...room.meshes.values()].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
		const { frames, messages } = room;
		const before = room.frameCounts();

		room.leave(root as Mesh);
		await room.timers.advance(2 * MINUTE);

		expect(room.islands()).toHaveLength(1);
		// Its neighbours look for another link, and the next root asks for other islands.
		expect(room.frames - frames).toBeLessThan(peers / 2);
		const beacons = (room.frameCounts().beacon ?? 0) - (before.beacon ?? 0);
		// Each question for a way floods, over some four links for each peer.
		expect(room.messages - messages - beacons).toBeLessThan(10 * 4 * peers);
	});
});

describe("two meshes of full peers that never heard of each other", () => {
	it("become one once the server names one to the other", async () => {
		for (let seed = 1; seed <= 5; seed++) {
			const room = aRoom({ maxPeers: 3, random: seededRandom(seed) });
			room.split = true;
			for (let n = 0; n < 8; n++) room.join();
			await room.timers.advance(2 * MINUTE);
			expect(room.islands(), `seed ${seed}`).toHaveLength(2);

			room.split = false;
			await room.timers.until(() => room.islands().length === 1, 20 * MINUTE);
			await room.timers.advance(MINUTE);
			expect(room.islands(), `seed ${seed}`).toHaveLength(1);
			expect(Math.max(...room.degrees()), `seed ${seed}`).toBeLessThanOrEqual(3);
		}
	});
});

describe("send through the mesh", () => {
	const aLine = async () => {
		const room = aRoom({ maxPeers: 3, random: seededRandom(2) });
		await joined(room, 8, 0);
		await room.timers.advance(MINUTE);
		return room;
	};
	const strangersOf = (room: Room, mesh: Mesh) =>
		[...room.meshes.values()].filter((other) => other !== mesh && !mesh.peers.includes(other.peerId));

	it("reaches peers without a direct link, and resolves once they have it", async () => {
		const room = await aLine();
		const [origin] = room.meshes.values() as Iterable<Mesh> as [Mesh];
		const strangers = strangersOf(room, origin);
		expect(strangers.length).toBeGreaterThan(0);
		const got: unknown[] = [];
		for (const stranger of strangers) {
			stranger.on("message", (message) => got.push(message));
			let resolved = false;
			void origin.send(stranger.peerId, { for: stranger.peerId }).then(() => {
				resolved = true;
			});
			await room.timers.advance(2_000);
			expect(resolved).toBe(true);
		}
		expect(got).toEqual(
			strangers.map(({ peerId }) => ({
				from: origin.peerId,
				data: { for: peerId },
				direct: false,
				via: expect.not.stringMatching(origin.peerId),
			})),
		);
	});

	it("takes the way back that a message came by, and no other", async () => {
		const room = await aLine();
		const [origin] = room.meshes.values() as Iterable<Mesh> as [Mesh];
		const [stranger] = strangersOf(room, origin) as [Mesh];
		void origin.send(stranger.peerId, "there");
		await room.timers.advance(2_000);
		const messages = () => room.frameCounts().data ?? 0;
		const before = messages();
		void stranger.send(origin.peerId, "and back");
		await room.timers.advance(500);
		// Some links there and the answer back, while a flood passes each of a dozen links.
		expect(messages() - before).toBeLessThan(9);
	});

	it("is rejected with NO_ROUTE if no peer knows the receiver", async () => {
		const room = await aLine();
		const [origin] = room.meshes.values() as Iterable<Mesh> as [Mesh];
		const code = origin.send("nobody", 1).catch((error) => error.code);
		await room.timers.advance(10_000);
		expect(await code).toBe("NO_ROUTE");
	});

	it("finds another way if the one that was known has ended", async () => {
		const room = await aLine();
		const [origin] = room.meshes.values() as Iterable<Mesh> as [Mesh];
		const [stranger] = strangersOf(room, origin) as [Mesh];
		void origin.send(stranger.peerId, "there");
		await room.timers.advance(2_000);
		for (const between of [...room.meshes.values()]) {
			if (between !== origin && between !== stranger && origin.peers.includes(between.peerId)) {
				room.leave(between);
				break;
			}
		}
		await room.timers.advance(CHECK_MS + COOLDOWN_MS);
		const got: unknown[] = [];
		stranger.on("message", ({ data }) => got.push(data));
		const sent = origin.send(stranger.peerId, "again").then(() => "sent");
		await room.timers.advance(8_000);
		expect(await sent).toBe("sent");
		expect(got).toEqual(["again"]);
	});
});
