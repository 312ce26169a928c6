/** What other peers may do to a mesh that does not trust them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	BEACON_MAX_AGE_MS,
	CHECK_MS,
	DEMANDS_MS,
	KEEPS_OUT_MS,
	LINK_TRIES,
	MAX_DEMANDS,
	OVERLAP_LINKS,
	SLOW_CALL_MS,
} from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { aRoom } from "../support/mesh-room.ts";
import { aMeshUnderTest, type MeshUnderTest } from "../support/mesh-session.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MAX_PEERS = 3;
const MINUTE = 60_000;

async function aMeshWithNeighbours(...peers: string[]): Promise<MeshUnderTest> {
	const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
	await under.join();
	for (const peer of peers) await under.offer(peer);
	return under;
}

const offersOf = ({ sent }: MeshUnderTest) =>
	sent.filter(({ frame }) => (frame.signal as { type?: string })?.type === "offer").map(({ to }) => to);

/** Any value that JSON has, ids that exist among them. */
const anything = fc.oneof(
	fc.constantFrom("a", "b", "c", "m", "z", "", 0, 1, -1, 16, 17, 1.5, 1e300, Number.MAX_SAFE_INTEGER, null, true),
	fc.jsonValue({ maxDepth: 2 }),
);
const run = fc.oneof(fc.constantFrom("0123456789abcdef", "f".repeat(16)), anything);
const numbers = fc.oneof(
	fc.array(fc.tuple(run, fc.oneof(fc.nat(20), anything), fc.oneof(fc.nat(1e9), anything)), { maxLength: 100 }),
	anything,
);
const header = fc.oneof(
	fc.record({
		k: fc.constant("beacon"),
		root: anything,
		seq: anything,
		age: anything,
		parent: anything,
		links: anything,
	}),
	fc.record({ k: fc.constant("bridge"), to: anything, steps: anything }),
	fc.record({ i: anything, n: anything, f: anything, t: anything, h: anything, b: anything, a: anything, p: anything }),
	fc.record({ k: fc.constant("tree"), have: numbers, want: numbers, prune: fc.oneof(fc.array(run), anything) }),
	fc.dictionary(fc.constantFrom("k", "i", "f", "t", "h", "b"), anything),
);
const signal = fc.oneof(
	fc.record({ type: fc.constant("offer"), sdp: anything, attempt: anything, order: anything, links: anything }),
	fc.record({ candidate: anything, attempt: anything }),
	anything,
);
const frame = fc.oneof(
	fc.record({ type: fc.constant("signal" as const), signal }),
	fc.record({ type: fc.constant("batched_signals" as const), signals: fc.oneof(fc.array(signal), anything) }),
	fc.record({ type: fc.constant("connection_rejected" as const), alternativePeers: anything, attempt: anything }),
	fc.record({ type: fc.constant("signal_rejected" as const), correctInitiator: anything }),
	fc.record({ type: fc.constant("connect_request" as const) }),
);
const sender = fc.integer({ min: 0, max: 40 }).map((n) => `peer ${n}`);

describe("anything that neighbours say", () => {
	it("throws nowhere, costs no link, and makes at most one call in two seconds", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(header, { maxLength: 40 }), async (headers) => {
				const under = await aMeshWithNeighbours("a", "b");
				for (const said of headers) under.say("a", said);
				await under.timers.advance(1_000);
				expect(under.mesh.peers).toEqual(expect.arrayContaining(["a", "b"]));
				expect(offersOf(under).length).toBeLessThanOrEqual(1);
				await under.mesh.leave();
			}),
			{ numRuns: 150, seed: 3 },
		);
	});

	it("makes us call no peer on and on", async () => {
		const under = await aMeshWithNeighbours("a");
		for (let n = 0; n < 100; n++) under.say("a", { k: "bridge", to: `nobody ${n}`, steps: 16 });
		await under.timers.advance(10);
		expect(offersOf(under)).toHaveLength(1);
	});
});

describe("anything that peers send through the server", () => {
	it("throws nowhere, and never makes more links than the limit and the overlap", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.tuple(sender, frame), { maxLength: 60 }), async (frames) => {
				const under = await aMeshWithNeighbours();
				for (const [from, sent] of frames) {
					under.emit("frame", from, sent);
					expect(under.mesh.links().length).toBeLessThanOrEqual(MAX_PEERS + OVERLAP_LINKS);
				}
				await under.mesh.leave();
			}),
			{ numRuns: 150, seed: 4 },
		);
	});

	it.each(["signal_rejected", "connect_request"] as const)(
		"a flood of %s makes no link past the limit",
		async (type) => {
			const under = await aMeshWithNeighbours();
			for (let n = 0; n < 120; n++) under.emit("frame", `peer ${n}`, { type, correctInitiator: "m" });
			expect(under.mesh.links()).toHaveLength(MAX_PEERS);
			expect(under.iceServers).toHaveLength(MAX_PEERS);
		},
	);

	it("a burst of offers by one peer makes few connections, and none is refused later", async () => {
		const under = await aMeshWithNeighbours();
		const offer = (n: number) =>
			under.emit("frame", "a", { type: "signal", signal: { type: "offer", sdp: "", attempt: `try ${n}`, order: n } });
		for (let n = 0; n < 190; n++) offer(n);
		const answers = () => under.sent.filter(({ frame }) => (frame.signal as { type?: string })?.type === "answer");
		expect(answers()).toHaveLength(MAX_DEMANDS);

		await under.timers.advance(DEMANDS_MS);
		offer(190);
		expect(answers()).toHaveLength(MAX_DEMANDS + 1);
	});
});

describe("peers that answer no call", () => {
	const mute = (n: number) => `z${n}`; // larger ids, so that we call

	it("keep no caller out for longer than a link takes that comes about", async () => {
		const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
		await under.join(mute(1), mute(2), mute(3));
		await under.offer("a");
		expect(under.mesh.peers).toEqual([]);

		await under.timers.advance(KEEPS_OUT_MS);
		await under.offer("b");

		expect(under.mesh.peers).toEqual(["b"]);
	});

	it("do not end the search for others", async () => {
		const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
		await under.join(mute(1), mute(2), mute(3), mute(4), mute(5));
		expect(offersOf(under)).toEqual([mute(1), mute(2), mute(3)]);

		await under.timers.advance(2 * SLOW_CALL_MS);

		expect(offersOf(under)).toEqual(expect.arrayContaining([mute(4), mute(5)]));
	});

	it("make us hold at most twice as many links as there may be, and call each one seldom", async () => {
		const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
		const all = Array.from({ length: 100 }, (_, n) => mute(n));
		under.listed = all;
		await under.join(...all.slice(0, 8));
		let most = 0;
		for (let second = 0; second < 30; second++) {
			await under.timers.advance(1_000);
			most = Math.max(most, under.mesh.links().length);
		}
		expect(most).toBeLessThanOrEqual(2 * MAX_PEERS);
		const calls = offersOf(under);
		expect(calls.length).toBeGreaterThan(8); // the list of the welcome
		expect(new Set(calls).size).toBe(calls.length);
	});

	it("are not let in for a while if their links failed again and again, until they are introduced again", async () => {
		const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
		await under.join(mute(1));
		const calls = () => offersOf(under).length;
		for (let minute = 0; minute < 60 && calls() < LINK_TRIES; minute++) await under.timers.advance(MINUTE);
		await under.timers.advance(MINUTE / 2); // the last call has failed, and its peer is left alone
		under.sent.length = 0;

		await under.offer(mute(1));
		expect(under.sent.map(({ frame }) => frame.type)).toEqual(["connection_rejected"]);

		under.emit("peerJoined", mute(1), 1);
		await under.offer(mute(1));
		expect(under.sent.filter(({ frame }) => frame.type === "connection_rejected")).toHaveLength(1);
	});

	it("that all answer late do not exceed the limit by more than the overlap", async () => {
		const under = aMeshUnderTest({ maxPeers: MAX_PEERS });
		await under.join(mute(1), mute(2), mute(3));
		await under.timers.advance(KEEPS_OUT_MS);
		for (const peer of ["a", "b", "c"]) await under.offer(peer);
		expect(under.mesh.peers).toHaveLength(MAX_PEERS);

		for (const { to, frame } of [...under.sent]) {
			const { type, attempt } = (frame.signal ?? {}) as { type?: string; attempt?: string };
			const answer = { type: "answer", sdp: "", attempt, order: 1 };
			if (type === "offer") under.emit("frame", to, { type: "signal", signal: answer });
		}
		await under.timers.advance(100);

		expect(under.mesh.peers).toHaveLength(MAX_PEERS + OVERLAP_LINKS);
	});
});

describe("a forged beacon", () => {
	it("does not end the healing of the mesh, though it names a small root, a negative age and a huge number", async () => {
		const room = aRoom({ maxPeers: 3, random: seededRandom(1) });
		room.split = true;
		for (let n = 0; n < 8; n++) room.join();
		await room.timers.advance(60_000);
		expect(room.degrees()).toEqual(Array(8).fill(3)); // full, so that only a root looks for others
		const liars = room.islands().map(([id]) => room.meshes.get(id as string) as Mesh);
		expect(liars).toHaveLength(2);
		const forged = { k: "beacon", root: "0", seq: Number.MAX_SAFE_INTEGER, age: -1e15, parent: "0", links: 0 };
		for (const liar of liars) {
			room.say(liar, forged);
			room.say(liar, { ...forged, age: 0 });
			await room.timers.advance(1_000);
			room.leave(liar);
		}
		await room.timers.advance(BEACON_MAX_AGE_MS + 2 * CHECK_MS);

		room.split = false;
		await room.timers.until(() => room.islands().length === 1, 20 * 60_000);
	});
});

describe("a neighbour that abuses the trees of broadcasts", () => {
	const aTree = async () => {
		const under = await aMeshWithNeighbours("a", "b", "c");
		await under.timers.advance(10);
		const heard = (peerId: string) => under.heardBy(peerId) as Record<string, unknown>[];
		const copies = (peerId: string) => heard(peerId).filter(({ i, t }) => i !== undefined && t === undefined);
		const broadcast = async (times: number) => {
			for (let n = 0; n < times; n++) void under.mesh.broadcast(n);
			await under.timers.advance(10);
		};
		const wanted = (peerId: string) => heard(peerId).flatMap(({ want }) => (want as [string, number, number][]) ?? []);
		return { under, heard, copies, broadcast, wanted };
	};

	it("gets a broadcast twice at most, though it asks on and on", async () => {
		const { under, copies, broadcast } = await aTree();
		await broadcast(1);
		const [id = ""] = copies("a").map(({ i }) => String(i));
		const [run = ""] = id.split(".");
		under.say("a", { k: "tree", prune: [run] });
		await under.timers.settle();
		await broadcast(5);
		expect(copies("a")).toHaveLength(1);
		for (let n = 0; n < 1_000; n++) under.say("a", { k: "tree", want: [[run, 1, 1e9]] });
		await under.timers.advance(10);
		expect(copies("a")).toHaveLength(6);
		expect(copies("b")).toHaveLength(6);
	});

	it("that stops every tree stops only its own link", async () => {
		const { under, copies, broadcast } = await aTree();
		await broadcast(1);
		const [run = ""] = String(copies("a")[0]?.i).split(".");
		under.say("a", { k: "tree", prune: [run, "f".repeat(16), ...Array(200).fill("x")] });
		await under.timers.settle();
		await broadcast(3);
		expect([copies("a"), copies("b"), copies("c")].map(({ length }) => length)).toEqual([1, 4, 4]);
	});

	it("that announces what it does not have costs one question each, and the others are asked, too", async () => {
		const { under, heard, wanted } = await aTree();
		const real = "0123456789abcdef";
		for (let n = 0; n < 2_000; n++) {
			const fakes = Array.from({ length: 64 }, (_, i) => [(64 * n + i).toString(16).padStart(16, "0"), 0, 1e9]);
			under.say("a", { k: "tree", have: [[real, 7, 7], ...fakes] });
		}
		under.say("b", { k: "tree", have: [[real, 7, 7]] });
		await under.timers.advance(10_000);
		expect(wanted("b")).toEqual([[real, 7, 7]]);
		expect(wanted("a").length).toBeLessThanOrEqual(64);
		expect(heard("a").filter(({ want }) => want !== undefined).length).toBeLessThan(3);
		await under.mesh.leave();
		expect(under.timers.pending()).toBe(0);
	});
});
