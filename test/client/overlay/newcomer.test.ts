/** A newcomer makes one link by the server, and the others through it. */
import { describe, expect, it } from "vitest";
import { FIRST_LINK_MS, PATIENCE_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { decodeFrame } from "../../../client/mesh/frames.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MINUTE = 60_000;

async function aSettledRoom(peers: number, options: Partial<Parameters<typeof aRoom>[0]> = {}): Promise<Room> {
	const room = aRoom({ maxPeers: 8, random: seededRandom(peers), ...options });
	for (let n = 0; n < peers; n++) {
		room.join();
		await room.timers.advance(500);
	}
	await room.timers.advance(1.25 * MINUTE);
	return room;
}

/** One more peer, and its cost until it has its links. */
async function oneMore(room: Room, peerId?: string) {
	const billed = () => {
		// The root of the room asks the server for other islands, whether somebody comes or not.
		const others = [...room.meshes.keys()].filter((id) => id !== mesh?.peerId);
		return room.billed - others.reduce((sum, id) => sum + room.searches(id), 0);
	};
	let mesh: Mesh | undefined;
	const before = billed();
	mesh = room.join(peerId);
	await room.timers.advance(3_000);
	return { mesh, billed: billed() - before };
}

/** Nothing of the overlay passes any more. */
function block(room: Room) {
	room.wire.onTheWay = (_from, _to, message) => (decodeFrame(message)?.kind === "overlay" ? undefined : message);
}

const MODERN = /^[0-7]/;

describe("a newcomer", () => {
	it("costs four messages besides its join, its welcome and the notices: the offer and the answer of its first link", async () => {
		for (const peers of [1, 2, 9, 40]) {
			const room = await aSettledRoom(peers);
			const { mesh, billed } = await oneMore(room);
			expect(billed, `${peers} peers`).toBe(4);
			expect(mesh.peers.length, `${peers} peers`).toBeGreaterThanOrEqual(Math.min(peers, 6));
		}
	});

	it("costs no more on the average of many that come and go", async () => {
		const room = await aSettledRoom(30);
		const { billed, frames } = room;
		const random = seededRandom(5);
		const newcomers = 40;
		for (let n = 0; n < newcomers; n++) {
			const all = [...room.meshes.values()];
			room.leave(all[Math.floor(random() * all.length)] as Mesh);
			room.join();
			await room.timers.advance(15_000);
		}
		expect(room.islands()).toHaveLength(1);
		// The root of the mesh asks the server for other islands, too.
		expect((room.billed - billed) / newcomers).toBeLessThan(6);
		expect((room.frames - frames) / newcomers).toBeLessThan(4.5);
	});

	it("calls a second peer if its first link takes long, and all if that helps as little", async () => {
		const room = await aSettledRoom(9);
		const called = new Set<string>();
		const mesh = room.join();
		mesh.on("signaling", () => {});
		room.wire.onTheWay = () => undefined;
		await room.timers.advance(FIRST_LINK_MS / 2);
		for (const { peerId } of mesh.links()) called.add(peerId);
		expect(called.size).toBe(1);
	});

	it("is linked as before if nothing of the overlay passes: all are called by the server", async () => {
		const room = await aSettledRoom(9);
		block(room);
		const mesh = room.join();
		await room.timers.advance(2 * FIRST_LINK_MS + 2_000);
		expect(mesh.peers.length).toBeGreaterThanOrEqual(8);
	});

	it("loses no attempt if signals are lost on their way: the server brings the same ones", async () => {
		const room = await aSettledRoom(9);
		const random = seededRandom(8);
		room.wire.onTheWay = (_from, _to, message) =>
			decodeFrame(message)?.kind === "overlay" && random() < 0.3 ? undefined : message;
		const mesh = room.join();
		const failed: unknown[] = [];
		for (const one of room.meshes.values()) one.on("error", (error) => failed.push(error));
		await room.timers.advance(2 * FIRST_LINK_MS + 8_000);
		expect(mesh.peers.length).toBeGreaterThanOrEqual(8);
		expect(failed).toEqual([]);
	});
});

describe("a peer in between that drops, changes and repeats words of others", () => {
	it("costs others a moment: newcomers get their links, and no peer is cut off", async () => {
		for (const seed of [1, 2, 3]) {
			const random = seededRandom(seed);
			const room = await aSettledRoom(9, { random });
			const [hostile] = room.meshes.keys();
			let last: Uint8Array | undefined;
			room.wire.onTheWay = (from, _to, message) => {
				if (from !== hostile || decodeFrame(message)?.kind !== "overlay") return message;
				const before = last;
				last = message;
				const chance = random();
				if (chance < 0.3) return undefined;
				if (chance < 0.6) return before ?? message;
				if (chance < 0.9)
					return new TextEncoder().encode(
						new TextDecoder().decode(message).replace("offer", "answer").replaceAll("1", "2"),
					);
				return message;
			};
			for (let n = 0; n < 3; n++) {
				const { mesh } = await oneMore(room);
				await room.timers.advance(2 * PATIENCE_MS);
				expect(mesh.peers.length, `seed ${seed}`).toBeGreaterThanOrEqual(5);
			}
			expect(room.islands(), `seed ${seed}`).toHaveLength(1);
		}
	});
});

describe("a room with older clients", () => {
	it("is one mesh, in which they are signaled by the server", async () => {
		const isModern = (peerId: string) => MODERN.test(peerId);
		for (const [peers, maxPeers] of [
			[9, 8],
			[40, 4],
		] as const) {
			const room = await aSettledRoom(peers, { isModern, maxPeers });
			room.wire.onTheWay = (_from, to, message) => {
				if (!isModern(to)) {
					const frame = decodeFrame(message);
					expect(frame?.kind === "overlay" && (frame.body.length > 0 || !("near" in (frame.fields ?? {})))).toBe(false);
				}
				return message;
			};
			for (let n = 0; n < 10; n++) await oneMore(room);
			await room.timers.advance(MINUTE);
			expect(room.islands()).toHaveLength(1);
		}
	});

	it("calls an older newcomer as promptly as before", async () => {
		const room = await aSettledRoom(8, { isModern: (peerId) => MODERN.test(peerId) });
		const { mesh } = await oneMore(room, `f${"0".repeat(39)}`);
		expect(mesh.peers.length).toBe(8);
	});

	it("is called by a newer newcomer, or calls it, as before", async () => {
		const room = await aSettledRoom(8, { isModern: (peerId) => peerId.startsWith("00") });
		const { mesh } = await oneMore(room, `00${"7".repeat(38)}`);
		await room.timers.advance(2 * PATIENCE_MS);
		expect(mesh.peers.length).toBe(8);
	});
});
