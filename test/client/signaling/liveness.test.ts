import { describe, expect, it } from "vitest";
import { aSession, HOUR } from "../support/a-session.ts";

const OFFER = { type: "signal", signal: { type: "offer", sdp: "…" } } as const;
const MINUTE = 60_000;
const PING = { type: "ping" };

describe("keeping alive", () => {
	it("pings after 4 minutes in which nothing was sent or received", async () => {
		const { joined, timers } = aSession();
		const socket = await joined();

		await timers.advance(4 * MINUTE - 1);
		expect(socket.sent).toEqual([]);
		await timers.advance(1);

		expect(socket.sent).toEqual([PING]);
	});

	it.each([30_000, 3_000])("pings after %i ms if that was asked for", async (heartbeatInterval) => {
		const { joined, timers } = aSession({ heartbeatInterval });
		const socket = await joined();

		for (let pings = 0; pings < 3; pings++) {
			await timers.advance(heartbeatInterval);
			expect(socket.take()).toEqual(PING);
			socket.receive({ type: "pong", timestamp: timers.now() });
		}
		expect(socket.sent).toEqual([]);
	});

	it("does not ping while frames come or go", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();

		await timers.advance(3 * MINUTE);
		socket.receive({ type: "peer_left", peerId: "alice", room: "room" });
		await timers.advance(3 * MINUTE);
		session.send("alice", OFFER);
		expect(socket.take()).toMatchObject({ to: "alice" });
		socket.receive({ type: "error", code: "PEER_NOT_FOUND", message: "…", retryable: false, to: "alice" });
		await timers.advance(3 * MINUTE);

		expect(socket.sent).toEqual([]);
	});

	it.each([
		["a pong", { type: "pong", timestamp: 1 }],
		["a pong that is not JSON", '{"type":"pong","timestamp":$context.requestTimeEpoch}'],
		["any other frame", { type: "peer_left", peerId: "alice", room: "room" }],
	])("takes %s for a sign of life", async (_what, frame) => {
		const { session, joined, timers, network } = aSession();
		const socket = await joined();
		await timers.advance(4 * MINUTE);

		await timers.advance(9_999);
		socket.receive(frame);
		await timers.advance(MINUTE);

		expect(session.state).toBe("joined");
		expect(network.sockets).toHaveLength(1);
	});

	it("takes the socket for dead if no answer comes within 10 s, and reconnects", async () => {
		const { session, joined, timers, heard, nextSocket, welcomedAgain } = aSession();
		const socket = await joined();

		await timers.advance(4 * MINUTE + 10_000);
		expect(session.state).toBe("reconnecting");
		expect(heard.errors).toMatchObject([{ code: "TIMEOUT", retryable: true }]);
		expect(socket.closedByClient).toBe(true);
		await nextSocket();
		const { join } = await welcomedAgain();

		expect(join).toMatchObject({ resumeKey: "key 1" });
		// What the dead socket still says does not matter.
		socket.end();
		expect(session.state).toBe("joined");
	});

	it("asks earlier if frames were sent and nothing has come since", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);
		socket.take();

		await timers.advance(10_000);
		session.send("alice", OFFER);
		socket.take();
		await timers.advance(9_999);
		expect(socket.sent).toEqual([]);
		await timers.advance(1);

		expect(socket.sent).toEqual([PING]);
	});

	it("asks at once when the network is back or the page is looked at, and not twice", async () => {
		const { joined, timers, wake, session } = aSession();
		const socket = await joined();

		wake();
		wake();
		expect(socket.sent).toEqual([PING]);
		await timers.advance(10_000);

		expect(session.state).toBe("reconnecting");
	});

	it("asks at once after a sleep", async () => {
		const { joined, timers, session } = aSession();
		const socket = await joined({ reconnectBefore: undefined });

		await timers.advance(MINUTE);
		timers.jump(HOUR);
		await timers.advance(30_000);
		expect(socket.sent).toEqual([PING]);
		await timers.advance(10_000);

		expect(session.state).toBe("reconnecting");
	});

	it("finds a dead socket even if every timer is late, as in a hidden tab", async () => {
		const { joined, timers, session, wake } = aSession();
		await joined({ reconnectBefore: undefined });
		wake();

		for (let times = 0; times < 2; times++) {
			timers.jump(50_000);
			await timers.advance(10_000);
		}

		expect(session.state).toBe("reconnecting");
	});

	it("keeps its interval when the clock is set back", async () => {
		const { joined, timers } = aSession();
		const socket = await joined({ reconnectBefore: undefined });
		await timers.advance(MINUTE);

		timers.jump(-24 * HOUR);
		await timers.advance(3 * MINUTE - 1_000);
		expect(socket.sent).toEqual([]);
		await timers.advance(1_000);
		expect(socket.take()).toEqual(PING);
		socket.receive({ type: "pong", timestamp: timers.now() });
		await timers.advance(4 * MINUTE + 1);

		expect(socket.sent).toEqual([PING]);
	});
});
