/** A mesh whose id another client has goes on under a new one, if it is told to. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { createEmitter, type Emitter } from "../../client/emitter.ts";
import { createMesh, type Mesh, MeshError, type MeshEvents, type MeshOptions } from "../../client/index.ts";
import { meshWithNewIds } from "../../client/new-id.ts";
import { aRoom } from "../support/client.ts";
import { startServer } from "../support/faulty-server.ts";
import { openClient } from "../support/open-client.ts";

class NoLinks {}

async function aServer() {
	const gateway = await startServer({});
	onTestFinished(() => gateway.close());
	return gateway.url;
}

const taken = {
	type: "error",
	code: "PEER_ID_TAKEN",
	message: "Another client joined with your ID.",
	retryable: false,
};

/** A server that answers a join with these frames. */
async function aServerThat(answers: (peerId: string) => readonly object[]) {
	const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
	onTestFinished(() => void server.close());
	server.on("connection", (socket) => {
		socket.on("message", (data) => {
			const { type, peerId } = JSON.parse(data.toString());
			if (type === "join") for (const frame of answers(peerId)) socket.send(JSON.stringify(frame));
			if (type === "leave") socket.close();
		});
	});
	await once(server, "listening");
	return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function aMesh(signalingServerUrl: string, options: MeshOptions) {
	const webrtc = { RTCPeerConnection: NoLinks };
	const mesh = await createMesh({ signalingServerUrl, WebSocket, webrtc, onIdTaken: "new-id", ...options });
	onTestFinished(() => mesh.close());
	return mesh;
}

const told = (mesh: Mesh) => {
	const events: unknown[] = [];
	mesh.on("id", (...ids) => events.push(["id", ...ids]));
	mesh.on("state", (state) => events.push(state));
	mesh.on("error", ({ code }) => events.push(code));
	return events;
};

describe("onIdTaken: new-id", () => {
	it("joins under a new id if the id has an owner, and says so", async () => {
		const url = await aServer();
		const room = aRoom();
		const owner = await aMesh(url, { room, peerId: "alice" });
		await owner.join();
		const mesh = await aMesh(url, { room, peerId: "alice" });
		const events = told(mesh);

		await mesh.join();

		expect(mesh.peerId).toMatch(/^[0-9a-f]{40}$/);
		expect(events).toEqual(["joining", ["id", mesh.peerId, "alice"], "joining", "joined"]);
		expect([owner.state, owner.peerId]).toEqual(["joined", "alice"]);
	});

	it("is the same peer for the others under its new id", async () => {
		const url = await aServer();
		const room = aRoom();
		const watcher = await openClient(url);
		await watcher.join("watcher", { room });
		await (await aMesh(url, { room, peerId: "alice" })).join();
		await watcher.nextOf("peer_joined");
		const mesh = await aMesh(url, { room, peerId: "alice" });

		await mesh.join();

		expect(await watcher.nextOf("peer_joined")).toMatchObject({ peerId: mesh.peerId });
		watcher.close();
	});

	it("starts again under a new id if another client takes its id later", async () => {
		const welcome = { type: "bootstrap_peers", peers: [], resumeKey: "key" };
		const url = await aServerThat((id) => (id === "alice" ? [welcome, taken] : [welcome]));
		const mesh = await aMesh(url, { peerId: "alice" });
		const events = told(mesh);
		const renamed = new Promise((resolve) => mesh.on("id", resolve));

		await mesh.join();
		await renamed;
		await mesh.join();

		expect(events).toEqual(["joining", "joined", ["id", mesh.peerId, "alice"], "joining", "joined"]);
	});

	it("keeps its metadata, once a mesh has accepted it", async () => {
		const given: unknown[][] = [];
		const emitters: Emitter<MeshEvents>[] = [];
		const open = (peerId = "alice") => {
			const emitter = createEmitter<MeshEvents>();
			emitters.push(emitter);
			const setMetadata = async (metadata: object) => {
				if ("bad" in metadata) throw new Error("refused");
				given.push([peerId, metadata]);
			};
			return { ...emitter, peerId, state: "left", setMetadata, join: async () => {} } as unknown as Mesh;
		};
		const mesh = meshWithNewIds(open, () => "new");
		await mesh.setMetadata({ name: "Alice" });
		await expect(mesh.setMetadata({ bad: true })).rejects.toThrow("refused");

		emitters[0]?.emit("error", new MeshError("PEER_ID_TAKEN", "Another client joined with your ID."));

		expect(given).toEqual([
			["alice", { name: "Alice" }],
			["new", { name: "Alice" }],
		]);
	});

	it("leaves when it is told to, once", async () => {
		const url = await aServer();
		const room = aRoom();
		await (await aMesh(url, { room, peerId: "alice" })).join();
		const mesh = await aMesh(url, { room, peerId: "alice" });
		await mesh.join();
		const events = told(mesh);

		await mesh.leave();

		expect([mesh.state, events]).toEqual(["left", ["left"]]);
		await expect(mesh.ready()).rejects.toMatchObject({ code: "CLOSED" });
	});

	it("does not try without end on a server that refuses every id", async () => {
		const url = await aServerThat(() => [{ ...taken, requestType: "join" }]);
		const mesh = await aMesh(url, { peerId: "alice" });
		const events = told(mesh);

		await expect(mesh.join()).rejects.toMatchObject({ code: "PEER_ID_TAKEN" });

		expect(events).toEqual(["joining", ["id", mesh.peerId, "alice"], "joining", "PEER_ID_TAKEN", "left"]);
	});
});

describe("the default", () => {
	it("ends with PEER_ID_TAKEN", async () => {
		const url = await aServer();
		const room = aRoom();
		await (await aMesh(url, { room, peerId: "alice" })).join();
		const mesh = await aMesh(url, { room, peerId: "alice", onIdTaken: "leave" });

		await expect(mesh.join()).rejects.toMatchObject({ code: "PEER_ID_TAKEN" });

		expect([mesh.state, mesh.peerId]).toEqual(["left", "alice"]);
	});
});
