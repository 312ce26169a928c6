/** Clients that fall silent, and clients that do not read: the cost is theirs alone. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { GatewayOptions } from "../../local/gateway.ts";
import { aRoom, connect, type TestClient } from "../support/client.ts";
import { AMPLE_RATES, someLog } from "../support/defaults.ts";
import { holdTime } from "../support/held-time.ts";
import { startLocalServer } from "../support/local-server.ts";
import { connectRaw } from "../support/raw-client.ts";

/** The local server, a new room, and two peers in it: alice, an ordinary client, and a raw client. */
async function aRoomWithARawClient(options: Partial<GatewayOptions>) {
	const log = someLog();
	const gateway = await startLocalServer(AMPLE_RATES, { log, ...options });
	onTestFinished(() => gateway.close());
	const room = aRoom();
	const alice = await connect(gateway.url);
	await alice.join("alice", { room });

	const raw = await connectRaw(gateway.url);
	raw.send(JSON.stringify({ type: "join", peerId: "raw", room }));
	expect(await alice.next()).toEqual({ type: "peer_joined", peerId: "raw", room, at: expect.any(Number) });
	return { gateway, log, room, alice, raw };
}

/** Resolves once the server has handled all that this client, and every client before it, has sent. */
async function roundTrip(client: TestClient): Promise<void> {
	client.send({ type: "ping" });
	await client.nextOf("pong");
}

describe("a client that no longer answers", () => {
	it("is found by pings, and those near it are told", async () => {
		const time = holdTime();
		const { gateway, room, alice, raw } = await aRoomWithARawClient({ heartbeatMs: 200 });
		const lively = await connect(gateway.url);

		const pinged = alice.pinged();
		await time.forward(200);
		await pinged;
		await roundTrip(lively);
		await time.forward(200);
		await raw.ended();

		expect(await alice.next()).toEqual({ type: "peer_left", peerId: "raw", room, at: expect.any(Number) });
		expect(gateway.connectionCount()).toBe(2);
	});

	it("is left alone while it sends", async () => {
		const time = holdTime();
		const { gateway, alice, raw } = await aRoomWithARawClient({ heartbeatMs: 200 });
		const other = await connectRaw(gateway.url);

		for (let passed = 0; passed < 600; passed += 100) {
			raw.send('{"type":"signal","to":"alice"}');
			await alice.nextOf("signal");
			await roundTrip(alice);
			await time.forward(100);
		}
		await other.ended();

		alice.send({ type: "signal", to: "raw" });
		expect(await alice.unread()).toEqual([]);
	});

	it("does not keep its connection by not answering that it is closed", async () => {
		const time = holdTime();
		const { gateway, room, alice } = await aRoomWithARawClient({ maxIdleMs: 100, heartbeatMs: 300 });

		while (gateway.connectionCount() > 1) {
			await roundTrip(alice);
			await time.forward(50);
		}

		expect(await alice.nextOf("peer_left")).toEqual({ type: "peer_left", peerId: "raw", room, at: expect.any(Number) });
	});
});

describe("a client that does not read", () => {
	const LIMITS = { maxBufferedBytes: 100_000 };
	const text = "x".repeat(30_000);

	it("is cut off once too much is waiting for it, which costs nobody else anything", async () => {
		const { gateway, log, room, alice } = await aRoomWithARawClient(LIMITS);
		const bob = await connect(gateway.url);
		await bob.join("bob", { room });

		const arrived = [];
		let error: unknown;
		for (let n = 0; error === undefined; n++) {
			alice.send({ type: "signal", to: "raw", text });
			alice.send({ type: "signal", to: "bob", n });
			arrived.push((await bob.nextOf("signal")).n);
			error = (await alice.unread()).find((frame) => frame.type === "error");
		}

		expect(error).toMatchObject({ code: "PEER_NOT_FOUND", to: "raw" });
		expect(arrived).toEqual(arrived.map((_, n) => n));
		expect(gateway.connectionCount()).toBe(2);
		expect(log.lines.filter(({ event }) => event === "slow_reader_cut_off")).toHaveLength(1);
	});

	it("is cut off where it asks for all of it itself", async () => {
		const { gateway, alice, raw } = await aRoomWithARawClient(LIMITS);
		const pings = Array.from({ length: 1_000 }, () => '{"type":"ping"}');

		while (gateway.connectionCount() === 2) {
			raw.send(...pings);
			await new Promise((resolve) => setImmediate(resolve));
		}

		expect(await alice.nextOf("peer_left")).toMatchObject({ peerId: "raw" });
	});
});
