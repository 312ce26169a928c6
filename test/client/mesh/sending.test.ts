/** What `send` promises: over a link, through the mesh, and while links come and go. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../../client/transfer/index.ts"; // loaded before, so that no peer waits for it in real time
import { MAX_DATA_BYTES, MAX_UNDELIVERED } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

function aMesh(peers: number, seed: number, maxPeers = 8): { room: Room; meshes: Mesh[]; got: unknown[][] } {
	const room = aRoom({ maxPeers, random: seededRandom(seed) });
	const meshes = Array.from({ length: peers }, () => room.join());
	const got = meshes.map((mesh) => {
		const messages: unknown[] = [];
		mesh.on("message", ({ data }) => messages.push(data));
		return messages;
	});
	return { room, meshes, got };
}

const outcomeOf = (sent: Promise<unknown>) =>
	sent.then(
		() => "arrived",
		(error) => error.code,
	);

describe("the caller may use its buffer again at once", () => {
	it.each<[string, (from: Mesh, to: Mesh, bytes: Uint8Array) => Promise<unknown>]>([
		["after send", (from, to, bytes) => from.send(to.peerId, bytes)],
		["after send with ack", (from, to, bytes) => from.send(to.peerId, bytes, { ack: true })],
		["after broadcast", (from, _to, bytes) => from.broadcast(bytes)],
	])("%s", async (_when, send) => {
		const { room, meshes, got } = aMesh(2, 1);
		const [a, b] = meshes as [Mesh, Mesh];
		await room.timers.until(() => a.peers.length === 1 && b.peers.length === 1, 5_000);
		const bytes = Uint8Array.of(1, 2, 3);
		const sent = send(a, b, bytes);
		bytes.fill(9);
		await room.timers.advance(2_000);
		await sent;
		expect(got[1]).toEqual([Uint8Array.of(1, 2, 3)]);
	});
});

describe("send while a link is being made", () => {
	it("waits for it, and keeps the order, also of what is sent when it opens", async () => {
		const { room, meshes, got } = aMesh(2, 1);
		const [a, b] = meshes as [Mesh, Mesh];
		await room.timers.until(() => a.links().length === 1 && b.links().length === 1, 1_000);
		expect(a.peers).toEqual([]);
		a.on("peer:connect", () => void a.send(b.peerId, 3));
		const bytes = Uint8Array.of(2);
		const sent = [a.send(b.peerId, 1), a.send(b.peerId, bytes), a.send(b.peerId, "acknowledged", { ack: true })];
		bytes[0] = 9; // the caller may use its buffer again
		await room.timers.advance(2_000);
		await Promise.all(sent);
		expect(got[1]).toEqual([1, Uint8Array.of(2), "acknowledged", 3]);
	});

	it("is told if the link does not come about", async () => {
		const { room, meshes } = aMesh(2, 1);
		const [a, b] = meshes as [Mesh, Mesh];
		await room.timers.until(() => a.links().length === 1, 1_000);
		const sent = outcomeOf(a.send(b.peerId, 1));
		room.leave(b);
		await room.timers.advance(60_000);
		expect(await sent).toBe("NO_ROUTE");
	});

	it("keeps a limited number waiting", async () => {
		const { room, meshes, got } = aMesh(2, 1);
		const [a, b] = meshes as [Mesh, Mesh];
		await room.timers.until(() => a.links().length === 1, 1_000);
		const sent = Array.from({ length: MAX_UNDELIVERED + 3 }, (_, n) => outcomeOf(a.send(b.peerId, n)));
		await room.timers.advance(2_000);
		const outcomes = await Promise.all(sent);
		expect(outcomes.filter((outcome) => outcome === "BUFFER_FULL")).toHaveLength(3);
		expect(got[1]).toEqual(Array.from({ length: MAX_UNDELIVERED }, (_, n) => n));
	});
});

describe("send with ack", () => {
	it("arrives once, or is told, whenever the link breaks: it goes through the mesh", async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 0, max: 150 }), fc.nat(1_000), async (ms, seed) => {
				const { room, meshes, got } = aMesh(3, seed);
				const [a, b, c] = meshes as [Mesh, Mesh, Mesh];
				await room.timers.until(() => room.degrees().every((links) => links === 2), 60_000);
				const sent = outcomeOf(a.send(b.peerId, "hello", { ack: true }));
				await room.timers.advance(ms);
				room.cut(a, b);
				await room.timers.advance(60_000);
				expect(await sent).toBe("arrived");
				expect(got).toEqual([[], ["hello"], []]);
				expect(c.peers).toContain(a.peerId);
			}),
			{ numRuns: 20 },
		);
	});

	it("rejects if the only link breaks before it arrives, and says nothing wrong if it did", async () => {
		for (let ms = 0; ms < 100; ms += 7) {
			const { room, meshes, got } = aMesh(2, 4);
			const [a, b] = meshes as [Mesh, Mesh];
			await room.timers.until(() => room.degrees().every((links) => links === 1), 60_000);
			const sent = outcomeOf(a.send(b.peerId, "hello", { ack: true }));
			await room.timers.advance(ms);
			room.cut(a, b);
			await room.timers.advance(60_000);
			expect(["arrived", "NO_ROUTE"]).toContain(await sent);
			if ((await sent) === "arrived") expect(got[1]).toEqual(["hello"]);
			else expect(got[1]?.length).toBeLessThanOrEqual(1);
		}
	});

	it("reaches a peer without a link, once", async () => {
		const { room, meshes, got } = aMesh(8, 2, 3);
		await room.timers.until(() => room.islands().length === 1, 300_000);
		const [a] = meshes as [Mesh];
		const sent = meshes.slice(1).map((mesh) => outcomeOf(a.send(mesh.peerId, "hello", { ack: true })));
		await room.timers.advance(10_000);
		expect(await Promise.all(sent)).toEqual(sent.map(() => "arrived"));
		expect(got.slice(1)).toEqual(sent.map(() => ["hello"]));
	});

	it("rejects with NO_ROUTE if there is no such peer", async () => {
		const { room, meshes } = aMesh(3, 2);
		await room.timers.advance(10_000);
		const sent = outcomeOf((meshes[0] as Mesh).send("nobody", 1, { ack: true }));
		await room.timers.advance(60_000);
		expect(await sent).toBe("NO_ROUTE");
	});
});

describe("large data", () => {
	const large = new Uint8Array(MAX_DATA_BYTES + 1).fill(7);

	it("makes a link to its receiver if there is none and both have place", async () => {
		const { room, meshes, got } = aMesh(7, 3, 7);
		const [a] = meshes as [Mesh];
		await room.timers.advance(60_000);
		for (const [at, mesh] of meshes.entries()) {
			if (at === 0) continue;
			const sent = outcomeOf(a.send(mesh.peerId, large));
			await room.timers.advance(10_000);
			expect(await sent).toBe("arrived");
			expect(got[at]?.map((data) => (data as Uint8Array).length)).toEqual([large.length]);
		}
	});

	it("is refused with NO_ROUTE if there is no place for a link", async () => {
		const { room, meshes } = aMesh(8, 2, 2);
		await room.timers.until(() => room.islands().length === 1, 300_000);
		const full = meshes.find((mesh) => mesh.peers.length >= 2) as Mesh;
		const stranger = meshes.find((mesh) => mesh !== full && !full.peers.includes(mesh.peerId)) as Mesh;
		const sent = outcomeOf(full.send(stranger.peerId, large));
		await room.timers.advance(60_000);
		expect(await sent).toBe("NO_ROUTE");
	});

	it("is not broadcast", async () => {
		const { room, meshes } = aMesh(2, 2);
		await room.timers.advance(5_000);
		expect(await outcomeOf((meshes[0] as Mesh).broadcast(large))).toBe("TOO_LARGE");
	});

	it("goes on over the next link to the same peer", async () => {
		const { room, meshes, got } = aMesh(3, 5);
		const [a, b] = meshes as [Mesh, Mesh];
		await room.timers.until(() => room.degrees().every((links) => links === 2), 60_000);
		const sent = outcomeOf(a.send(b.peerId, new Blob([large, large])));
		await room.timers.advance(40);
		room.cut(a, b);
		await room.timers.advance(60_000);
		expect(await sent).toBe("arrived");
		expect(got[1]).toMatchObject([{ size: 2 * large.length }]);
	});
});
