/** How much a client may do, and until when. */
import { describe, expect, it } from "vitest";
import { MAX_DEFIANCES, REPORTED_FRAMES } from "../../lambda/core/limits.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { aWorld, failing, noFault } from "../support/world.ts";

const { clientBurstLimit, clientRateLimit, searchBurstLimit, joinDeadlineMs } = DEFAULT_SETTINGS;

describe("the rate limit", () => {
	const signal = { type: "signal", to: "bob" };

	/** Alice and Bob, joined, with nothing unread. */
	const aPair = async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.take(alice);
		world.clock.forward(60_000);
		return { world, alice, bob };
	};

	it("lets a burst through and refuses what follows, saying which frame and when to go on", async () => {
		const { world, alice, bob } = await aPair();

		for (let n = 0; n < clientBurstLimit; n++) await world.send(alice, { ...signal, n });
		expect(world.take(alice)).toEqual([]);
		await world.send(alice, { ...signal, id: "one too many" });

		expect(world.take(bob)).toHaveLength(clientBurstLimit);
		const retryAfter = 1000 / clientRateLimit;
		expect(world.take(alice)).toEqual([
			{
				type: "error",
				code: "RATE_LIMITED",
				message: `Too many messages. Wait ${retryAfter} ms.`,
				retryable: true,
				retryAfter,
				requestType: "signal",
				id: "one too many",
				to: "bob",
			},
		]);
		world.clock.forward(retryAfter);
		await world.send(alice, signal);
		expect(world.take(bob)).toHaveLength(1);
		expect(world.take(alice)).toEqual([]);
	});

	it("costs one call of the store for every fifty frames, and none for those that it refuses", async () => {
		const { world, alice } = await aPair();
		const instance = world.anInstance();
		await world.send(alice, signal, instance); // what the instance does not know yet it has to look up
		const callsFor = async (count: number) => {
			world.takeCalls();
			for (let n = 0; n < count; n++) await world.send(alice, signal, instance);
			return world.takeCalls().filter((call) => call !== "sender.post");
		};

		expect(await callsFor(REPORTED_FRAMES - 2)).toEqual([]);
		expect(await callsFor(1)).toEqual(["store.countFrames"]);
		expect(await callsFor(clientBurstLimit - REPORTED_FRAMES)).toEqual(Array(3).fill("store.countFrames"));
		expect(await callsFor(MAX_DEFIANCES)).toEqual([]);
	});

	it("lets frames through where they cannot be counted together", async () => {
		const { world, alice, bob } = await aPair();
		world.fault = failing("store.countFrames");

		for (let n = 0; n < clientBurstLimit; n++) await world.send(alice, signal);

		expect(world.take(bob)).toHaveLength(clientBurstLimit);
		expect(world.take(alice)).toEqual([]);
	});

	it("is one of the connection, not of the room", async () => {
		const { world, alice, bob } = await aPair();
		for (let n = 0; n < clientBurstLimit + 1; n++) await world.send(alice, signal);
		world.take(alice);

		await world.send(bob, { type: "signal", to: "alice" });

		expect(world.take(alice)).toMatchObject([{ type: "signal" }]);
	});

	it("is tighter for what searches the table", async () => {
		const { world, alice } = await aPair();

		for (let n = 0; n < searchBurstLimit + 2; n++) await world.send(alice, { type: "find_peers" });

		const codes = world.take(alice).map((frame) => frame.code);
		expect(codes.filter((code) => code === "RATE_LIMITED")).toHaveLength(2);
		await world.send(alice, signal);
		expect(world.take(alice)).toEqual([]);
	});

	it("cuts off a client that goes on, and does nothing more for it", async () => {
		const { world, alice, bob } = await aPair();

		for (let n = 0; n < clientBurstLimit + 1 + MAX_DEFIANCES; n++) await world.send(alice, signal);

		expect(world.isOpen(alice)).toBe(false);
		expect(world.take(alice).at(-1)).toMatchObject({
			code: "RATE_LIMITED",
			message: "Too many messages. The connection is closed.",
		});
		expect(world.take(bob)).toHaveLength(clientBurstLimit);
		world.takeCalls();
		await world.send(alice, signal);
		expect(world.takeCalls()).toEqual(["sender.close"]);
	});

	it("tries again to cut off one whose closing failed", async () => {
		const { world, alice } = await aPair();
		world.fault = failing("sender.close");
		for (let n = 0; n < clientBurstLimit + 1 + MAX_DEFIANCES; n++) await world.send(alice, signal);
		expect(world.isOpen(alice)).toBe(true);

		world.fault = noFault;
		await world.send(alice, signal);

		expect(world.isOpen(alice)).toBe(false);
	});

	it("never cuts off a client that waits when it is told to", async () => {
		const { world, alice, bob } = await aPair();
		let arrived = 0;

		for (let n = 0; n < 3 * clientBurstLimit; n++) {
			await world.send(alice, signal);
			const [refused] = world.take(alice);
			if (refused !== undefined) world.clock.forward(refused.retryAfter as number);
			arrived += world.take(bob).length;
		}

		expect(world.isOpen(alice)).toBe(true);
		// Of the frames after the burst every second one is refused.
		expect(arrived).toBe(2 * clientBurstLimit);
	});

	it.each([1, 5, 20, 50])("stops a flood of 1,000 frames a second that is spread over %i instances", async (count) => {
		const { world, alice, bob } = await aPair();
		const instances = Array.from({ length: count }, () => world.anInstance());

		let sent = 0;
		while (world.isOpen(alice) && sent < 100_000) {
			world.clock.forward(1);
			await world.send(alice, signal, instances[sent++ % count]);
		}

		// The number that all of them may let through in a minute, and the number that each does not report.
		const minute = 60 * clientRateLimit + clientBurstLimit;
		expect(world.isOpen(alice)).toBe(false);
		expect(world.take(bob).length).toBeLessThanOrEqual(minute + count * REPORTED_FRAMES);
		expect(sent).toBeLessThan(6_000);
	});
});

describe("the deadline of a join", () => {
	const tooLate = { type: "error", code: "NOT_JOINED", message: expect.stringContaining("did not join within 60 s") };

	it.each([{ type: "join", peerId: "alice" }, { type: "signal", to: "bob" }, { type: "find_peers" }])(
		"ends a connection that comes after it with %j",
		async (frame) => {
			const world = aWorld();
			const late = world.open();
			world.clock.forward(joinDeadlineMs + 1);

			await world.send(late, frame);

			expect(world.take(late)).toEqual([expect.objectContaining(tooLate)]);
			expect(world.isOpen(late)).toBe(false);
		},
	);

	it("leaves a connection that is in time the chance to join", async () => {
		const world = aWorld();
		const client = world.open();
		world.clock.forward(joinDeadlineMs);

		await world.send(client, { type: "signal", to: "bob" });
		await world.send(client, { type: "join", peerId: "alice" });

		expect(world.take(client)).toMatchObject([{ code: "NOT_JOINED" }, { type: "bootstrap_peers" }]);
	});

	it("is nothing to one that has joined, also when it joins again", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		world.clock.forward(joinDeadlineMs + 1);

		await world.send(alice, { type: "join", peerId: "alice" }, world.anInstance());

		expect(world.take(alice)).toMatchObject([{ type: "bootstrap_peers" }]);
	});
});
