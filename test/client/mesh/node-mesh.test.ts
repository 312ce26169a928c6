/** Eight real peers with at most three links each, over the real server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mesh } from "../../../client/index.ts";
import type { Gateway } from "../../../local/gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh, nextMessage } from "../support/mesh-node.ts";

let server: Gateway;

beforeAll(async () => {
	server = await startLocalServer();
});
afterAll(() => server.close());

/** Whether all reach each other. */
function isOne(meshes: readonly Mesh[]): boolean {
	const byId = new Map(meshes.map((mesh) => [mesh.peerId, mesh]));
	const reached = new Set([meshes[0]?.peerId]);
	for (const id of reached) for (const peer of byId.get(id ?? "")?.peers ?? []) reached.add(peer);
	return meshes.every(({ peerId }) => reached.has(peerId));
}

describe("8 peers in Node.js with at most 3 links", () => {
	it("are one mesh: a broadcast reaches all, and a message a peer without a direct link", async () => {
		const meshes = await Promise.all(Array.from({ length: 8 }, () => aMesh(server.url, { maxPeers: 3 })));
		await Promise.all(meshes.map((mesh) => mesh.join()));
		await eventually(() => isOne(meshes));

		const [origin, ...others] = meshes as [Mesh, ...Mesh[]];
		const got = others.map((mesh) => nextMessage(mesh, (data) => data === "to all"));
		await origin.broadcast("to all");
		expect(new Set((await Promise.all(got)).map(({ from }) => from))).toEqual(new Set([origin.peerId]));

		const stranger = others.find(({ peerId }) => !origin.peers.includes(peerId)) as Mesh;
		const message = nextMessage(stranger, (data) => data instanceof Uint8Array);
		await origin.send(stranger.peerId, Uint8Array.of(1, 2, 3));
		// Links are still forming, and by now there may be one between the two: `direct` is not ours to say.
		expect(await message).toMatchObject({ from: origin.peerId, data: Uint8Array.of(1, 2, 3) });
	});
});

describe("two peers in Node.js", () => {
	const aPair = async () => {
		const [a, b] = (await Promise.all([aMesh(server.url, { room: "pair" }), aMesh(server.url, { room: "pair" })])) as [
			Mesh,
			Mesh,
		];
		const connects = [a, b].map((mesh) => new Promise((resolve) => mesh.once("peer:connect", resolve)));
		await a.join();
		await b.join();
		await Promise.all(connects);
		return { a, b };
	};

	it("exchange messages of up to a megabyte, in the order in which they were sent", async () => {
		const { a, b } = await aPair();
		const got: unknown[] = [];
		b.on("message", ({ data }) => got.push(data));
		const large = "x".repeat(1_000_000);
		void a.send(b.peerId, large);
		void a.send(b.peerId, "after it");
		await eventually(() => got.length === 2);
		expect(got).toEqual([large, "after it"]);
	});

	it("see how their link goes", async () => {
		const { a, b } = await aPair();
		expect(a.links()).toMatchObject([{ peerId: b.peerId, state: "open" }]);
		expect(await a.stats(b.peerId)).toMatchObject({
			localType: expect.stringMatching(/host|prflx/),
			protocol: "udp",
			bytesSent: expect.any(Number),
		});
		expect(await a.stats("nobody")).toBeUndefined();
	});

	it("notice at once that one leaves", async () => {
		const { a, b } = await aPair();
		const events: string[] = [];
		for (const name of ["peer:disconnect", "peer:gone"] as const) b.on(name, (id) => events.push(`${name} ${id}`));
		await a.leave();
		await eventually(() => events.length === 2);
		expect(new Set(events)).toEqual(new Set([`peer:disconnect ${a.peerId}`, `peer:gone ${a.peerId}`]));
		expect([a.state, a.peers, b.peers]).toEqual(["left", [], []]);
	});
});

describe("leaving, in Node.js", () => {
	it("delivers everything that send resolved, and joining again links up again", async () => {
		const room = "drain";
		const [a, b] = (await Promise.all([aMesh(server.url, { room }), aMesh(server.url, { room })])) as [Mesh, Mesh];
		await a.join();
		await Promise.all([b.join({ links: 1 }), a.ready()]);
		const got: unknown[] = [];
		b.on("message", ({ data }) => got.push(data));

		const text = "x".repeat(50_000);
		for (let n = 0; n < 40; n++) await a.send(b.peerId, text);
		await a.leave();
		expect(got).toHaveLength(40);

		await a.join({ links: 1 });
		expect(await a.broadcast("back")).toBe(1);
		await eventually(() => got.includes("back"));
	});

	it("in the same breath as joining is no unhandled rejection, and the next join wins", async () => {
		const mesh = await aMesh(server.url, { room: "strict" });
		void mesh.join();
		mesh.close();
		void mesh.join();
		void mesh.leave();
		await mesh.join();
		expect(mesh.state).toBe("joined");
	});
});
