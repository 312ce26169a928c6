/** Two peers that only a third one joins, in Node.js: honest, or with its own fingerprint in every description that it passes on. */
import wrtc from "@roamhq/wrtc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { Mesh } from "../../../client/index.ts";
import type { Gateway } from "../../../local/gateway.ts";
import { aHexId, aRoom } from "../../support/client.ts";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh } from "../support/mesh-node.ts";

let server: Gateway;
beforeAll(async () => {
	server = await startLocalServer();
});
afterAll(() => server.close());

/** A socket to a server that knows nothing of one peer, and passes nothing on between the two. */
function without(peerId: string) {
	return class extends WebSocket {
		override emit(name: string, ...values: unknown[]): boolean {
			if (name !== "message") return super.emit(name, ...values);
			const frame = JSON.parse(String(values[0]));
			if (frame.from === peerId || frame.peerId === peerId) return true;
			if (Array.isArray(frame.peers)) frame.peers = frame.peers.filter(({ id }: { id: string }) => id !== peerId);
			return super.emit(name, Buffer.from(JSON.stringify(frame)), false);
		}
		override send(text: unknown, ...rest: unknown[]) {
			if (JSON.parse(String(text)).to !== peerId) super.send(text as string, ...(rest as []));
		}
	};
}

/** Connections of a peer that may change the bytes of every message that it sends. */
function connectionsThat(change: (bytes: Buffer) => void) {
	const tamper = (channel: RTCDataChannel) => {
		const send = channel.send.bind(channel);
		channel.send = (data: unknown) => {
			if (typeof data === "string") return send(data);
			const view = data as Uint8Array<ArrayBuffer>;
			change(Buffer.from(view.buffer, view.byteOffset, view.byteLength));
			send(view);
		};
		return channel;
	};
	return {
		RTCPeerConnection: class extends wrtc.RTCPeerConnection {
			override createDataChannel(...values: Parameters<RTCPeerConnection["createDataChannel"]>) {
				return tamper(super.createDataChannel(...values));
			}
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				this.addEventListener("datachannel", ({ channel }) => tamper(channel));
			}
		},
	};
}

/** Replaces the fingerprints in a message by another one. */
function swapFingerprints(bytes: Buffer): number {
	const marker = "fingerprint:sha-256 ";
	let swapped = 0;
	for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
		bytes.write("AB", at + marker.length);
		swapped++;
	}
	return swapped;
}

/** The two, each linked with the one in between. */
async function around(change: (bytes: Buffer) => void) {
	const room = aRoom();
	const [idA, idB] = [aHexId(), aHexId()];
	const between = await aMesh(server.url, { room, webrtc: connectionsThat(change) });
	const a = await aMesh(server.url, { room, peerId: idA, WebSocket: without(idB) });
	const b = await aMesh(server.url, { room, peerId: idB, WebSocket: without(idA) });
	const errors: string[] = [];
	for (const mesh of [a, b]) mesh.on("error", ({ code, peerId }) => errors.push(`${code} ${peerId}`));
	await between.join();
	await a.join({ links: 1 });
	await b.join({ links: 1 });
	return { a, b, errors };
}

const linkOf = (mesh: Mesh, peerId: string) => mesh.links().find((link) => link.peerId === peerId);

describe("two peers that the server does not introduce", () => {
	it("link up through an honest peer, and know that nobody vouches for the other", async () => {
		const { a, b } = await around(() => {});
		await eventually(() => a.peers.includes(b.peerId) && b.peers.includes(a.peerId));

		expect(linkOf(a, b.peerId)).toMatchObject({ key: b.key, vouched: "mesh" });
		expect(linkOf(b, a.peerId)).toMatchObject({ key: a.key, vouched: "mesh" });
	});

	it("get no link through one that puts other fingerprints into their descriptions, and are told", async () => {
		let swapped = 0;
		const { a, b, errors } = await around((bytes) => {
			swapped += swapFingerprints(bytes);
		});
		await eventually(() => errors.some((error) => error.startsWith("UNPROVEN")));

		expect(swapped).toBeGreaterThan(0);
		expect([`UNPROVEN ${a.peerId}`, `UNPROVEN ${b.peerId}`]).toContain(
			errors.find((error) => error.startsWith("UNPROVEN")),
		);
		expect(linkOf(a, b.peerId)?.state).not.toBe("open");
		// The one broken link is all the harm: each keeps its link with the peer in between.
		expect([a.peers.length, b.peers.length]).toEqual([1, 1]);
	});
});
