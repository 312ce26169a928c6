/** Meshes of this client at a server that takes no connection without a token. */
import wrtc from "@roamhq/wrtc";
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { createMesh, type Mesh, type MeshError, type MeshOptions } from "../../client/index.ts";
import { cachedSecrets } from "../../lambda/adapters/cached-secrets.ts";
import { sharedSecretVerifier } from "../../lambda/adapters/token-verifier.ts";
import { createHandler } from "../../lambda/handler.ts";
import { startGateway } from "../../local/gateway.ts";
import { aRoom } from "../support/client.ts";
import { someDependencies, someLog } from "../support/defaults.ts";
import { aSecret, aToken } from "../support/tokens.ts";

async function aServerWithTokens() {
	const secret = aSecret();
	const log = someLog();
	const secrets = cachedSecrets({ read: async () => secret, name: "the test's", clock: Date, log });
	const settings = { authAtConnect: true, authClaimsRequired: false };
	const gateway = await startGateway({ log }, ({ sender }) =>
		createHandler({ ...someDependencies(sender, settings), tokens: sharedSecretVerifier(secrets, Date) }),
	);
	onTestFinished(() => gateway.close());
	return { url: gateway.url, secret };
}

async function aMesh(url: string, options: Partial<MeshOptions>, tokenAt: "join" | "connect"): Promise<Mesh> {
	const transportOptions = { signalingServerUrl: url, tokenAt };
	const mesh = await createMesh({ transportOptions, webrtc: wrtc, WebSocket, ...options });
	onTestFinished(() => mesh.leave());
	return mesh;
}

describe("a server that wants the token with the connection", () => {
	it("takes in meshes that send it so, and they link up", async () => {
		const { url, secret } = await aServerWithTokens();
		const room = aRoom();
		const token = () => aToken(secret, { rooms: [room] });
		const alice = await aMesh(url, { peerId: "alice", room, token }, "connect");
		const bob = await aMesh(url, { peerId: "bob", room, token }, "connect");
		const linked = new Promise((resolve) => alice.once("peer:connect", resolve));
		const log: unknown[] = [];
		bob.on("signaling", (entry) => log.push(entry));

		await alice.join();
		await bob.join();

		expect(await linked).toBe("bob");
		const identity = bob.key;
		expect(log[0]).toEqual({ direction: "out", frame: { type: "join", peerId: "bob", room, anyId: true, identity } });
	});

	it("has no connection for a mesh that sends it with the join", async () => {
		const { url, secret } = await aServerWithTokens();
		const mesh = await aMesh(url, { room: aRoom(), token: await aToken(secret) }, "join");
		const failed = new Promise<MeshError>((resolve) => mesh.once("error", resolve));

		mesh.join().catch(() => {});

		expect(await failed).toMatchObject({ code: "CLOSED", retryable: true });
		expect(mesh.state).toBe("joining");
	});

	it("refuses the join of one whose token does not allow it", async () => {
		const { url, secret } = await aServerWithTokens();
		const token = await aToken(secret, { sub: "alice" });
		const mesh = await aMesh(url, { peerId: "mallory", room: aRoom(), token }, "connect");

		await expect(mesh.join()).rejects.toMatchObject({ code: "FORBIDDEN" });
	});
});
