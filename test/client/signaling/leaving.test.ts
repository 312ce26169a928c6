import { describe, expect, it } from "vitest";
import { aSession } from "../support/a-session.ts";
import type { FakeSocket } from "../support/fake-socket.ts";

const OFFER = { type: "signal", signal: { type: "offer", sdp: "…" } } as const;

describe("leaving", () => {
	it("tells the server, and resolves once the server has closed the socket", async () => {
		const { session, timers, heard, joined, listens } = aSession();
		const socket = await joined();
		expect(listens()).toBe(true);
		let done = false;

		const leaving = session.leave().then(() => {
			done = true;
		});
		expect(session.state).toBe("left");
		expect(socket.take()).toEqual({ type: "leave" });
		await timers.settle();
		expect(done).toBe(false);
		socket.end(1000);
		await leaving;

		expect(heard.errors).toEqual([]);
		expect(listens()).toBe(false);
		expect(timers.pending()).toBe(0);
	});

	it("does not wait longer than 2 s", async () => {
		const { session, timers, joined } = aSession();
		const socket = await joined();

		const leaving = session.leave();
		await timers.advance(2_000);
		await leaving;

		expect(socket.closedByClient).toBe(true);
		expect(timers.pending()).toBe(0);
	});

	it.each<[string, (parts: ReturnType<typeof aSession>) => Promise<FakeSocket | undefined>]>([
		["before it has joined", async () => undefined],
		[
			"while the token is awaited",
			async ({ session }) => {
				session.join().catch(() => {});
				return undefined;
			},
		],
		[
			"while the socket opens",
			async ({ session, timers, network }) => {
				session.join().catch(() => {});
				await timers.settle();
				return network.last();
			},
		],
		[
			"while it waits to reconnect",
			async ({ joined }) => {
				const socket = await joined();
				socket.end();
				return socket;
			},
		],
	])("%s ends at once", async (_when, reach) => {
		const parts = aSession();
		const socket = await reach(parts);

		await parts.session.leave();
		await parts.timers.advance(60_000);

		expect(parts.session.state).toBe("left");
		expect(socket?.sent ?? []).toEqual([]);
		expect(parts.network.sockets.every(({ readyState }) => readyState >= 2)).toBe(true);
		expect(parts.timers.pending()).toBe(0);
		await expect(parts.session.findPeers()).rejects.toMatchObject({ code: "CLOSED" });
	});

	it("rejects a join that is under way, and takes it back", async () => {
		const { session, timers, reachJoin } = aSession();
		const joining = session.join();
		const { socket } = await reachJoin();

		const leaving = session.leave();
		expect(socket.take()).toEqual({ type: "leave" });
		socket.end(1000);
		await leaving;

		await expect(joining).rejects.toMatchObject({ code: "CLOSED" });
		expect(timers.pending()).toBe(0);
	});

	it("tells the server on both connections while it rolls over", async () => {
		const { session, joined, timers, reachJoin } = aSession();
		const old = await joined();
		old.receive({ type: "go_away", reason: "bye", reconnectWithin: 5_000 });
		await timers.advance(2_000);
		const next = await reachJoin();

		void session.leave();

		expect(old.take()).toEqual({ type: "leave" });
		expect(next.socket.take()).toEqual({ type: "leave" });
	});

	it("reports what was waiting, and what is sent afterwards", async () => {
		const { session, timers, heard, joined } = aSession();
		(await joined()).end();
		session.send("alice", OFFER);
		session.send("bob", { type: "signal", signal: { candidate: {} } });

		await session.leave();
		session.send("carol", OFFER);
		await timers.settle();

		expect(heard.undelivered).toEqual([
			{ to: "alice", code: "CLOSED" },
			{ to: "bob", code: "CLOSED" },
			{ to: "carol", code: "CLOSED" },
		]);
		expect(timers.pending()).toBe(0);
	});

	it("rejects the questions that wait", async () => {
		const { session, joined } = aSession();
		await joined();
		const found = session.findPeers();

		void session.leave();

		await expect(found).rejects.toMatchObject({ code: "CLOSED" });
	});

	it("twice is once", async () => {
		const { session, joined } = aSession();
		const socket = await joined();

		const first = session.leave();
		const second = session.leave();
		socket.end(1000);
		await Promise.all([first, second]);

		expect(socket.sent).toHaveLength(1);
	});

	it("closes without waiting for the server, if it is told to", async () => {
		const { session, timers, joined } = aSession();
		const socket = await joined();
		session.close();
		expect(socket.take()).toEqual({ type: "leave" });
		expect([session.state, socket.closedByClient, timers.pending()]).toEqual(["left", true, 0]);
	});
});

describe("joining again", () => {
	it("works after leaving, once the server has closed the older socket", async () => {
		const parts = aSession();
		const { session, network, heard } = parts;
		const old = await parts.joined();
		void session.leave();

		const joining = session.join();
		expect(session.state).toBe("joining");
		await parts.timers.settle();
		expect(network.sockets).toHaveLength(1);
		old.end(1000);
		const { join } = await parts.welcomedAgain();
		await joining;

		expect(join).toMatchObject({ type: "join", resumeKey: "key 1" });
		expect(heard.states).toEqual(["joining", "joined", "left", "joining", "joined"]);
		expect(heard.welcomes.at(-1)).toMatchObject({ resumed: false });
	});

	it("works while the first join is under way, as under React's StrictMode", async () => {
		const parts = aSession();
		const { session, timers, network } = parts;
		const first = session.join().catch(({ code }) => code);
		void session.leave();
		const joining = session.join();
		expect(session.join()).toBe(joining);

		await parts.welcomedAgain();
		await joining;
		expect(await first).toBe("CLOSED");
		expect(network.sockets).toHaveLength(1);
		void session.leave();
		network.last().end(1000);
		await timers.settle();
		expect(timers.pending()).toBe(0);
	});

	it("works after the server has refused", async () => {
		const parts = aSession();
		const joining = parts.session.join().catch(({ code }) => code);
		const { socket } = await parts.reachJoin();
		socket.receive({ type: "error", code: "FORBIDDEN", message: "No.", retryable: false, requestType: "join" });
		expect(await joining).toBe("FORBIDDEN");
		socket.end(1000);

		const again = parts.session.join();
		await parts.welcomedAgain();
		await again;
		expect(parts.session.state).toBe("joined");
	});
});
