import { describe, expect, it } from "vitest";
import { aSession } from "../support/a-session.ts";

const OFFER = { type: "signal", signal: { type: "offer", sdp: "…" } } as const;

describe("after a loss", () => {
	it("joins again with the key of the last welcome", async () => {
		const { session, timers, heard, joined, welcomedAgain } = aSession();
		const socket = await joined();

		socket.end(1006);
		expect(session.state).toBe("reconnecting");
		await timers.advance(500);
		const { join } = await welcomedAgain();

		expect(join).toEqual({ type: "join", peerId: "me", room: "room", anyId: true, resumeKey: "key 1" });
		expect(session.state).toBe("joined");
		expect(heard.states).toEqual(["joining", "joined", "reconnecting", "joined"]);
		// The server may have noticed, and told others.
		expect(heard.welcomes.map(({ resumed }) => resumed)).toEqual([false, false]);
		expect(heard.errors).toMatchObject([{ code: "CLOSED", retryable: true }]);
	});

	it("waits any time up to 500 ms, doubled with every failure up to 30 s", async () => {
		const { session, network, joined, nextSocket } = aSession({}, () => 0.999);
		(await joined()).end();
		const waited: number[] = [];

		while (waited.length < 10) {
			waited.push(await nextSocket());
			network.last().end();
		}

		// The connection had not lasted, which counts as the first failure.
		expect(waited.map((ms) => Math.round(ms / 500) * 500)).toEqual([
			1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
		]);
		expect(session.state).toBe("reconnecting");
	});

	it("forgets its failures once a connection has lasted", async () => {
		const { timers, network, joined, welcomedAgain } = aSession({}, () => 0.999);
		(await joined()).end();
		for (let failures = 0; failures < 5; failures++) {
			await timers.advance(20_000);
			network.last().end();
		}
		await timers.advance(30_000);
		const { socket } = await welcomedAgain();
		await timers.advance(60_000);

		socket.end();
		const known = network.sockets.length;
		await timers.advance(500);

		expect(network.sockets).toHaveLength(known + 1);
	});

	it("does not hammer a server that welcomes and hangs up", async () => {
		const { timers, network, joined, welcomedAgain } = aSession({}, () => 0.999);
		(await joined()).end();

		for (let seconds = 0; seconds < 60; seconds++) {
			await timers.advance(1_000);
			if (network.last().readyState === 0) (await welcomedAgain()).socket.end();
		}

		expect(network.sockets.length).toBeLessThan(9);
	});

	it("does not wait any longer when the network is back or the page is looked at", async () => {
		const { timers, network, joined, wake } = aSession();
		(await joined()).end();

		wake();
		await timers.settle();

		expect(network.sockets).toHaveLength(2);
		wake();
		await timers.settle();
		expect(network.sockets).toHaveLength(2);
	});

	it("keeps frames that are sent meanwhile, and sends them in their order", async () => {
		const { session, timers, joined, welcomedAgain } = aSession();
		(await joined()).end();

		session.send("alice", OFFER);
		session.send("bob", OFFER);
		await timers.advance(500);
		const { socket } = await welcomedAgain();

		expect(socket.sent).toMatchObject([{ to: "alice" }, { to: "bob" }]);
	});

	it("sends again what was sent since the server was last heard, under the same id", async () => {
		const { session, timers, joined, welcomedAgain } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);
		await timers.advance(5_000);
		socket.receive({ type: "peer_joined", peerId: "bob", room: "room" });
		await timers.advance(5_000);
		session.send("bob", OFFER);
		const [, second] = socket.sent;

		socket.end();
		await timers.advance(1_000);
		const again = await welcomedAgain();

		expect(again.socket.sent).toEqual([second]);
	});

	it("asks again what was not answered", async () => {
		const { session, timers, joined, welcomedAgain } = aSession();
		const socket = await joined();
		const found = session.findPeers({ count: 2 });
		expect(socket.take()).toMatchObject({ type: "find_peers", count: 2 });
		await timers.advance(5_000);
		socket.receive({ type: "peer_joined", peerId: "bob", room: "room" });

		socket.end();
		await timers.advance(1_000);
		const again = await welcomedAgain();
		expect(again.socket.take()).toMatchObject({ type: "find_peers", count: 2 });
		again.socket.receive({
			type: "bootstrap_peers",
			room: "room",
			peerId: "me",
			peers: [{ id: "alice", lastSeen: 1 }],
		});

		expect(await found).toEqual([{ id: "alice", lastSeen: 1 }]);
	});
});

describe("an id that is taken", () => {
	const taken = {
		type: "error",
		code: "PEER_ID_TAKEN",
		message: "Another client joined with your ID.",
		retryable: false,
	};

	it("ends the session: it does not fight for it", async () => {
		const { session, timers, network, heard, joined } = aSession();
		const socket = await joined();

		socket.receive(taken);
		socket.end(1000);
		await timers.advance(60_000);

		expect(session.state).toBe("left");
		expect(heard.errors).toMatchObject([{ code: "PEER_ID_TAKEN", retryable: false }]);
		expect(network.sockets).toHaveLength(1);
	});

	it("may be our own, if a join was lost: it is tried again until the server finds that out", async () => {
		const { session, timers, heard, joined, reachJoin, welcomedAgain, nextSocket } = aSession();
		(await joined()).end();
		await nextSocket();
		const lost = await reachJoin();
		lost.socket.end(); // the server may have welcomed it with a key that never came

		for (const began = timers.now(); timers.now() - began < 600_000; ) {
			await nextSocket();
			(await reachJoin()).socket.receive({ ...taken, requestType: "join" });
			expect(session.state).toBe("reconnecting");
		}
		await nextSocket();
		await welcomedAgain();

		expect(session.state).toBe("joined");
		expect(heard.errors.at(-1)).toMatchObject({ code: "PEER_ID_TAKEN" });
	});

	it("is another client's if no join was lost since the last welcome", async () => {
		const { session, joined, reachJoin, nextSocket, welcomedAgain } = aSession();
		(await joined()).end();
		await nextSocket();
		(await reachJoin()).socket.end();
		await nextSocket();
		(await welcomedAgain()).socket.end();
		await nextSocket();

		(await reachJoin()).socket.receive({ ...taken, requestType: "join" });

		expect(session.state).toBe("left");
	});

	it("is another client's once the server would have found out", async () => {
		const { session, timers, joined, reachJoin, nextSocket } = aSession();
		(await joined()).end();
		await nextSocket();
		(await reachJoin()).socket.end();
		const began = timers.now();

		while (session.state !== "left") {
			await nextSocket();
			(await reachJoin()).socket.receive({ ...taken, requestType: "join" });
		}

		expect(timers.now() - began).toBeGreaterThan(600_000);
	});
});
