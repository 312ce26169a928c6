/** A mesh of this client and peers of p2pmesh, with real connections over the real server. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Gateway } from "../../../local/gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh, nextMessage } from "../support/mesh-node.ts";
import { aP2pmeshPeer } from "../support/mesh-p2pmesh-peer.ts";

let server: Gateway;

beforeAll(async () => {
	server = await startLocalServer();
});
afterAll(() => server.close());

const SMALL = "1".repeat(40);
const LARGE = "e".repeat(40);

async function aPeerOfTheirs(...[peerId, options]: [string, { maxPeers?: number }?]) {
	const peer = await aP2pmeshPeer(server.url, peerId, options);
	onTestFinished(() => peer.close());
	await eventually(() => peer.frames.some(({ type }) => type === "bootstrap_peers"));
	return peer;
}

describe.each([
	{ ours: SMALL, theirs: LARGE, first: "ours" },
	{ ours: SMALL, theirs: LARGE, first: "theirs" },
	{ ours: LARGE, theirs: SMALL, first: "ours" },
	{ ours: LARGE, theirs: SMALL, first: "theirs" },
])("a peer of ours ($ours) and one of p2pmesh ($theirs), $first first", ({ ours, theirs, first }) => {
	const both = async () => {
		const mesh = await aMesh(server.url, { peerId: ours });
		if (first === "ours") await mesh.join();
		const peer = await aPeerOfTheirs(theirs);
		if (first === "theirs") await mesh.join();
		await Promise.all([peer.linked(ours), eventually(() => mesh.peers.includes(theirs))]);
		return { mesh, peer };
	};

	it("are linked, and talk in p2pmesh's words", async () => {
		const { mesh, peer } = await both();

		await mesh.send(theirs, { to: "them" });
		await eventually(() => peer.received.length > 0);
		expect(peer.received).toEqual([{ from: ours, data: { type: "direct", payload: { to: "them" } } }]);

		const message = nextMessage(mesh);
		peer.send(ours, { to: "us" });
		expect(await message).toEqual({ from: theirs, data: { to: "us" }, direct: true, via: theirs });
	});
});

describe("a mesh of both kinds", () => {
	it("passes broadcasts on from each to the other", async () => {
		// Between theirs and the other of ours stands one of ours.
		const middle = await aMesh(server.url, { peerId: SMALL });
		await middle.join();
		const peer = await aPeerOfTheirs(LARGE, { maxPeers: 1 });
		await peer.linked(SMALL);
		const end = await aMesh(server.url, { peerId: "2".repeat(40) });
		await end.join();
		await eventually(() => end.peers.includes(SMALL) && middle.peers.length === 2);
		expect(peer.isLinked(end.peerId)).toBe(false);

		const got = nextMessage(end);
		peer.gossip(JSON.stringify({ hello: "ours" }));
		expect(await got).toEqual({ from: LARGE, data: { hello: "ours" }, direct: false, via: SMALL });

		await end.broadcast({ hello: "theirs" });
		await eventually(() => peer.received.length > 0);
		expect(peer.received[0]?.data).toMatchObject({
			type: "gossip",
			data: { topic: "broadcast", payload: '{"hello":"theirs"}', originPeerId: end.peerId },
		});
	});

	it("hands a message through the mesh to one of theirs", async () => {
		const middle = await aMesh(server.url, { peerId: SMALL });
		await middle.join();
		const peer = await aPeerOfTheirs(LARGE, { maxPeers: 1 });
		await peer.linked(SMALL);
		const end = await aMesh(server.url, { peerId: "2".repeat(40) });
		await end.join();
		await eventually(() => end.peers.includes(SMALL));

		await end.send(LARGE, { for: "them" });
		await eventually(() => peer.received.length > 0);
		expect(peer.received).toEqual([{ from: SMALL, data: { type: "direct", payload: { for: "them" } } }]);
	});

	it("does not say that bytes arrived, which theirs cannot take", async () => {
		const middle = await aMesh(server.url, { peerId: SMALL });
		await middle.join();
		const peer = await aPeerOfTheirs(LARGE, { maxPeers: 1 });
		await peer.linked(SMALL);
		await eventually(() => middle.peers.includes(LARGE));

		await expect(middle.send(LARGE, Uint8Array.of(1))).rejects.toMatchObject({ code: "BAD_REQUEST", peerId: LARGE });
		expect(peer.received).toEqual([]);
	});

	it("is not shaken by what theirs say among themselves, nor by nonsense", async () => {
		const mesh = await aMesh(server.url, { peerId: SMALL });
		await mesh.join();
		const peer = await aPeerOfTheirs(LARGE);
		await peer.linked(SMALL);
		await eventually(() => mesh.peers.includes(LARGE));
		const got: unknown[] = [];
		mesh.on("message", ({ data }) => got.push(data));

		for (const text of [
			"not JSON",
			"null",
			"[]",
			'{"type":"relay_signal","from":"x","to":"y","signal":{}}',
			'{"type":"gossip"}',
			'{"type":"gossip","data":{"id":1,"hops":-1,"payload":1}}',
			`{"type":"gossip","data":{"id":"x","hops":1e9,"payload":1,"originPeerId":"${LARGE}"}}`,
			`{"type":"direct","payload":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
			'{"k":"beacon","root":"0"}',
		]) {
			peer.sendText(SMALL, text);
		}
		const last = nextMessage(mesh, (data) => data === "last");
		peer.send(SMALL, "last");
		await last;
		expect(got).toEqual(["last"]);
		expect(mesh.peers).toEqual([LARGE]);
	});
});
