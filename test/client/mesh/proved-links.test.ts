/** Links between peers that prove who they are, in Node.js, over the real server and over one that cheats. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import type { Mesh, MeshOptions, PeerKey } from "../../../client/index.ts";
import type { Gateway } from "../../../local/gateway.ts";
import { aHexId, aRoom } from "../../support/client.ts";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { P256 } from "../support/identities.ts";
import { aMesh } from "../support/mesh-node.ts";

let server: Gateway;
beforeAll(async () => {
	server = await startLocalServer();
});
afterAll(() => server.close());

type Frame = Record<string, unknown>;

/** A socket to a server, or through somebody, that changes what it delivers. */
function tamperedBy(change: (frame: Frame) => void) {
	return class extends WebSocket {
		override emit(name: string, ...values: unknown[]): boolean {
			if (name !== "message") return super.emit(name, ...values);
			const frame = JSON.parse(String(values[0]));
			change(frame);
			return super.emit(name, Buffer.from(JSON.stringify(frame)), false);
		}
	};
}

/** The signal of a frame, if it is a description. */
const descriptionIn = ({ signal }: Frame) =>
	typeof (signal as Frame | undefined)?.sdp === "string" ? (signal as { sdp: string; seal?: unknown }) : undefined;

/** What is told of a mesh. */
function heard(mesh: Mesh) {
	const keys: [string, PeerKey | undefined][] = [];
	const errors: string[] = [];
	mesh.on("peer:connect", (...news) => keys.push(news as [string, PeerKey | undefined]));
	mesh.on("error", ({ code, message }) => errors.push(`${code} ${message}`));
	return { keys, errors };
}

async function aPair(first: Partial<MeshOptions> = {}, second: Partial<MeshOptions> = {}) {
	const room = aRoom();
	const a = await aMesh(server.url, { room, ...first });
	const b = await aMesh(server.url, { room, ...second });
	const told = { a: heard(a), b: heard(b) };
	await a.join();
	await b.join();
	return { a, b, told };
}

const linked = (a: Mesh, b: Mesh) => eventually(() => a.peers.includes(b.peerId) && b.peers.includes(a.peerId));
const newKeys = () => crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
/** A client on a page without https. */
async function aKeylessMesh(options: Partial<MeshOptions>) {
	vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
	try {
		return await aMesh(server.url, options);
	} finally {
		vi.unstubAllGlobals();
	}
}

describe("two peers", () => {
	it("know the key of each other, and that the server told it", async () => {
		const { a, b, told } = await aPair();
		await linked(a, b);

		expect(told.a.keys).toEqual([[b.peerId, { key: b.key, vouched: "server" }]]);
		expect(told.b.keys).toEqual([[a.peerId, { key: a.key, vouched: "server" }]]);
		expect(a.links()).toMatchObject([{ peerId: b.peerId, key: b.key, vouched: "server" }]);
		expect([...told.a.errors, ...told.b.errors]).toEqual([]);
	});

	it.each(["Ed25519", "ECDSA"])("link up with keys of the application, %s", async (name) => {
		const keys = (await crypto.subtle.generateKey({ ...P256, name } as EcKeyGenParams, false, [
			"sign",
			"verify",
		])) as CryptoKeyPair;
		const { a, b } = await aPair({ keys });
		await linked(a, b);
	});

	it("link up if one of them has no WebCrypto", async () => {
		const room = aRoom();
		const old = await aKeylessMesh({ room });
		const mesh = await aMesh(server.url, { room });
		const { keys } = heard(mesh);
		await old.join();
		await mesh.join();
		await linked(old, mesh);

		expect(old.key).toBeUndefined();
		expect(keys).toEqual([[old.peerId, undefined]]);
		expect(mesh.links()).toMatchObject([{ peerId: old.peerId, state: "open" }]);
	});

	it("link up again when one of them was loaded again under its id, with another key", async () => {
		const own = { peerId: aHexId(), ownerKey: "the key that the page keeps in its storage" };
		const { a, b, told } = await aPair({}, own);
		await linked(a, b);
		b.close();

		const reloaded = await aMesh(server.url, { room: a.room, ...own });
		await reloaded.join({ links: 1 });

		await eventually(() => a.links().some(({ key }) => key === reloaded.key));
		expect(reloaded.key).not.toBe(b.key);
		expect(told.a.errors.filter((error) => error.startsWith("UNPROVEN"))).toEqual([]);
	});
});

describe("a peer in between, or a server, that", () => {
	/** A pair, of which the first gets changed frames. No link comes about, and the first is told why. */
	const refusal = async (change: (frame: Frame) => void) => {
		const { a, b, told } = await aPair({ WebSocket: tamperedBy(change) });
		await eventually(() => told.a.errors.length > 0);
		expect([a.peers, b.peers]).toEqual([[], []]);
		return told.a.errors[0]?.replace(b.peerId, "b");
	};

	it("puts its own fingerprint into a description gets no link, and the error says so", async () => {
		const swap = (frame: Frame) => {
			const description = descriptionIn(frame);
			if (description === undefined) return;
			const other = Array(32).fill("AB").join(":");
			description.sdp = description.sdp.replace(/(a=fingerprint:sha-256 )[\dA-F:]+/g, `$1${other}`);
		};

		expect(await refusal(swap)).toBe("UNPROVEN A signal of b was refused: its signature is wrong.");
	});

	it("takes the signature away gets no link, either", async () => {
		const strip = (frame: Frame) => {
			delete descriptionIn(frame)?.seal;
		};

		expect(await refusal(strip)).toBe("UNPROVEN A signal of b was refused: it is not signed.");
	});
});

describe("an id that is the hash of its key", () => {
	it("is the same after a restart with the same keys, and vouches for itself", async () => {
		const keys = (await newKeys()) as CryptoKeyPair;
		const own = { peerId: "key", keys };
		const { a, b, told } = await aPair({ peerId: "key", verify: "key" }, own);
		await linked(a, b);

		expect(b.peerId).toBe(b.key);
		expect(told.a.keys).toEqual([[b.peerId, { key: b.peerId, vouched: "id" }]]);
		expect((await aMesh(server.url, own)).peerId).toBe(b.peerId);
	});

	it("cannot be had by a client with another key, although the server gives it the id", async () => {
		const victim = await aMesh(server.url, { peerId: "key" });
		const { a, told } = await aPair({ verify: "key" }, { peerId: victim.peerId });
		await eventually(() => told.a.errors.length > 0);

		expect(a.peers).toEqual([]);
		expect(told.a.errors[0]).toBe(`UNPROVEN A signal of ${victim.peerId} was refused: verify did not let it in.`);
	});
});

describe("verify", () => {
	it("lets in the peers that the application knows by their keys, and no other", async () => {
		const room = aRoom();
		const friend = await aMesh(server.url, { room });
		const stranger = await aMesh(server.url, { room });
		await friend.join();
		await stranger.join({ links: 1 });

		const mesh = await aMesh(server.url, { room, verify: async ({ key }) => key === friend.key });
		const { errors } = heard(mesh);
		await mesh.join({ links: 1 });
		await eventually(() => errors.length > 0);

		expect(mesh.peers).toEqual([friend.peerId]);
		expect(errors).toEqual([`UNPROVEN A signal of ${stranger.peerId} was refused: verify did not let it in.`]);
	});

	it("needs WebCrypto, and the error says how a page has it", async () => {
		const faulty = aKeylessMesh({ verify: "key" });

		await expect(faulty).rejects.toMatchObject({ code: "BAD_OPTIONS", message: expect.stringContaining("https") });
	});
});
