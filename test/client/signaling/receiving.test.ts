import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aSession } from "../support/a-session.ts";
import type { SentFrame } from "../support/fake-socket.ts";
import { seededRandom } from "../support/seeded-random.ts";

const refusal = (code: string, { id, to }: SentFrame, fields: SentFrame = {}) => ({
	type: "error",
	code,
	message: `It said ${code}.`,
	retryable: false,
	requestType: "signal",
	id,
	to,
	...fields,
});

describe("a frame of a peer", () => {
	it("is no word of the server, in any words", async () => {
		const { session, joined, heard } = aSession();
		const socket = await joined();

		socket.receive({ type: "error", code: "PEER_ID_TAKEN", from: "mallory" });
		socket.receive({ type: "go_away", from: "mallory" });

		expect(session.state).toBe("joined");
		expect(heard.frames).toHaveLength(2);
	});
});

describe("what the server says", () => {
	it("of others is passed on", async () => {
		const { joined, heard } = aSession();
		const socket = await joined();

		socket.receive({ type: "peer_joined", peerId: "alice", room: "room" });
		socket.receive({ type: "peer_left", peerId: "bob", room: "room" });

		expect(heard).toMatchObject({ joined: ["alice"], left: ["bob"] });
	});

	it("in API Gateway's words is an error that belongs to no call", async () => {
		const { session, joined, heard } = aSession();
		const socket = await joined();

		socket.receive({ message: "Internal server error", connectionId: "c", requestId: "r" });

		expect(heard.errors).toMatchObject([{ code: "GATEWAY", message: "Internal server error", retryable: true }]);
		expect(session.state).toBe("joined");
	});

	it("of a join that was sent twice does not matter once one was welcomed", async () => {
		const { session, joined, heard } = aSession();
		const socket = await joined();

		socket.receive(refusal("ALREADY_JOINED", {}, { requestType: "join" }));
		socket.receive(refusal("UNAVAILABLE", {}, { requestType: "join", retryable: true }));

		expect(session.state).toBe("joined");
		expect(heard.errors).toEqual([]);
	});

	it("may be anything, and does no harm", async () => {
		const { session, joined, timers } = aSession({}, seededRandom(3));
		const socket = await joined();
		fc.assert(
			fc.property(fc.oneof(fc.json(), fc.string(), fc.anything()), (data) => {
				socket.onmessage?.({ data });
				socket.receive({ type: "bootstrap_peers", peers: data });
				socket.receive({ type: "bootstrap_peers", resumeKey: data, reconnectBefore: data });
			}),
			{ numRuns: 300 },
		);
		await timers.advance(1_000);

		expect(session.state).toBe("joined");
	});
});

describe("a question to the server", () => {
	const answer = (peers: unknown, fields: SentFrame = {}) => ({
		type: "bootstrap_peers",
		peers,
		room: "room",
		peerId: "me",
		...fields,
	});

	it("is answered by the list for its target", async () => {
		const { session, joined } = aSession();
		const socket = await joined();
		const near = session.findPeers();
		const far = session.findPeers({ target: "ff", count: 3 });
		expect(socket.sent).toMatchObject([{ type: "find_peers" }, { type: "find_peers", target: "ff", count: 3 }]);

		socket.receive(answer([{ id: "far", lastSeen: 2 }], { target: "ff" }));
		socket.receive(answer([{ id: "near", lastSeen: 1 }, { id: 3 }, null]));

		expect(await near).toEqual([{ id: "near", lastSeen: 1 }]);
		expect(await far).toEqual([{ id: "far", lastSeen: 2 }]);
	});

	it("is asked again after a passing refusal", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();
		const found = session.findPeers();

		socket.receive(
			refusal("RATE_LIMITED", socket.take(), { requestType: "find_peers", retryable: true, retryAfter: 900 }),
		);
		await timers.advance(899);
		expect(socket.sent).toEqual([]);
		await timers.advance(251);
		expect(socket.take()).toMatchObject({ type: "find_peers" });
		socket.receive(answer([]));

		expect(await found).toEqual([]);
	});

	it("is rejected if it is refused for good", async () => {
		const { session, joined, heard } = aSession();
		const socket = await joined();
		const found = session.findPeers({ count: 99 });

		socket.receive(refusal("BAD_REQUEST", socket.take(), { requestType: "find_peers" }));

		await expect(found).rejects.toMatchObject({ code: "BAD_REQUEST" });
		expect(heard.errors).toEqual([]);
	});

	it("is rejected if no answer comes within 15 s", async () => {
		const { session, joined, timers } = aSession();
		await joined();
		const found = session.findPeers().catch((error: unknown) => error);

		await timers.advance(15_000);

		expect(await found).toMatchObject({ code: "TIMEOUT", retryable: true });
	});

	it("is not answered by a second welcome, whose key counts", async () => {
		const { session, joined, timers, nextSocket, reachJoin } = aSession();
		const socket = await joined();
		const found = session.findPeers();

		socket.receive(answer([{ id: "x", lastSeen: 1 }], { resumeKey: "newer key" }));
		socket.receive(answer([]));
		expect(await found).toEqual([]);
		socket.end();
		await nextSocket();

		expect((await reachJoin()).join).toMatchObject({ resumeKey: "newer key" });
		await timers.settle();
	});
});
