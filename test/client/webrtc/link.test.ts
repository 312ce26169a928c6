import { describe, expect, it } from "vitest";
import {
	ATTEMPT_TIMEOUT_MS,
	CHANNEL_DEAD_MS,
	CHUNK_BYTES,
	DISCONNECTED_MS,
	DOUBT_POLL_MS,
	LINK_TRIES,
	MAX_CHUNK_BYTES,
	PROBE_MS,
	REPEAT_MS,
	RESTART_MS,
	RETRY_BASE_MS,
	UNHEARD_MS,
} from "../../../client/limits.ts";
import type { LinkFailure } from "../../../client/webrtc/failure.ts";
import { textOf } from "../../../client/webrtc/failure-texts.ts";
import type { FakePeerConnection } from "../support/fake-peer-connection.ts";
import { anOpenPair, aPair, type Pair, type Side } from "../support/fake-peer-link.ts";
import { seededRandom } from "../support/seeded-random.ts";

/** More than all tries and the pauses between them. */
const LONG = LINK_TRIES * (ATTEMPT_TIMEOUT_MS + 4 * RETRY_BASE_MS);

/** Gathering that takes so long that the description is sent without the candidates. */
const LATE_MS = 1_000;

/** With the byte that is the channel's. */
const text = (message: string) => new TextEncoder().encode(`\0${message}`);
const open = ({ network }: Pair) => network.connections.filter((connection) => connection.signalingState !== "closed");
const connectionOf = ({ network }: Pair, index: number) => network.connections[index] as FakePeerConnection;

describe("link", () => {
	it("opens with one offer and one answer, and carries messages both ways", async () => {
		const { a, b } = await anOpenPair();

		await a.link?.send(text("to b"));
		await b.link?.send(text("to a"));
		expect([...a.sent, ...b.sent].map(({ type }) => type)).toEqual(["offer", "answer"]);
		expect(a.events).toEqual(["connect"]);
		expect(b.events).toEqual(["connect"]);
	});

	it("delivers what was sent", async () => {
		const { a, b, timers } = await anOpenPair();

		await a.link?.send(text("to b"));
		await b.link?.send(text("to a"));
		await timers.advance(10);
		expect(b.messages).toEqual([text("to b")]);
		expect(a.messages).toEqual([text("to a")]);
	});

	it.each([
		["as large as the other side takes", 100_000, 100_000],
		["no larger than is good for us", 1_073_741_823, MAX_CHUNK_BYTES],
		["that every browser takes, if the other side does not say what it takes", undefined, CHUNK_BYTES],
	])("sends frames %s", async (_what, maxMessageSize, largest) => {
		const pair = aPair();
		pair.network.maxMessageSize = maxMessageSize;
		pair.a.call();
		await pair.timers.advance(100);

		void pair.a.link?.send(new Uint8Array(600_000));
		await pair.timers.advance(100);
		const sizes = connectionOf(pair, 0).channels[0]?.sent.map((frame) => (frame as Uint8Array).length) ?? [];
		expect(Math.max(...sizes)).toBe(largest);
	});

	it("ends on both sides, without another attempt, if one closes it", async () => {
		const pair = await anOpenPair();

		pair.b.link?.close();
		await pair.timers.advance(LONG);
		expect(pair.b.events).toEqual(["connect", "disconnect"]);
		expect(pair.a.events).toEqual(["connect", "disconnect", "left"]);
		expect(open(pair)).toEqual([]);
	});

	it("leaves no timer behind", async () => {
		const { a, timers } = await anOpenPair();

		a.link?.close();
		await timers.advance(100);
		expect(timers.pending()).toBe(0);
	});
});

describe("crossed offers", () => {
	it("end in one link that the one with the smaller id called", async () => {
		const pair = aPair();
		pair.a.call();
		pair.b.call();
		await pair.timers.advance(1_000);

		expect(pair.bothOpen()).toBe(true);
		expect(pair.a.sent.map(({ type }) => type)).toEqual(["offer"]);
		expect(pair.b.sent.map(({ type }) => type)).toEqual(["offer", "answer"]);
		expect(open(pair)).toHaveLength(2);
	});

	it("end in a link whatever the offsets, and whichever way frames overtake each other", async () => {
		for (let seed = 1; seed <= 200; seed++) {
			const pair = aPair({ seed });
			const random = seededRandom(seed);
			if (seed % 2 === 0) pair.network.gatheringMs = LATE_MS;
			pair.latency = () => random() * 400;
			pair.timers.after(random() * 600, pair.a.call);
			pair.timers.after(random() * 600, pair.b.call);
			await pair.timers.advance(5_000);
			expect(pair.bothOpen(), `seed ${seed}`).toBe(true);
			expect([pair.a.events, pair.b.events], `seed ${seed}`).toEqual([["connect"], ["connect"]]);
			expect(open(pair), `seed ${seed}`).toHaveLength(2);
		}
	});

	it("are of no consequence if the one that gives way arrives after the answer", async () => {
		const pair = aPair();
		pair.latency = undefined;
		pair.a.call();
		pair.b.call();
		await pair.timers.advance(200);
		const [late] = pair.b.out.splice(0);
		pair.b.receive(pair.a.out.shift());
		await pair.timers.advance(200);
		pair.a.receive(pair.b.out.shift());
		await pair.timers.advance(200);
		expect(pair.bothOpen()).toBe(true);

		pair.a.receive(late);
		await pair.timers.advance(1_000);
		expect(pair.a.events).toEqual(["connect"]);
		expect(pair.bothOpen()).toBe(true);
	});

	it("are won by a peer of p2pmesh, which never gives way", async () => {
		const pair = aPair();
		pair.latency = undefined;
		pair.a.call();
		await pair.timers.advance(200);
		const { attempt: _, order: __, ...offer } = { ...pair.a.sent[0] };
		// The same offer as p2pmesh would send it, to a side that has called as well.
		pair.a.link?.close();
		const other = aPair();
		other.latency = undefined;
		other.a.call();
		await other.timers.advance(200);
		other.a.receive(offer);
		await other.timers.advance(200);
		expect(other.a.sent.map(({ type }) => type)).toEqual(["offer", "answer"]);
		expect(other.a.link?.calling).toBeUndefined();
	});
});

describe("signals that arrive in another order", () => {
	it("candidates wait for the offer that they overtook", async () => {
		const pair = aPair();
		pair.network.gatheringMs = LATE_MS;
		pair.latency = undefined;
		pair.a.call();
		await pair.timers.advance(1_200);
		const [offer, candidate] = pair.a.out;
		expect(candidate).toMatchObject({ type: "candidate" });

		pair.b.receive(candidate);
		pair.b.receive(offer);
		await pair.timers.advance(200);
		expect(connectionOf(pair, 1).added).toHaveLength(1);
	});

	it("candidates wait for the answer that they overtook", async () => {
		const pair = aPair();
		pair.network.gatheringMs = LATE_MS;
		pair.latency = undefined;
		pair.a.call();
		await pair.timers.advance(200);
		pair.b.receive(pair.a.out.shift());
		await pair.timers.advance(1_200);
		const [answer, candidate] = pair.b.out;

		pair.a.receive(candidate);
		expect(connectionOf(pair, 0).added).toHaveLength(0);
		pair.a.receive(answer);
		await pair.timers.advance(200);
		expect(connectionOf(pair, 0).added).toHaveLength(1);
	});

	it("of an attempt that was given up are dropped", async () => {
		const pair = aPair();
		pair.latency = undefined;
		pair.a.call();
		await pair.timers.advance(200);
		pair.b.receive(pair.a.out.shift());
		await pair.timers.advance(200);
		const stale = pair.b.out.shift();
		// No answer comes in time, and the next attempt is under way.
		await pair.timers.advance(ATTEMPT_TIMEOUT_MS + 4 * RETRY_BASE_MS);
		expect(pair.a.sent).toHaveLength(2);

		pair.a.receive(stale);
		await pair.timers.advance(200);
		expect(pair.a.link?.state).toBe("connecting");
		expect(connectionOf(pair, 0).signalingState).toBe("closed");
	});

	it("do no more than once if a frame comes twice", async () => {
		const pair = await anOpenPair();
		for (const offer of [...pair.a.sent]) pair.b.receive(offer);
		for (const answer of [...pair.b.sent]) pair.a.receive(answer);
		await pair.timers.advance(1_000);

		expect(pair.bothOpen()).toBe(true);
		expect(pair.network.connections).toHaveLength(2);
	});
});

describe("candidates that are found late", () => {
	const types = ({ sent }: Side) => sent.map(({ type }) => type);

	it("are sent, although the browser has written them into its description by then", async () => {
		const pair = aPair();
		pair.network.gatheringMs = LATE_MS;
		pair.network.candidates = 2;
		pair.a.call();
		await pair.timers.advance(3_000);

		expect(types(pair.a)).toEqual(["offer", "candidate", "candidate"]);
		expect(types(pair.b)).toEqual(["answer", "candidate", "candidate"]);
		expect(connectionOf(pair, 0).added).toHaveLength(2);
		expect(pair.bothOpen()).toBe(true);
	});

	it("are sent once: not those that the description carried", async () => {
		const pair = aPair();
		pair.a.call();
		await pair.timers.advance(1_000);
		const { onicecandidate } = connectionOf(pair, 0);
		const { sdp } = pair.a.sent[0] as { sdp: string };
		const [candidate] = JSON.parse(sdp).candidates;

		// `@roamhq/wrtc` tells of a candidate after the description that has it was sent.
		onicecandidate?.({ candidate: { candidate, toJSON: () => ({ candidate }) } });
		expect(types(pair.a)).toEqual(["offer"]);
	});

	it("of an ICE restart are sent as well", async () => {
		const pair = await anOpenPair();
		pair.network.gatheringMs = LATE_MS;
		connectionOf(pair, 0).become("failed");
		await pair.timers.advance(3_000);

		expect(types(pair.a)).toEqual(["offer", "offer", "candidate"]);
		expect(types(pair.b)).toEqual(["answer", "answer", "candidate"]);
	});
});

describe("a pair that does not come together", () => {
	it("is tried a few times with pauses, and then given up", async () => {
		const pair = aPair();
		pair.network.reachable = false;
		pair.a.call();
		await pair.timers.advance(LONG);

		expect(pair.a.sent.filter(({ type }) => type === "offer")).toHaveLength(LINK_TRIES);
		expect(pair.a.events).toEqual(["failed"]);
		expect(new Set(pair.b.events)).toEqual(new Set(["broken"]));
		expect(open(pair)).toEqual([]);
	});

	it("comes together at a later try", async () => {
		const pair = aPair();
		pair.network.reachable = false;
		pair.a.call();
		await pair.timers.advance(1_000);
		pair.network.reachable = true;
		await pair.timers.advance(LONG);

		expect(pair.bothOpen()).toBe(true);
		expect(new Set(pair.a.sent.map(({ attempt }) => attempt)).size).toBe(2);
	});

	it("is given up if the browser makes no connection", async () => {
		const pair = aPair();
		pair.network.broken = true;
		pair.a.call();
		await pair.timers.advance(LONG);
		expect(pair.a.events).toEqual(["failed"]);
	});
});

describe("a link that failed says why:", () => {
	const failureOf = async (prepare: (pair: Pair) => void) => {
		const pair = aPair();
		prepare(pair);
		pair.a.call();
		await pair.timers.advance(LONG);
		return pair.a.failures[0];
	};

	it("no path was found, and that without a STUN or TURN server only one network's peers link up", async () => {
		const failure = await failureOf(({ network }) => void (network.reachable = false));
		expect(failure).toEqual({ reason: "ice", withoutServers: true });
		expect(textOf(failure as LinkFailure)).toContain("STUN or TURN");
	});

	it("no path was found, caused by what a TURN server answered", async () => {
		const failure = await failureOf((pair) => {
			pair.network.reachable = false;
			pair.iceServers = [{ urls: "turn:turn.test" }];
			const tell = () => {
				for (const { onicecandidateerror } of pair.network.connections) {
					onicecandidateerror?.({ url: "turn:turn.test", errorCode: 401, errorText: "Unauthorized" });
				}
				pair.timers.after(1_000, tell);
			};
			pair.timers.after(1_000, tell);
		});
		expect(failure).toMatchObject({ reason: "ice", cause: { message: "turn:turn.test: 401 Unauthorized" } });
		expect(textOf(failure as LinkFailure)).toBe("no path to it was found");
	});

	it("no answer came", async () => {
		expect(await failureOf((pair) => void (pair.latency = undefined))).toMatchObject({ reason: "timeout" });
	});

	it("the browser made no connection, with its error as the cause", async () => {
		expect(await failureOf(({ network }) => void (network.broken = true))).toMatchObject({
			reason: "refused",
			cause: expect.any(DOMException),
		});
	});

	it("the other side's description was none", async () => {
		const pair = aPair();
		pair.latency = undefined;
		pair.a.call();
		for (let n = 0; n < LINK_TRIES; n++) {
			await pair.timers.advance(200);
			const { attempt } = pair.a.out.at(-1) ?? {};
			pair.a.receive({ type: "answer", sdp: "nonsense", attempt, order: n + 1 });
			await pair.timers.advance(4 * RETRY_BASE_MS);
		}
		expect(pair.a.failures).toMatchObject([{ reason: "description", cause: expect.any(Error) }]);
	});

	it("the description is larger than the server relays", async () => {
		expect(await failureOf((pair) => void (pair.tooLarge = true))).toMatchObject({ reason: "too-large" });
	});
});

describe("a connection's configuration", () => {
	it("has what the application passes through, and the ICE servers", async () => {
		const pair = aPair();
		pair.rtcConfig = { iceTransportPolicy: "relay", iceServers: [{ urls: "stun:old.test" }] };
		pair.iceServers = [{ urls: "turn:turn.test" }];
		pair.a.call();
		await pair.timers.advance(1_000);
		for (const { configuration } of pair.network.connections) {
			expect(configuration).toEqual({ iceTransportPolicy: "relay", iceServers: pair.iceServers });
		}
	});
});

describe("a link whose path breaks", () => {
	const breakPath = (pair: Pair, state: "disconnected" | "failed") => {
		connectionOf(pair, 0).cut();
		connectionOf(pair, 0).become(state);
		connectionOf(pair, 1).become(state);
	};

	it("is left alone while it may mend itself", async () => {
		const pair = await anOpenPair();
		breakPath(pair, "disconnected");
		await pair.timers.advance(DISCONNECTED_MS / 2);
		connectionOf(pair, 0).mend();
		connectionOf(pair, 0).become("connected");
		connectionOf(pair, 1).become("connected");
		await pair.timers.advance(DISCONNECTED_MS * 2);

		expect(pair.a.sent).toHaveLength(1);
		expect(pair.bothOpen()).toBe(true);
	});

	it("gets a new one by an ICE restart of the same attempt, if it stays broken", async () => {
		const pair = await anOpenPair();
		pair.iceServers = [{ urls: "turn:turn.test", username: "newer", credential: "newer" }];
		breakPath(pair, "disconnected");
		connectionOf(pair, 0).mend();
		await pair.timers.advance(DISCONNECTED_MS + 1_000);

		expect(pair.a.sent.map(({ type }) => type)).toEqual(["offer", "offer"]);
		for (const side of [0, 1]) {
			expect(connectionOf(pair, side).configuration).toEqual({ iceServers: pair.iceServers });
		}
		expect(pair.a.sent[1]?.attempt).toBe(pair.a.sent[0]?.attempt);
		expect(pair.bothOpen()).toBe(true);
		expect(pair.a.events).toEqual(["connect"]);
		expect(connectionOf(pair, 0).connectionState).toBe("connected");
	});

	it("is restarted by the caller at the word of the called, if only that one saw it break", async () => {
		const pair = await anOpenPair();
		connectionOf(pair, 1).become("failed");
		await pair.timers.advance(1_000);

		expect(pair.b.sent.map(({ type }) => type)).toEqual(["answer", "renegotiate", "answer"]);
		await pair.timers.advance(RESTART_MS * 2);
		expect(pair.bothOpen()).toBe(true);
	});

	it("is restarted if both saw it fail at the same moment", async () => {
		const pair = await anOpenPair();
		breakPath(pair, "failed");
		connectionOf(pair, 0).mend();
		await pair.timers.advance(RESTART_MS * 2);

		expect(pair.a.events).toEqual(["connect"]);
		expect(pair.b.events).toEqual(["connect"]);
		expect(pair.bothOpen()).toBe(true);
	});

	it("is called again by its caller if the restart does not help", async () => {
		const pair = await anOpenPair();
		breakPath(pair, "failed");
		await pair.timers.advance(RESTART_MS + 4 * RETRY_BASE_MS);

		expect(pair.a.events).toEqual(["connect", "disconnect", "connect"]);
		expect(pair.b.events.filter((event) => event === "connect")).toHaveLength(2);
		expect(pair.bothOpen()).toBe(true);
	});

	it("is found out by silence if the browser notices nothing", async () => {
		const pair = await anOpenPair();
		connectionOf(pair, 0).cut();
		pair.network.reachable = false;
		await pair.timers.advance(CHANNEL_DEAD_MS * 1.5);

		expect(pair.a.events.slice(0, 2)).toEqual(["connect", "disconnect"]);
		expect(pair.b.events.slice(0, 3)).toEqual(["connect", "disconnect", "broken"]);
	});

	it("gives place to a new attempt of a peer that lost its side of it", async () => {
		const pair = await anOpenPair();
		// The page was reloaded, and said nothing about the old link.
		pair.a.link = undefined;
		pair.a.call();
		await pair.timers.advance(1_000);

		expect(pair.b.events).toEqual(["connect", "disconnect", "connect"]);
	});
});

describe("a link whose network changes", () => {
	/** The old path carries nothing any more; the next ICE restart finds another. */
	const change = (pair: Pair, state?: "disconnected" | "failed") => {
		connectionOf(pair, 0).cut();
		for (const side of [0, 1]) if (state !== undefined) connectionOf(pair, side).become(state);
		const restarted = () => {
			if (pair.a.sent.length > 1) connectionOf(pair, 0).mend();
			else pair.timers.after(10, restarted);
		};
		restarted();
	};
	const offers = ({ sent }: Side) => sent.filter(({ type }) => type === "offer");

	it("is mended at the browser's sign, although the connection does not know yet that it is broken", async () => {
		const pair = await anOpenPair();
		change(pair);
		for (const wake of pair.a.wakes) wake();
		await pair.timers.advance(PROBE_MS + 1_000);

		expect(offers(pair.a)).toHaveLength(2);
		expect(pair.a.events).toEqual(["connect"]);
		await pair.a.link?.send(text("to b"));
		await pair.timers.advance(10);
		expect(pair.b.messages).toEqual([text("to b")]);
	});

	it("is mended before the browser notices, if neither the other side nor the server answers", async () => {
		const pair = await anOpenPair();
		change(pair);
		void pair.a.link?.send(text("to b"));
		pair.a.signaling = false;
		await pair.timers.advance(UNHEARD_MS + PROBE_MS + 2 * DOUBT_POLL_MS);
		expect(pair.a.probes).toBeGreaterThan(0);
		expect(offers(pair.a)).toHaveLength(2);
	});

	it("is left alone if the other side does not answer, but the server does", async () => {
		const pair = await anOpenPair();
		change(pair);
		void pair.a.link?.send(text("to b"));
		await pair.timers.advance(CHANNEL_DEAD_MS / 2);
		expect(pair.a.probes).toBe(1);
		expect(offers(pair.a)).toHaveLength(1);
	});

	it("costs no signal at the browser's sign if the other side answers", async () => {
		const pair = await anOpenPair();
		for (let n = 0; n < 10; n++) {
			for (const side of [pair.a, pair.b]) for (const wake of side.wakes) wake();
			await pair.timers.advance(PROBE_MS * 2);
		}
		expect([pair.a.sent.length, pair.b.sent.length]).toEqual([1, 1]);
	});

	it("has signaling probed once it is disconnected, and before the restart", async () => {
		const pair = await anOpenPair();
		connectionOf(pair, 0).cut();
		connectionOf(pair, 0).become("disconnected");
		expect(pair.a.probes).toBe(1);
		await pair.timers.advance(DISCONNECTED_MS + 10);
		expect(pair.a.probes).toBe(2);
	});

	it("is mended by the repeated offer if the first one is lost", async () => {
		const pair = await anOpenPair();
		pair.b.signaling = false;
		change(pair, "failed");
		await pair.timers.advance(1_000);
		pair.b.signaling = true;
		await pair.timers.advance(RESTART_MS);

		expect(offers(pair.a)).toHaveLength(3);
		expect(offers(pair.a)[1]?.sdp).toBe(offers(pair.a)[2]?.sdp);
		expect([pair.a.events, pair.b.events]).toEqual([["connect"], ["connect"]]);
		expect(connectionOf(pair, 0).connectionState).toBe("connected");
	});

	it("is mended by the repeated request if the first one is lost", async () => {
		const pair = await anOpenPair();
		pair.b.signaling = false;
		connectionOf(pair, 1).become("failed");
		await pair.timers.advance(1_000);
		pair.b.signaling = true;
		await pair.timers.advance(RESTART_MS);

		expect(offers(pair.a)).toHaveLength(2);
		expect(connectionOf(pair, 1).connectionState).toBe("connected");
		expect([pair.a.events, pair.b.events]).toEqual([["connect"], ["connect"]]);
	});

	it("is kept while its own signaling is away, and mended when that is back", async () => {
		const pair = await anOpenPair();
		pair.a.signaling = false;
		pair.b.signaling = false;
		change(pair, "failed");
		await pair.timers.advance(5 * CHANNEL_DEAD_MS);
		expect([pair.a.events, pair.b.events]).toEqual([["connect"], ["connect"]]);

		pair.a.signaling = true;
		pair.b.signaling = true;
		await pair.timers.advance(RESTART_MS);
		expect([pair.a.events, pair.b.events]).toEqual([["connect"], ["connect"]]);
		expect(connectionOf(pair, 0).connectionState).toBe("connected");
	});

	it("ends if the restart does not help in the time with signaling", async () => {
		const pair = await anOpenPair();
		pair.network.reachable = false;
		connectionOf(pair, 0).cut();
		for (const side of [0, 1]) connectionOf(pair, side).become("failed");
		await pair.timers.advance(RESTART_MS + 1_000);
		expect(pair.a.events).toEqual(["connect", "disconnect"]);
	});

	it("does not take the answer to an offer that another has replaced", async () => {
		const pair = await anOpenPair();
		pair.latency = undefined;
		connectionOf(pair, 0).cut();
		connectionOf(pair, 0).become("failed");
		await pair.timers.advance(REPEAT_MS - 500);
		const [first] = pair.a.out.splice(0);
		pair.b.receive(first);
		await pair.timers.advance(200);
		const stale = pair.b.out.pop();
		// Now this side's network changes: there is a second restart.
		for (const wake of pair.a.wakes) wake();
		await pair.timers.advance(200);
		const second = pair.a.out.pop();
		expect([first?.round, second?.round]).toEqual([2, 3]);

		pair.a.receive(stale);
		await pair.timers.advance(10);
		expect(connectionOf(pair, 0).signalingState).toBe("have-local-offer");
		pair.b.receive(second);
		await pair.timers.advance(200);
		pair.a.receive(pair.b.out.pop());
		await pair.timers.advance(10);
		expect(connectionOf(pair, 0).signalingState).toBe("stable");
	});

	it("is not restarted as often as the other side asks", async () => {
		const pair = await anOpenPair();
		pair.latency = undefined;
		const { attempt } = pair.a.sent[0] as { attempt: string };
		for (let n = 0; n < 1_000; n++) pair.a.receive({ type: "renegotiate", attempt });
		await pair.timers.advance(1_000);
		expect(offers(pair.a)).toHaveLength(2);
	});

	it("stops listening to the browser's signs once the link has ended", async () => {
		const pair = await anOpenPair();
		pair.b.link?.close();
		await pair.timers.advance(LONG);
		expect([pair.a.wakes.size, pair.b.wakes.size]).toEqual([0, 0]);
	});
});

/** What JSON can hold and no operator takes. */
const noPrimitive = { valueOf: null, toString: null };

describe("what a hostile peer signals", () => {
	const hostile: unknown[] = [
		null,
		7,
		"offer",
		[],
		{},
		{ type: "offer" },
		{ type: "offer", sdp: 1 },
		{ type: "offer", sdp: "nonsense", attempt: { toString: 1 }, order: "x" },
		{ type: "offer", sdp: "nonsense", order: noPrimitive },
		{ type: "offer", sdp: "nonsense", links: noPrimitive },
		{ type: "answer", sdp: "nonsense", order: noPrimitive },
		{ type: "candidate", candidate: { candidate: "candidate:", sdpMid: noPrimitive }, attempt: noPrimitive },
		{ type: "offer", sdp: "nonsense", attempt: noPrimitive, island: noPrimitive },
		{ type: "offer", sdp: "nonsense" },
		{ type: "answer", sdp: "nonsense" },
		{ type: "candidate", candidate: { candidate: "nonsense" } },
		{ type: "candidate", candidate: null },
		{ candidate: { candidate: 1 } },
		{ type: "renegotiate" },
		{ type: "__proto__", sdp: "x" },
	];

	it("does not end an open link, unless it is another offer", async () => {
		const pair = await anOpenPair();
		const { attempt } = pair.a.sent[0] as { attempt: string };
		for (const signal of hostile) {
			if ((signal as { type?: unknown } | null)?.type === "offer") continue;
			pair.a.receive(signal);
			pair.b.receive(signal);
			if (typeof signal === "object") pair.b.receive({ ...signal, attempt });
		}
		await pair.timers.advance(RESTART_MS * 2);
		expect(pair.bothOpen()).toBe(true);
	});

	it("throws nowhere, and an offer that is none ends its attempt only", async () => {
		const pair = aPair();
		for (const signal of hostile) pair.a.receive(signal);
		await pair.timers.advance(LONG);
		expect(pair.a.events).toEqual(["broken"]);

		pair.a.call();
		await pair.timers.advance(1_000);
		expect(pair.bothOpen()).toBe(true);
	});

	it("makes nobody keep more candidates than an attempt may have", async () => {
		const pair = aPair();
		pair.latency = undefined;
		pair.a.call();
		await pair.timers.advance(200);
		for (let n = 0; n < 1_000; n++) {
			pair.b.receive({
				type: "candidate",
				candidate: { candidate: `candidate:${n}` },
				attempt: pair.a.sent[0]?.attempt,
			});
		}
		pair.b.receive(pair.a.out.shift());
		await pair.timers.advance(200);
		expect(connectionOf(pair, 1).added.length).toBeLessThanOrEqual(33);
	});
});
