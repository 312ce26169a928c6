import { beforeEach, describe, expect, it } from "vitest";
import { LINES_OF_KIND, LINES_WINDOW_MS, MAX_DEFIANCES } from "../../lambda/core/limits.ts";
import { sparingLog } from "../../lambda/core/sparing-log.ts";
import { someLog } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";
import { aWorld, type World } from "../support/world.ts";

describe("the core counts", () => {
	let world: World;
	const counts = () => world.metrics.take();
	beforeEach(() => {
		world = aWorld();
	});

	it("a join, and the notices that it causes", async () => {
		await world.join("alice");
		expect(counts()).toEqual({ Joins: 1 });

		await world.join("bob");
		expect(counts()).toEqual({ Joins: 1, Notices: 1 });
	});

	it("a join that is repeated once", async () => {
		const alice = await world.join("alice");

		await world.send(alice, { type: "join", peerId: "alice" });

		expect(counts()).toEqual({ Joins: 1 });
	});

	it("a resume and a takeover, and neither as a join", async () => {
		const first = world.open();
		await world.send(first, { type: "join", peerId: "alice" });
		const { resumeKey } = world.take(first)[0] as unknown as { resumeKey: string };
		counts();

		await world.join("alice", { resumeKey });
		expect(counts()).toEqual({ Resumes: 1 });

		await world.join("alice");
		expect(counts()).toEqual({ Takeovers: 1 });
	});

	it("a leave once, whatever the client repeats", async () => {
		const alice = await world.join("alice");
		counts();

		await world.send(alice, { type: "leave" });
		await world.send(alice, { type: "leave" });

		expect(counts()).toEqual({ Leaves: 1 });
	});

	it("the frames that it passed on, and their bytes", async () => {
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.take(bob);
		counts();

		await world.send(alice, { type: "signal", to: "bob", data: "grüße" });

		const { from, ...rest } = world.take(bob)[0] as { from?: string };
		expect(from).toBe("alice");
		const text = JSON.stringify({ ...rest, from });
		expect(counts()).toEqual({ SignalsRelayed: 1, BytesRelayed: Buffer.byteLength(text) });
	});

	it("an eviction when a frame finds a peer gone, and the error that answers the frame", async () => {
		const alice = await world.join("alice");
		world.end(await world.join("bob"));
		counts();

		await world.send(alice, { type: "signal", to: "bob" });

		expect(counts()).toEqual({ Evictions: 1, Error_PEER_NOT_FOUND: 1, Notices: 1 });
	});

	it("frames above the rate, both the answered and the dropped ones", async () => {
		world = aWorld({ clientRateLimit: 1, clientBurstLimit: 1 });
		const alice = world.open();
		const frames = MAX_DEFIANCES + 10;

		for (let n = 0; n < frames; n++) await world.send(alice, { type: "ping" });

		const { RateLimitedFrames, Error_RATE_LIMITED = 0 } = counts();
		expect(RateLimitedFrames).toBe(frames - 1);
		expect(Error_RATE_LIMITED).toBeLessThan(frames - 1);
	});
});

describe("the core logs at info", () => {
	it("nothing of a signal, and an error to a client by its code", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		await world.join("bob");

		await world.send(alice, { type: "signal", to: "bob" });
		const shown = () => world.log.lines.filter(({ level }) => level !== "debug");
		expect(shown()).toEqual([]);

		await world.send(alice, { type: "signal", to: "nobody" });
		expect(shown()).toEqual([
			{ level: "info", event: "refused", fields: { connectionId: alice, code: "PEER_NOT_FOUND" }, cause: undefined },
		]);
	});
});

describe("sparingLog", () => {
	it("writes a few lines of each kind in a minute, and the rest for debugging", () => {
		const clock = aClock();
		const log = someLog();
		const report = sparingLog({ log, clock });
		const shown = () => log.lines.splice(0).filter(({ level }) => level === "info").length;

		for (let n = 0; n < 100; n++) report("refused", "a", {});
		report("refused", "b", {});
		expect(log.lines).toHaveLength(101);
		expect(shown()).toBe(LINES_OF_KIND + 1);

		clock.forward(LINES_WINDOW_MS);
		report("refused", "a", {});
		expect(shown()).toBe(1);

		clock.forward(-2 * LINES_WINDOW_MS);
		report("refused", "a", {});
		expect(shown()).toBe(1);
	});
});
