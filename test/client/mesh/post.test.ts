/** The way of signals: through the identity and the overlay if they are there, in their order, and without a loss. */
import { describe, expect, it } from "vitest";
import { inLanes, type Sealing } from "../../../client/identity/lanes.ts";
import { MAX_OPENING } from "../../../client/limits.ts";
import { Post } from "../../../client/mesh/post.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";

const frame = (n: number): RelayedFrame => ({ type: "signal", n });

function aPost() {
	const sent: [string, RelayedFrame][] = [];
	const received: [string, RelayedFrame][] = [];
	const failed: [string, unknown][] = [];
	const post = new Post({
		send(to, frame) {
			if (frame.n === 13) throw new Error("too large");
			sent.push([to, frame]);
		},
		receive: (from, frame) => void received.push([from, frame]),
		failed: (to, error) => void failed.push([to, error]),
	});
	return { post, sent, received, failed };
}

/** Handles each frame when the test says so. */
function aSealing() {
	const waiting: (() => void)[] = [];
	const later = <Value>(value: Value) => new Promise<Value>((resolve) => waiting.push(() => resolve(value)));
	const sealing: Sealing = {
		seal: (_to, frame) => later({ ...frame, sealed: true }),
		open: (_from, frame, way) => later(frame.n === 0 ? undefined : { ...frame, way }),
	};
	const settle = async () => {
		for (let turn = 0; turn < 5; turn++) await Promise.resolve();
	};
	return {
		sealing,
		waiting,
		async finish(index = 0) {
			await settle();
			waiting.splice(index, 1)[0]?.();
			await settle();
		},
	};
}

describe("signals without an identity and an overlay", () => {
	it("go to the server and come from it in the same turn", () => {
		const { post, sent, received } = aPost();
		post.send("a", frame(1));
		post.receive("b", frame(2), "server");
		expect(sent).toEqual([["a", frame(1)]]);
		expect(received).toEqual([["b", frame(2)]]);
	});

	it("tell their sender at once if they are too large", () => {
		expect(() => aPost().post.send("a", frame(13))).toThrow("too large");
	});
});

describe("an identity", () => {
	it("signs what leaves and verifies what arrives, each peer's in their order", async () => {
		const { post, sent, received } = aPost();
		const { sealing, finish, waiting } = aSealing();
		post.sealing = inLanes(sealing, post);
		for (const n of [1, 2]) post.send("a", frame(n));
		post.send("b", frame(3));
		await finish(1);
		expect(sent).toEqual([["b", { ...frame(3), sealed: true }]]);
		await finish();
		await finish();
		expect(sent.map(([, { n }]) => n)).toEqual([3, 1, 2]);

		for (const n of [1, 2]) post.receive("a", frame(n), "mesh");
		await finish();
		await finish();
		expect(received).toEqual([1, 2].map((n) => ["a", { ...frame(n), way: "mesh" }]));
		expect(waiting).toEqual([]);
	});

	it("drops a frame that it does not accept, and goes on", async () => {
		const { post, received } = aPost();
		const { sealing, finish } = aSealing();
		post.sealing = inLanes(sealing, post);
		for (const n of [0, 1]) post.receive("a", frame(n), "server");
		await finish();
		await finish();
		expect(received.map(([, { n }]) => n)).toEqual([1]);
	});

	it("drops a frame that it fails on, and goes on", async () => {
		const { post, received } = aPost();
		const { sealing, finish } = aSealing();
		post.sealing = inLanes({ ...sealing, open: () => Promise.reject(new Error("no key")) }, post);
		post.receive("a", frame(1), "mesh");
		await finish();
		post.sealing = inLanes(sealing, post);
		post.receive("a", frame(2), "mesh");
		await finish();
		expect(received.map(([, { n }]) => n)).toEqual([2]);
	});

	it("fails the link of a frame that is too large once it is signed", async () => {
		const { post, failed } = aPost();
		const { sealing, finish } = aSealing();
		post.sealing = inLanes(sealing, post);
		post.send("a", frame(13));
		await finish();
		expect(failed).toEqual([["a", expect.objectContaining({ message: "too large" })]]);
	});

	it("is not given more frames than a limit", async () => {
		const { post } = aPost();
		const { sealing, finish, waiting } = aSealing();
		post.sealing = inLanes(sealing, post);
		for (let n = 0; n < MAX_OPENING + 5; n++) post.receive(`peer ${n}`, frame(n), "server");
		await finish();
		expect(waiting).toHaveLength(MAX_OPENING - 1);
		post.receive("a", frame(1), "server");
		await finish();
		expect(waiting).toHaveLength(MAX_OPENING - 1);
	});
});

describe("an overlay", () => {
	it("carries what it takes, hears what came by the server, and leaves the rest to the server", () => {
		const { post, sent, received } = aPost();
		const heard: string[] = [];
		post.carrier = {
			carry: (to) => to === "a",
			cameByServer: (from) => void heard.push(from),
		};
		post.send("a", frame(1));
		post.send("b", frame(2));
		post.receive("c", frame(3), "server");
		post.receive("d", frame(4), "mesh");
		expect(sent.map(([to]) => to)).toEqual(["b"]);
		expect(heard).toEqual(["c"]);
		expect(received.map(([from]) => from)).toEqual(["c", "d"]);
	});
});
