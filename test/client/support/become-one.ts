/** The rule that all peers of a room become one mesh, for rooms of any size. */
import { expect } from "vitest";
import type { Mesh } from "../../../client/mesh/api.ts";
import { aRoom, type Room } from "./mesh-room.ts";
import { seededRandom } from "./seeded-random.ts";

export const MINUTE = 60_000;
/** How long a mesh may take to become one: links fail and islands are looked for several times. */
const PATIENCE = 5 * MINUTE;

export const AT_ONCE = { way: "at once", gapMs: 0 } as const;
export const ONE_BY_ONE = { way: "one by one", gapMs: 700 } as const;

export async function joined(room: Room, peers: number, gapMs: number): Promise<void> {
	for (let n = 0; n < peers; n++) {
		room.join();
		if (gapMs > 0) await room.timers.advance(gapMs);
	}
	await room.timers.until(() => room.islands().length === 1, PATIENCE);
}

/** How many of the others a broadcast of this one reaches. */
export async function reached(room: Room, origin: Mesh): Promise<number> {
	const got = new Map<string, number>();
	const stop = [...room.meshes.values()].map((mesh) =>
		mesh.on("message", ({ from, data }) => {
			if (from === origin.peerId && data === "hello") got.set(mesh.peerId, (got.get(mesh.peerId) ?? 0) + 1);
		}),
	);
	await origin.broadcast("hello");
	await room.timers.advance(3_000);
	for (const off of stop) off();
	expect(Math.max(...got.values()), "each gets it once").toBe(1);
	return got.size;
}

export interface Gathering {
	readonly peers: number;
	readonly maxPeers: number;
	readonly seed: number;
	/** ms between two peers that join */
	readonly gapMs: number;
}

/** Peers join and become one mesh, and again when half of them leave. */
export async function becomesOne({ peers, maxPeers, seed, gapMs }: Gathering): Promise<void> {
	const room = aRoom({ maxPeers, random: seededRandom(seed) });
	await joined(room, peers, gapMs);
	// Past the time in which links overlap.
	await room.timers.advance(MINUTE);
	expect(room.islands(), `seed ${seed}`).toHaveLength(1);
	// A ring has no link too many to let go, so a peer of one may keep one more.
	expect(Math.max(...room.degrees()), `seed ${seed}`).toBeLessThanOrEqual(Math.max(3, maxPeers));
	const [first] = room.meshes.values();
	expect(await reached(room, first as Mesh), `seed ${seed}`).toBe(peers - 1);

	for (const mesh of [...room.meshes.values()].filter((_, index) => index % 2 === 0)) room.leave(mesh);
	await room.timers.until(() => room.islands().length === 1, PATIENCE);
	const [left] = room.meshes.values();
	expect(await reached(room, left as Mesh), `seed ${seed}`).toBe(peers / 2 - 1);
}
