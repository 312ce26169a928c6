/** What a broadcast costs, and what it takes to lose one. Copies are counted, in simulated time. */
import { describe, expect, inject, it } from "vitest";
import type { Mesh } from "../../../client/mesh/api.ts";
import { decodeFrame, encodeFrame } from "../../../client/mesh/frames.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MINUTE = 60_000;
/** A broadcast has come to all, and the frames about its tree, too. */
const SETTLED_MS = 3_000;

interface SettledRoom {
	readonly room: Room;
	readonly peers: Mesh[];
	/** Each broadcasts so often, one after the other. */
	round(origins: readonly Mesh[], times: number): Promise<void>;
	/** Copies of broadcasts that pass over links meanwhile. */
	copiesOf(doing: () => Promise<void>): Promise<number>;
	/** Which of the messages a peer did not get once. */
	missedBy(mesh: Mesh, sent: readonly string[]): string[];
}

async function aSettledRoom(size: number, { maxPeers = 8, seed = 1 } = {}): Promise<SettledRoom> {
	const room = aRoom({ maxPeers, random: seededRandom(seed) });
	const heard = new Map<string, Map<unknown, number>>();
	for (let n = 0; n < size; n++) {
		const mesh = room.join();
		const got = new Map<unknown, number>();
		heard.set(mesh.peerId, got);
		mesh.on("message", ({ data }) => got.set(data, (got.get(data) ?? 0) + 1));
	}
	await room.timers.until(() => room.islands().length === 1, 5 * MINUTE);
	await room.timers.advance(MINUTE / 2);
	return {
		room,
		peers: [...room.meshes.values()],
		async round(origins, times) {
			for (let n = 0; n < times; n++) {
				for (const origin of origins) void origin.broadcast("a round");
				await room.timers.advance(SETTLED_MS);
			}
		},
		async copiesOf(doing) {
			const before = room.wire.copies;
			await doing();
			return room.wire.copies - before;
		},
		missedBy({ peerId }, sent) {
			return sent.filter((data) => !data.endsWith(peerId) && heard.get(peerId)?.get(data) !== 1);
		},
	};
}

/** Each of them broadcasts, and goes on while others do. @returns what was sent */
async function broadcasts(room: Room, origins: readonly Mesh[], times: number, between = (_n: number) => {}) {
	const sent: string[] = [];
	for (let n = 0; n < times; n++) {
		for (const origin of origins) {
			const data = `${n} by ${origin.peerId}`;
			sent.push(data);
			void origin.broadcast(data);
		}
		between(n);
		await room.timers.advance(70);
	}
	await room.timers.advance(8_000);
	return sent;
}

const thorough = inject("thorough");
const seeds = thorough ? [1, 2, 3] : [1];

describe.each(thorough ? [3, 6, 9, 30, 200] : [3, 9, 30])("in a mesh of %i", (size) => {
	it("each broadcast goes once to each peer, as soon as its origin is known", async () => {
		const { room, peers, round, copiesOf, missedBy } = await aSettledRoom(size);
		const origins = peers.slice(0, size > 100 ? 3 : 9);
		await round(origins, 4);
		let sent: string[] = [];
		const copies = await copiesOf(async () => {
			sent = await broadcasts(room, origins, 10);
		});
		expect(copies).toBe(10 * origins.length * (size - 1));
		for (const peer of peers) expect(missedBy(peer, sent)).toEqual([]);
	});
});

describe("the first broadcast of a peer", () => {
	it("goes along the island's tree, and costs few copies more than it needs", async () => {
		const { peers, round, copiesOf } = await aSettledRoom(30);
		const origins = peers.slice(0, 9);
		const copies = await copiesOf(() => round(origins, 1));
		// A flood costs 211 each.
		expect(copies / origins.length).toBeLessThan(45);
	});

	it("comes from its origin itself to each neighbour", async () => {
		const { peers, round } = await aSettledRoom(9);
		const indirect: unknown[] = [];
		await round(peers, 2); // a copy that is late in the first one settles in the second
		for (const mesh of peers) mesh.on("message", (message) => message.direct || indirect.push(message));
		await round(peers, 3);
		expect(indirect).toEqual([]);
	});
});

describe("a broadcast is lost on no peer that the mesh reaches, and comes twice to none", () => {
	it.each(seeds)("when a third of the peers leave meanwhile (seed %i)", async (seed) => {
		const { room, peers, round, missedBy } = await aSettledRoom(30, { seed });
		const origins = peers.slice(0, 5);
		await round(origins, 2);
		const leaving = peers.slice(5).filter((_, index) => index % 3 === 0);
		const sent = await broadcasts(room, origins, 30, (n) => {
			const mesh = n % 3 === 0 ? leaving.pop() : undefined;
			if (mesh !== undefined) room.leave(mesh);
		});
		await room.timers.advance(30_000);
		expect(room.islands()).toHaveLength(1);
		for (const peer of room.meshes.values()) expect(missedBy(peer, sent)).toEqual([]);
	});

	it.each(seeds)("when a peer in the tree passes nothing on any more (seed %i)", async (seed) => {
		const { room, peers, round, copiesOf, missedBy } = await aSettledRoom(30, { seed });
		const [origin, mute] = peers as [Mesh, Mesh];
		await round([origin], 3);
		room.wire.onTheWay = (from, _to, message) => (from === mute.peerId ? undefined : message);
		const sent = await broadcasts(room, [origin], 30);
		const others = peers.filter((peer) => peer !== mute);
		for (const peer of others) expect(missedBy(peer, sent)).toEqual([]);
		// The tree goes around it by now.
		expect(await copiesOf(() => round([origin], 5))).toBeLessThanOrEqual(5 * (29 + 8));
	});

	it("when one message in twenty is lost on its way", async () => {
		const { room, peers, round, missedBy } = await aSettledRoom(30, { seed: 2 });
		const origins = peers.slice(0, 5);
		await round(origins, 2);
		const random = seededRandom(9);
		room.wire.onTheWay = (_from, _to, message) =>
			decodeFrame(message)?.kind === "routed" && random() < 0.05 ? undefined : message;
		const sent = await broadcasts(room, origins, 20);
		await room.timers.advance(10_000);
		for (const peer of peers) expect(missedBy(peer, sent)).toEqual([]);
	});
});

describe("a mesh with peers of version 0.1, which flood", () => {
	/** They neither send nor understand what serves the trees. */
	const asOf01 = (isOld: (peerId: string) => boolean): Room["wire"]["onTheWay"] => {
		return (from, to, message) => {
			if (!isOld(from) && !isOld(to)) return message;
			const frame = decodeFrame(message);
			if (frame?.kind === "tree") return undefined;
			return frame?.kind === "beacon" ? encodeFrame({ ...frame, tree: undefined }) : message;
		};
	};

	it.each(seeds)("gets each broadcast once to each peer (seed %i)", async (seed) => {
		const room = aRoom({ maxPeers: 5, random: seededRandom(seed) });
		const isOld = (peerId: string) => Number.parseInt(peerId.at(-1) as string, 16) % 3 === 0;
		room.wire.onTheWay = asOf01(isOld);
		const heard = new Map<string, unknown[]>();
		for (let n = 0; n < 24; n++) {
			const mesh = room.join();
			mesh.on("message", ({ data }) => heard.set(mesh.peerId, [...(heard.get(mesh.peerId) ?? []), data]));
		}
		await room.timers.until(() => room.islands().length === 1, 5 * MINUTE);
		await room.timers.advance(MINUTE / 2);
		const peers = [...room.meshes.values()];
		expect(new Set(peers.map(({ peerId }) => isOld(peerId))).size).toBe(2);
		for (let n = 0; n < 3; n++) {
			heard.clear();
			for (const { peerId, broadcast } of peers) void broadcast(peerId);
			await room.timers.advance(SETTLED_MS);
			for (const { peerId } of peers) {
				const others = peers.map((peer) => peer.peerId).filter((id) => id !== peerId);
				expect(heard.get(peerId)?.toSorted(), `round ${n}`).toEqual(others.toSorted());
			}
		}
	});
});

describe("send to a peer that no way is known to", () => {
	it("asks for the way without the message, which then takes that way alone", async () => {
		const { room, peers } = await aSettledRoom(30);
		const [origin] = peers as [Mesh];
		const stranger = peers.findLast(({ peerId }) => peerId !== origin.peerId && !origin.peers.includes(peerId)) as Mesh;
		const got: unknown[] = [];
		stranger.on("message", ({ data }) => got.push(data));
		const data = "x".repeat(100_000);
		const before = room.frameBytes().data ?? 0;
		const sent = origin.send(stranger.peerId, data).then(() => "sent");
		await room.timers.advance(2_000);
		expect(await sent).toBe("sent");
		expect(got).toEqual([data]);
		// Some links, and the flooded question. The message itself, flooded, would be 120 times its size.
		expect((room.frameBytes().data ?? 0) - before).toBeLessThan(6 * data.length);
	});
});

describe("broadcasts of which only the newest matters", () => {
	it("come in their order, and none after a newer one with the same key", async () => {
		const { room, peers, round } = await aSettledRoom(9);
		const [origin] = peers as [Mesh];
		await round([origin], 1);
		const got = new Map<string, number[]>();
		for (const mesh of peers) {
			mesh.on("message", ({ data }) => got.set(mesh.peerId, [...(got.get(mesh.peerId) ?? []), data as number]));
		}
		const random = seededRandom(3);
		room.wire.onTheWay = (_from, _to, message) =>
			decodeFrame(message)?.kind === "routed" && random() < 0.2 ? undefined : message;
		for (let n = 0; n < 100; n++) {
			void origin.broadcast(n, { latest: "position of 🦦" });
			await room.timers.advance(50);
		}
		await room.timers.advance(5_000);
		expect(got.size).toBe(8);
		for (const numbers of got.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
	});
});
