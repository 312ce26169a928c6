import { describe, expect, it } from "vitest";
import { aSession, HOUR } from "../support/a-session.ts";

const OFFER = { type: "signal", signal: { type: "offer", sdp: "…" } } as const;
const MINUTE = 60_000;
const goAway = (reason = "the server is shutting down") => ({ type: "go_away", reason, reconnectWithin: 5_000 });

/** Lets time pass while the server answers pings, until a new socket is opened. @returns ms */
async function untilNextSocket({ timers, network }: ReturnType<typeof aSession>, limit = 3 * HOUR): Promise<number> {
	const began = timers.now();
	const known = network.sockets.length;
	while (network.sockets.length === known && timers.now() - began < limit) {
		await timers.advance(1_000);
		const socket = network.sockets[known - 1];
		if (socket?.readyState !== 1) continue;
		for (const frame of socket.sent.splice(0)) {
			if (frame.type === "ping") socket.receive({ type: "pong", timestamp: timers.now() });
		}
	}
	return timers.now() - began;
}

describe("rolling over", () => {
	it("joins on a new socket before reconnectBefore, a little earlier than asked, and lets the old one go", async () => {
		const parts = aSession();
		const { session, heard, timers, welcomedAgain } = parts;
		const old = await parts.joined({ reconnectBefore: parts.timers.now() + HOUR });

		const after = await untilNextSocket(parts);
		expect(after).toBeGreaterThan(HOUR - 5 * MINUTE);
		expect(after).toBeLessThan(HOUR);
		expect(session.state).toBe("joined");
		const { socket, join } = await welcomedAgain();
		expect(join).toMatchObject({ resumeKey: "key 1" });
		expect(heard.welcomes.map(({ resumed }) => resumed)).toEqual([false, true]);
		expect(heard.states).toEqual(["joining", "joined"]);

		old.receive(goAway("resumed on another connection"));
		old.receive({ type: "signal", from: "alice", signal: { late: true } });
		expect(heard.frames).toMatchObject([{ from: "alice", frame: { type: "signal", signal: { late: true } } }]);
		old.end(1000);
		await timers.advance(20_000);

		expect(socket.closedByClient).toBe(false);
		expect(parts.network.sockets).toHaveLength(2);
		expect(heard.errors).toEqual([]);
	});

	it("closes the old socket itself if the server does not", async () => {
		const parts = aSession();
		const old = await parts.joined();
		old.receive(goAway());
		await parts.timers.advance(2_000);
		await parts.welcomedAgain();

		await parts.timers.advance(10_000);

		expect(old.closedByClient).toBe(true);
	});

	it("continues on the old socket if the new one fails, and tries again", async () => {
		const parts = aSession();
		const { session, timers, network, heard } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);

		network.last().end();
		expect(session.state).toBe("joined");
		session.send("alice", OFFER);
		expect(old.take()).toMatchObject({ to: "alice" });
		await timers.advance(5_000);
		await parts.welcomedAgain();

		expect(heard.states).toEqual(["joining", "joined"]);
		expect(heard.welcomes.at(-1)).toMatchObject({ resumed: true });
	});

	it("holds frames while the new socket joins, and sends them on the one that wins", async () => {
		const parts = aSession();
		const { session, timers } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		session.send("alice", OFFER);
		void session.findPeers();
		expect(old.sent).toEqual([]);
		parts.welcome(socket);

		expect(socket.sent).toMatchObject([{ to: "alice" }, { type: "find_peers" }]);
		expect(old.sent).toEqual([]);
	});

	it("lets go of what it held if the new socket does not join", async () => {
		const parts = aSession();
		const { session, timers } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);
		const { socket } = await parts.reachJoin();
		session.send("alice", OFFER);
		void session.findPeers();

		socket.end();

		expect(old.sent).toMatchObject([{ to: "alice" }, { type: "find_peers" }]);
	});

	it("joins only when what was sent on the old socket has been handled", async () => {
		const parts = aSession();
		const { session, timers, network } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);
		session.send("alice", OFFER);

		const socket = network.last();
		socket.accept();
		session.send("bob", OFFER);
		await timers.advance(1_999);
		expect(socket.sent).toEqual([]);
		await timers.advance(1);
		expect(socket.take()).toMatchObject({ type: "join" });

		expect(old.sent).toMatchObject([{ to: "alice" }]);
	});

	it("says nothing of a gap if the old socket ends while the new one joins", async () => {
		const parts = aSession();
		const { session, timers, heard } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		old.receive(goAway("resumed on another connection"));
		old.end(1000);
		expect(session.state).toBe("joined");
		parts.welcome(socket);
		await timers.advance(10_000);

		expect(heard.states).toEqual(["joining", "joined"]);
		expect(heard.welcomes.at(-1)).toMatchObject({ resumed: true });
		expect(parts.network.sockets).toHaveLength(2);
	});

	it("hands on what came on the new socket even if that is never welcomed", async () => {
		const parts = aSession();
		const old = await parts.joined();
		old.receive(goAway());
		await parts.timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		socket.receive({ ...OFFER, from: "alice" });
		socket.end();

		expect(parts.heard.frames).toMatchObject([{ from: "alice", frame: OFFER }]);
	});

	it("reconnects if both sockets end", async () => {
		const parts = aSession();
		const { session, timers } = parts;
		const old = await parts.joined();
		old.receive(goAway());
		await timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		old.end(1000);
		socket.end();
		expect(session.state).toBe("reconnecting");
		await timers.advance(5_000);
		await parts.welcomedAgain();

		expect(session.state).toBe("joined");
		expect(parts.heard.welcomes.at(-1)).toMatchObject({ resumed: false });
	});

	it("takes an id that was taken while it joins for its own doing", async () => {
		const parts = aSession();
		const old = await parts.joined();
		old.receive(goAway());
		await parts.timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		old.receive({
			type: "error",
			code: "PEER_ID_TAKEN",
			message: "Another client joined with your ID.",
			retryable: false,
		});
		parts.welcome(socket);

		expect(parts.session.state).toBe("joined");
	});

	it("ends if the new join is forbidden, and says so on the old socket", async () => {
		const parts = aSession();
		const old = await parts.joined();
		old.receive(goAway());
		await parts.timers.advance(2_000);
		const { socket } = await parts.reachJoin();

		socket.receive({ type: "error", code: "FORBIDDEN", message: "No.", retryable: false, requestType: "join" });

		expect(parts.session.state).toBe("left");
		expect(old.take()).toEqual({ type: "leave" });
	});

	it("happens soon after go_away, at a moment of its own", async () => {
		const parts = aSession({}, () => 0.999);
		const old = await parts.joined();

		old.receive(goAway());

		expect(await untilNextSocket(parts)).toBeLessThanOrEqual(2_000);
	});

	it("joins again if the server no longer knows the connection, and repeats the frame", async () => {
		const parts = aSession();
		const { session, timers, heard } = parts;
		const old = await parts.joined();
		session.send("alice", OFFER);
		const { id } = old.take();

		old.receive({
			type: "error",
			code: "NOT_JOINED",
			message: "…",
			retryable: false,
			requestType: "signal",
			to: "alice",
			id,
		});
		await timers.advance(5_000);
		const { socket } = await parts.welcomedAgain();
		await timers.advance(5_000);

		expect(old.closedByClient).toBe(true);
		expect(socket.sent).toMatchObject([{ to: "alice", id }]);
		expect(heard.undelivered).toEqual([]);
	});
});

describe("a clock", () => {
	it.each([-5 * HOUR, 5 * HOUR])("that is %i ms off makes it roll over in time, and not all the time", async (skew) => {
		const parts = aSession();
		await parts.joined({ reconnectBefore: parts.timers.now() + skew + HOUR });

		const after = await untilNextSocket(parts);

		expect(after).toBeGreaterThan(HOUR);
		expect(after).toBeLessThan(2 * HOUR - 5 * MINUTE);
	});

	it("that is 115 minutes ahead does not make it roll over again and again, if the server names a duration", async () => {
		const parts = aSession();
		const times = () => ({
			reconnectBefore: parts.timers.now() - 115 * MINUTE + 117 * MINUTE,
			reconnectIn: 117 * MINUTE,
		});
		await parts.joined(times());

		for (let round = 0; round < 3; round++) {
			expect(await untilNextSocket(parts)).toBeGreaterThan(1.8 * HOUR);
			await parts.welcomedAgain(times());
		}
	});

	it("that is set back does not make it late, if the server names a duration", async () => {
		const parts = aSession();
		await parts.joined({ reconnectIn: HOUR });

		parts.timers.jump(-10 * HOUR);

		const began = parts.timers.elapsed();
		await untilNextSocket(parts, 2 * HOUR);
		expect(parts.timers.elapsed() - began).toBeLessThan(HOUR);
	});

	it("that ran on while the machine slept past reconnectBefore is noticed within half a minute", async () => {
		const parts = aSession();
		await parts.joined({ reconnectBefore: parts.timers.now() + HOUR });

		await parts.timers.advance(MINUTE);
		parts.timers.jump(3 * HOUR);

		expect(await untilNextSocket(parts, 31_000)).toBeLessThanOrEqual(30_000);
	});

	it("does not roll over more and more often if the server always asks at once", async () => {
		const parts = aSession();
		await parts.joined({ reconnectBefore: parts.timers.now() + 1 });
		let sockets = 1;

		for (const end = parts.timers.now() + 5 * MINUTE; parts.timers.now() < end; ) {
			await untilNextSocket(parts, 1_000);
			if (parts.network.sockets.length === sockets) continue;
			sockets = parts.network.sockets.length;
			await parts.welcomedAgain({ reconnectBefore: parts.timers.now() + 1 });
		}

		expect(sockets).toBeLessThan(20);
	});
});
