/** The client owns its id: a reloaded page takes it back, and a stranger does not get it. */
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { createMesh, type MeshOptions } from "../../client/index.ts";
import { aRoom } from "../support/client.ts";
import { startServer } from "../support/faulty-server.ts";

class NoLinks {}

async function aServer() {
	const gateway = await startServer({});
	onTestFinished(() => gateway.close());
	return gateway.url;
}

async function aMesh(signalingServerUrl: string, options: MeshOptions) {
	const mesh = await createMesh({
		signalingServerUrl,
		WebSocket,
		webrtc: { RTCPeerConnection: NoLinks },
		...options,
	});
	onTestFinished(() => mesh.close());
	return mesh;
}

describe("the owner's key", () => {
	it("takes the id back for a page that kept it, while the old connection is still open", async () => {
		const url = await aServer();
		const own = { room: aRoom(), peerId: "alice", ownerKey: "the key that the page keeps in its storage" };
		await (await aMesh(url, own)).join();

		const reloaded = await aMesh(url, own);
		await reloaded.join();

		expect(reloaded.state).toBe("joined");
	});

	it("keeps the id from a client with another key, and the holder stays", async () => {
		const url = await aServer();
		const room = aRoom();
		const alice = await aMesh(url, { room, peerId: "alice" });
		await alice.join();

		const stranger = await aMesh(url, { room, peerId: "alice" });
		await expect(stranger.join()).rejects.toMatchObject({ code: "PEER_ID_TAKEN" });

		expect(alice.state).toBe("joined");
	});

	it("is not in the frames that the application sees", async () => {
		const url = await aServer();
		const mesh = await aMesh(url, { room: aRoom(), ownerKey: "a key that no log may show" });
		const frames: unknown[] = [];
		mesh.on("signaling", ({ frame }) => frames.push(frame));

		await mesh.join();

		expect(JSON.stringify(frames)).not.toContain("no log may show");
	});

	it("that is too short is a bad option, and the message does not repeat it", async () => {
		const error = await createMesh({ WebSocket, ownerKey: "short and secret" }).catch((reason: Error) => reason);

		expect(error).toMatchObject({
			code: "BAD_OPTIONS",
			message: expect.stringContaining("ownerKey must be 22 to 128"),
		});
		expect(error).not.toMatchObject({ message: expect.stringContaining("short and secret") });
	});
});
