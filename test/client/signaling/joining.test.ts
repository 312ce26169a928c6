import { describe, expect, it, vi } from "vitest";
import { aSession } from "../support/a-session.ts";

const refusal = (code: string, fields: Record<string, unknown> = {}) => ({
	type: "error",
	code,
	message: `It said ${code}.`,
	retryable: false,
	requestType: "join",
	...fields,
});

describe("joining", () => {
	it("sends one join as soon as the socket is open, and resolves with the welcome", async () => {
		const { session, network, heard, reachJoin, welcome } = aSession({ token: "secret" });

		const joining = session.join();
		const { socket, join } = await reachJoin();
		expect(join).toEqual({ type: "join", peerId: "me", room: "room", anyId: true, token: "secret" });
		expect(session.state).toBe("joining");
		welcome(socket, { peers: [{ id: "alice", lastSeen: 1 }], iceServers: [{ urls: "stun:a" }] });
		await joining;

		expect(session.state).toBe("joined");
		expect(heard.states).toEqual(["joining", "joined"]);
		expect(heard.welcomes).toEqual([
			{
				welcome: {
					peers: [{ id: "alice", lastSeen: 1 }],
					iceServers: [{ urls: "stun:a" }],
				},
				resumed: false,
			},
		]);
		expect(network.sockets).toHaveLength(1);
	});

	it("waits with the join for the hash of the key, which may take as long as the socket", async () => {
		let tell: (own: { key: string }) => void = () => {};
		const identity = new Promise<{ key: string }>((resolve) => {
			tell = resolve;
		});
		const { session, network, timers } = aSession({ identity });
		void session.join();
		await timers.settle();
		network.last().accept();
		await timers.settle();
		expect(network.last().sent).toEqual([]);

		tell({ key: "the hash" });
		await timers.settle();

		expect(network.last().sent).toMatchObject([{ type: "join", peerId: "me", identity: "the hash" }]);
	});

	it("does without the hash of a key if its part does not load", async () => {
		const identity = Promise.reject(new Error("not loaded"));
		identity.catch(() => {});
		const { session, reachJoin } = aSession({ identity });
		void session.join();

		expect((await reachJoin()).join).toEqual({ type: "join", peerId: "me", room: "room", anyId: true });
	});

	it("is not sent on a socket that was closed in this time", async () => {
		let tell: (own: { key: string }) => void = () => {};
		const { session, network, timers } = aSession({ identity: new Promise((resolve) => (tell = resolve)) });
		void session.join();
		await timers.settle();
		network.last().accept();
		await session.leave();

		tell({ key: "the hash" });
		await timers.settle();

		expect(network.last().sent).toEqual([]);
	});

	it("is one join however often it is asked for", async () => {
		const { session, network, joined } = aSession();

		const first = session.join();
		await joined();

		expect(session.join()).toBe(first);
		expect(network.sockets).toHaveLength(1);
	});

	it("hands on what overtook the welcome, after the welcome", async () => {
		const { session, heard, reachJoin, welcome } = aSession();
		void session.join();
		const { socket } = await reachJoin();

		socket.receive({ type: "peer_joined", peerId: "alice", room: "room" });
		socket.receive({ type: "signal", from: "alice", to: "me", signal: { type: "offer", sdp: "…" } });
		expect(heard).toMatchObject({ joined: [], frames: [] });
		welcome(socket);

		expect(heard.joined).toEqual(["alice"]);
		expect(heard.frames).toMatchObject([
			{ from: "alice", frame: { type: "signal", signal: { type: "offer", sdp: "…" } } },
		]);
	});

	it.each(["UNAUTHORIZED", "FORBIDDEN", "PEER_ID_TAKEN", "BAD_REQUEST", "INTERNAL"])(
		"ends if the server says %s",
		async (code) => {
			const { session, network, timers, heard, reachJoin } = aSession();
			const joining = session.join();
			const { socket } = await reachJoin();

			socket.receive(refusal(code));

			await expect(joining).rejects.toMatchObject({ code, message: `It said ${code}.` });
			expect(heard.states).toEqual(["joining", "left"]);
			expect(heard.errors).toMatchObject([{ code }]);
			await timers.advance(3_600_000);
			expect(network.sockets).toHaveLength(1);
			expect(timers.pending()).toBe(0);
		},
	);

	it("repeats the join on the same socket after a passing refusal, as long after as the server wants", async () => {
		const { session, timers, network, reachJoin, welcome } = aSession({}, () => 0);
		const joining = session.join();
		const { socket } = await reachJoin();

		socket.receive(refusal("RATE_LIMITED", { retryable: true, retryAfter: 3_000 }));
		await timers.advance(2_999);
		expect(socket.sent).toEqual([]);
		await timers.advance(1);
		expect(socket.take()).toMatchObject({ type: "join" });
		welcome(socket);

		await joining;
		expect(network.sockets).toHaveLength(1);
	});

	it("takes API Gateway's own words for a passing refusal of the join", async () => {
		const { session, timers, reachJoin, welcome } = aSession();
		const joining = session.join();
		const { socket } = await reachJoin();

		socket.receive({ message: "Internal server error", connectionId: "c", requestId: "r" });
		await timers.advance(1_000);
		expect(socket.take()).toMatchObject({ type: "join" });
		welcome(socket);

		await joining;
	});

	it("tries another socket if one refuses again and again", async () => {
		const { session, timers, network, reachJoin } = aSession();
		session.join().catch(() => {});
		const { socket } = await reachJoin();

		for (let joins = 1; joins < 4; joins++) {
			socket.receive(refusal("UNAVAILABLE", { retryable: true }));
			await timers.advance(4_000);
			expect(socket.take()).toMatchObject({ type: "join" });
		}
		socket.receive(refusal("UNAVAILABLE", { retryable: true }));
		await timers.advance(8_000);

		expect(socket.closedByClient).toBe(true);
		expect(network.sockets).toHaveLength(2);
	});

	it("takes a socket that does not open within 15 s for lost", async () => {
		const { session, timers, network, heard } = aSession();
		session.join().catch(() => {});

		await timers.advance(15_000);

		expect(heard.errors).toMatchObject([{ code: "TIMEOUT", retryable: true }]);
		expect(network.last().closedByClient).toBe(true);
		await timers.advance(500);
		expect(network.sockets).toHaveLength(2);
	});

	it("takes a join that is not answered within 15 s for lost", async () => {
		const { session, timers, network, heard, reachJoin } = aSession();
		session.join().catch(() => {});
		await reachJoin();

		await timers.advance(15_000);

		expect(heard.errors).toMatchObject([{ code: "TIMEOUT", retryable: true }]);
		await timers.advance(500);
		expect(network.sockets).toHaveLength(2);
	});

	it("gives up after half a minute in vain, and says why", async () => {
		const { session, timers, network, heard } = aSession();
		const outcome = session.join().catch((error: unknown) => error);

		for (let seconds = 0; seconds < 30; seconds++) {
			await timers.settle();
			if (network.last().readyState === 0) network.last().end();
			await timers.advance(1_000);
		}

		expect(await outcome).toMatchObject({
			code: "TIMEOUT",
			cause: { code: "CLOSED", message: expect.stringContaining("No connection to ws://server") },
		});
		expect(session.state).toBe("left");
		expect(heard.errors.slice(0, -1).every(({ code, retryable }) => code === "CLOSED" && retryable)).toBe(true);
		expect(timers.pending()).toBe(0);
	});

	it("keeps a URL's query out of what it says", async () => {
		const { session, timers, network, heard } = aSession({ url: "ws://server/prod?token=secret" });
		session.join().catch(() => {});
		await timers.settle();

		network.last().end();

		expect(heard.errors[0]?.message).toContain("ws://server/prod");
		expect(heard.errors[0]?.message).not.toContain("secret");
	});

	it("shows a log every frame, without the token and the key", async () => {
		const { heard, joined } = aSession({ token: "secret" });

		await joined();

		expect(heard.traffic).toMatchObject([
			{ direction: "out", frame: { type: "join", peerId: "me" } },
			{ direction: "in", frame: { type: "bootstrap_peers" } },
		]);
		expect(JSON.stringify(heard.traffic)).not.toMatch(/secret|key 1/);
	});
});

describe("the token", () => {
	it("is asked for again with every connection", async () => {
		let count = 0;
		const { joined, timers, welcomedAgain } = aSession({ token: async () => `token ${++count}` });
		const socket = await joined();

		socket.end();
		await timers.advance(500);
		const { join } = await welcomedAgain();

		expect(join).toMatchObject({ token: "token 2" });
	});

	it("goes with the connection instead if that is asked for, again with each", async () => {
		let count = 0;
		const parts = aSession({ token: () => `token.${++count}`, tokenAt: "connect" });
		const socket = await parts.joined();
		expect(socket.protocols).toEqual(["p2pmesh", "token.token.1"]);

		socket.end();
		await parts.timers.advance(500);
		const again = await parts.welcomedAgain();

		expect(again.socket.protocols).toEqual(["p2pmesh", "token.token.2"]);
		expect(again.join).toEqual({ type: "join", peerId: "me", room: "room", anyId: true, resumeKey: "key 1" });
		expect(JSON.stringify(parts.heard.traffic)).not.toContain("token");
	});

	it("that is not there is not sent with the connection", async () => {
		const { joined } = aSession({ tokenAt: "connect" });

		expect((await joined()).protocols).toEqual([]);
	});

	it("ends the first join if it cannot be had, with the reason", async () => {
		const reason = new Error("Not signed in.");
		const { session, network } = aSession({ token: () => Promise.reject(reason) });

		await expect(session.join()).rejects.toMatchObject({ code: "UNAUTHORIZED", cause: reason });

		expect(session.state).toBe("left");
		expect(network.sockets).toEqual([]);
	});

	it("ends the first join if the server refuses it", async () => {
		const { session, reachJoin } = aSession({ token: () => "wrong" });
		const joining = session.join();

		(await reachJoin()).socket.receive(refusal("UNAUTHORIZED"));

		await expect(joining).rejects.toMatchObject({ code: "UNAUTHORIZED" });
	});

	it("has to be a string", async () => {
		const { session } = aSession({ token: (() => undefined) as unknown as () => string });

		await expect(session.join()).rejects.toMatchObject({ code: "UNAUTHORIZED", cause: expect.any(TypeError) });
	});

	it("is asked for again after a reconnect for which it could not be had", async () => {
		const token = vi
			.fn(async () => "fine")
			.mockResolvedValueOnce("fine")
			.mockRejectedValueOnce(new Error("Offline."));
		const { session, joined, timers, heard, welcomedAgain } = aSession({ token });
		const socket = await joined();

		socket.end();
		await timers.advance(2_000);
		expect(heard.errors).toMatchObject([{ code: "CLOSED" }, { code: "UNAUTHORIZED", retryable: true }]);
		await welcomedAgain();

		expect(session.state).toBe("joined");
		expect(token).toHaveBeenCalledTimes(3);
	});

	it("may take half a minute", async () => {
		const token = vi
			.fn(async () => "fine")
			.mockResolvedValueOnce("fine")
			.mockReturnValueOnce(new Promise(() => {}));
		const { joined, timers, heard, welcomedAgain } = aSession({ token });
		const socket = await joined();

		socket.end();
		await timers.advance(31_500);
		expect(heard.errors.at(-1)).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("token") });
		await welcomedAgain();
	});

	it("that is refused on a reconnect is asked for once more", async () => {
		const { session, joined, timers, reachJoin, network } = aSession({ token: () => "stale" });
		const socket = await joined();
		socket.end();
		await timers.advance(1_000);

		(await reachJoin()).socket.receive(refusal("UNAUTHORIZED"));
		await timers.advance(2_000);
		expect(network.sockets).toHaveLength(3);
		(await reachJoin()).socket.receive(refusal("UNAUTHORIZED"));

		expect(session.state).toBe("left");
	});

	it("that has expired is replaced by a fresh one, and what was refused with it is sent again", async () => {
		const { session, joined, timers, welcomedAgain, heard } = aSession({ token: () => "fresh" });
		const socket = await joined();
		session.send("alice", { type: "signal", signal: { type: "offer" } });
		const { id } = socket.take();

		socket.receive(refusal("UNAUTHORIZED", { requestType: "signal", to: "alice", id }));
		socket.end(1000);
		await timers.advance(1_000);
		const again = await welcomedAgain();
		await timers.advance(1_000);

		expect(again.join).toMatchObject({ resumeKey: "key 1", token: "fresh" });
		expect(again.socket.take()).toMatchObject({ to: "alice", id });
		expect(heard.undelivered).toEqual([]);
	});

	it("that has expired ends the session if it is a string", async () => {
		const { session, joined, heard } = aSession({ token: "stale" });
		const socket = await joined();

		socket.receive(refusal("UNAUTHORIZED", { requestType: "find_peers" }));

		expect(session.state).toBe("left");
		expect(heard.errors).toMatchObject([{ code: "UNAUTHORIZED" }]);
	});
});
