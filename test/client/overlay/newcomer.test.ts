/** What a newcomer costs: one link by the server, and the others through it. */
import { describe, expect, it } from "vitest";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MINUTE = 60_000;

async function aSettledRoom(peers: number, options: Partial<Parameters<typeof aRoom>[0]> = {}): Promise<Room> {
	const room = aRoom({ maxPeers: 8, random: seededRandom(peers), ...options });
	for (let n = 0; n < peers; n++) {
		room.join();
		await room.timers.advance(500);
	}
	await room.timers.advance(1.25 * MINUTE); // between two questions of the root for other islands
	return room;
}

/** What one more peer costs until it has its links. */
async function costOf(room: Room) {
	const { billed } = room;
	const mesh = room.join();
	await room.timers.advance(3_000);
	return { mesh, billed: room.billed - billed };
}

describe("a newcomer", () => {
	it("costs four messages besides its join, its welcome and the notices: the offer and the answer of its first link", async () => {
		for (const peers of [1, 2, 9, 30, 100]) {
			const room = await aSettledRoom(peers);
			const { mesh, billed } = await costOf(room);
			expect(billed, `${peers} peers`).toBe(4);
			expect(mesh.peers.length, `${peers} peers`).toBeGreaterThanOrEqual(Math.min(peers, 6));
		}
	});
});
