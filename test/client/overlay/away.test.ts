/** The server goes away: the mesh mends itself, and nothing rushes to the server when it is back. */
import { describe, expect, inject, it } from "vitest";
import type { Mesh } from "../../../client/mesh/api.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const sizes = inject("thorough") ? [12, 60, 200] : [12, 30];

async function aSettledRoom(peers: number): Promise<Room> {
	const room = aRoom({ maxPeers: 8, random: seededRandom(peers) });
	for (let n = 0; n < peers; n++) {
		room.join();
		await room.timers.advance(300);
	}
	await room.timers.advance(MINUTE);
	return room;
}

const oneOf = <Value>(values: readonly Value[], random: () => number) =>
	values[Math.floor(random() * values.length)] as Value;

/** Every ten seconds a tenth of the peers loses a link, and every minute a peer goes. */
async function churn(room: Room, minutes: number, look: () => void) {
	const random = seededRandom(77);
	for (let step = 0; step < 6 * minutes; step++) {
		const all = [...room.meshes.values()];
		for (const mesh of all) {
			if (random() > 0.1 || mesh.peers.length === 0) continue;
			const other = room.meshes.get(oneOf(mesh.peers, random));
			if (other !== undefined) room.cut(mesh, other);
		}
		if (step % 6 === 0 && all.length > 8) room.leave(oneOf(all, random));
		await room.timers.advance(10 * SECOND);
		look();
	}
}

describe.each(sizes)("a mesh of %i peers whose server is away for ten minutes", (peers) => {
	it("stays in one piece though links break and peers go, and newcomers get in when it is back, without a rush", async () => {
		const room = await aSettledRoom(peers);
		const heard = new Map([...room.meshes.values()].map((mesh) => [mesh.peerId, 0]));
		const gone: string[] = [];
		for (const mesh of room.meshes.values()) {
			mesh.on("message", () => heard.set(mesh.peerId, (heard.get(mesh.peerId) ?? 0) + 1));
			mesh.on("peer:gone", (peerId) => gone.push(peerId));
		}

		room.up = false;
		const { billed } = room;
		let pieces = 1;
		await churn(room, 10, () => {
			pieces = Math.max(pieces, room.islands().length);
		});
		expect(pieces).toBe(1);
		expect(Math.min(...room.degrees())).toBeGreaterThanOrEqual(Math.min(4, room.meshes.size - 1));
		expect(room.billed).toBe(billed);
		// The application hears of departures only.
		expect(gone.filter((peerId) => room.meshes.has(peerId))).toEqual([]);

		const [origin] = room.meshes.values() as Iterable<Mesh> as [Mesh];
		void origin.broadcast("hello");
		await room.timers.advance(3 * SECOND);
		for (const { peerId } of room.meshes.values()) expect(heard.get(peerId)).toBe(peerId === origin.peerId ? 0 : 1);

		const newcomers = [room.join(), room.join()];
		await room.timers.advance(MINUTE);
		expect(newcomers.map((mesh) => mesh.peers)).toEqual([[], []]);
		room.up = true;
		await room.timers.advance(MINUTE);
		for (const mesh of newcomers) expect(mesh.peers.length).toBeGreaterThanOrEqual(4);
		expect(room.islands()).toHaveLength(1);
		// Without the joins: the first links of the newcomers, and the root's questions for other islands.
		expect(room.billed - billed).toBeLessThan(40);
		expect(gone.filter((peerId) => room.meshes.has(peerId))).toEqual([]);
	});
});
