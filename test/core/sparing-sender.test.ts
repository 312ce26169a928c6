/** What a client that does not read costs the others. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { CALLBACK_LIMIT_MS, MUTE_MS, REFUSALS_OF_MUTE, STORE_LIMIT_MS } from "../../lambda/core/limits.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { aHexId } from "../support/client.ts";
import { aWorld, type Fault } from "../support/world.ts";

/** Posts to these connections are refused, as API Gateway does if a client's buffer is full. */
const mute =
	(...connectionIds: string[]): Fault =>
	(call, [connectionId]) => {
		if (call !== "sender.post" || !connectionIds.includes(String(connectionId))) return;
		throw new DependencyError(call, { cause: new Error("429"), busy: true });
	};

describe("a client that does not read", () => {
	const signal = { type: "signal", to: "mute", id: 1 };
	const aPair = async () => {
		const world = aWorld();
		const silent = await world.join("mute");
		const alice = await world.join("alice");
		world.fault = mute(silent);
		world.take(silent);
		world.take(alice);
		world.takeCalls();
		return { world, silent, alice };
	};
	const unavailable = { type: "error", code: "UNAVAILABLE", retryable: true, id: 1, to: "mute" };

	it("gets no post after some refusals, and the sender is told each time", async () => {
		const { world, alice } = await aPair();

		for (let n = 0; n < REFUSALS_OF_MUTE + 50; n++) await world.send(alice, signal);

		const posts = world.takeCalls().filter((call) => call === "sender.post").length;
		expect(posts).toBe(REFUSALS_OF_MUTE + REFUSALS_OF_MUTE + 50); // tries, and an answer to Alice for each frame
		const answers = world.take(alice);
		expect(answers).toHaveLength(REFUSALS_OF_MUTE + 50);
		for (const answer of answers) expect(answer).toMatchObject(unavailable);
	});

	it("is one line in the log for each refusal, and none for a frame that was not tried", async () => {
		const { world, alice } = await aPair();

		for (let n = 0; n < REFUSALS_OF_MUTE + 50; n++) await world.send(alice, signal);

		const lines = world.log.lines.filter(({ event, level }) => event === "dependency_failed" && level !== "debug");
		expect(lines.map(({ level }) => level)).toEqual(Array(REFUSALS_OF_MUTE).fill("warn"));
	});

	it("is tried again after a while, and gets frames again when it reads", async () => {
		const { world, silent, alice } = await aPair();
		for (let n = 0; n < REFUSALS_OF_MUTE; n++) await world.send(alice, signal);
		world.fault = () => {};
		world.take(alice);

		await world.send(alice, signal);
		expect(world.take(alice)).toMatchObject([unavailable]);
		world.clock.forward(MUTE_MS);
		await world.send(alice, signal);
		expect(world.take(alice)).toEqual([]);
		await world.send(alice, signal);
		expect(world.take(silent)).toHaveLength(2);
	});

	it("is not taken for one if it reads between its refusals", async () => {
		const { world, silent, alice } = await aPair();
		const refusing = mute(silent);

		for (let n = 0; n < 3 * REFUSALS_OF_MUTE; n++) {
			world.fault = n % REFUSALS_OF_MUTE === 0 ? () => {} : refusing;
			await world.send(alice, signal);
		}

		expect(world.take(silent)).toHaveLength(3);
	});

	it("holds up no other peer", async () => {
		const { world, alice } = await aPair();
		const bob = await world.join("bob");
		for (let n = 0; n < REFUSALS_OF_MUTE; n++) await world.send(alice, signal);

		await world.send(alice, { type: "signal", to: "bob" });

		expect(world.take(bob)).toMatchObject([{ type: "signal", from: "alice" }]);
	});
});

describe("the longest time of an operation", () => {
	/**
	 * The time that a frame takes on a fake clock, in ms.
	 * @param slow what becomes of calls of the store and of posts that take as long as they may
	 */
	const timeOf = async (frame: object, slow: "fails" | "succeeds") => {
		vi.useFakeTimers();
		onTestFinished(() => void vi.useRealTimers());
		const world = aWorld();
		for (let n = 0; n < 12; n++) await world.join(aHexId());
		const bob = await world.join("bob");
		const alice = "type" in frame && frame.type === "join" ? world.open() : await world.join("alice");
		world.take(bob);
		world.fault = async (call) => {
			const ms = call.startsWith("store.") ? STORE_LIMIT_MS : CALLBACK_LIMIT_MS;
			await new Promise((resolve) => setTimeout(resolve, ms));
			if (slow === "fails" && call.startsWith("store.")) throw new DependencyError(call, { cause: new Error("hangs") });
		};
		const from = Date.now();
		let took = -1;
		const done = world.send(alice, frame, world.anInstance()).then(() => (took = Date.now() - from));
		await vi.runAllTimersAsync();
		await done;
		return took;
	};

	const signal = { type: "signal", to: "bob" };
	const find = { type: "find_peers" };
	const join = { type: "join", peerId: "alice" };
	const leave = { type: "leave" };

	it.each([
		["join", join],
		["signal", signal],
		["find_peers", find],
		["leave", leave],
	])("is one call and the answer for a %s, if the table hangs", async (_type, frame) => {
		expect(await timeOf(frame, "fails")).toBe(STORE_LIMIT_MS + CALLBACK_LIMIT_MS);
	});

	it.each([
		["join", join, 4, 2],
		["signal", signal, 2, 1],
		["find_peers", find, 2, 1],
		["leave", leave, 4, 2],
	])("is bounded for a %s, if each call takes as long as it may", async (_type, frame, calls, callbacks) => {
		expect(await timeOf(frame, "succeeds")).toBe(calls * STORE_LIMIT_MS + callbacks * CALLBACK_LIMIT_MS);
	});
});
