/** The owner of an id stays: a lease with an owner's key goes to no other client. */
import { describe, expect, it } from "vitest";
import { aWorld } from "../support/world.ts";

const ownerKey = "an owner's key of 128 bits or more";
const otherKey = "another key that is just as long";

describe("an id with an owner's key", () => {
	it.each(["replace", "reject"] as const)(
		"stays with its owner, when the policy is %s",
		async (duplicatePeerPolicy) => {
			const world = aWorld({ duplicatePeerPolicy });
			const alice = await world.join("alice", { ownerKey });

			for (const fields of [{}, { ownerKey: otherKey }, { resumeKey: "wrong" }]) {
				const stranger = world.open();
				await world.send(stranger, { type: "join", peerId: "alice", ...fields }, world.anInstance());

				expect(world.take(stranger)).toMatchObject([{ type: "error", code: "PEER_ID_TAKEN" }]);
				expect(world.isOpen(stranger)).toBe(true);
			}
			expect(world.isOpen(alice)).toBe(true);
			expect(world.take(alice)).toEqual([]);
		},
	);

	it("moves to another connection of its owner, which tells no peer", async () => {
		const world = aWorld({ duplicatePeerPolicy: "reject" });
		const bob = await world.join("bob");
		const older = await world.join("alice", { ownerKey });
		world.take(bob);

		const newer = await world.join("alice", { ownerKey }, world.anInstance());

		expect(world.take(older)).toMatchObject([{ type: "go_away" }]);
		expect(world.isOpen(older)).toBe(false);
		expect(world.isOpen(newer)).toBe(true);
		expect(world.take(bob)).toEqual([]);
	});

	it("keeps its owner over a resume that does not send the key", async () => {
		const world = aWorld();
		const first = world.open();
		await world.send(first, { type: "join", peerId: "alice", ownerKey });
		const [welcome] = world.take(first);
		await world.join("alice", { resumeKey: welcome?.resumeKey });
		const stranger = world.open();

		await world.send(stranger, { type: "join", peerId: "alice" });

		expect(world.take(stranger)).toMatchObject([{ code: "PEER_ID_TAKEN" }]);
	});

	it("can be claimed with a key by a client that takes it from a holder without one", async () => {
		const world = aWorld({ duplicatePeerPolicy: "replace" });
		const first = await world.join("alice");

		await world.join("alice", { ownerKey });

		expect(world.isOpen(first)).toBe(false);
		const stranger = world.open();
		await world.send(stranger, { type: "join", peerId: "alice" });
		expect(world.take(stranger)).toMatchObject([{ code: "PEER_ID_TAKEN" }]);
	});

	it.each(["", "too short", "x".repeat(129), 7, {}])("refuses the key %j without repeating it", async (key) => {
		const world = aWorld();
		const connection = world.open();

		await world.send(connection, { type: "join", peerId: "alice", ownerKey: key });

		expect(world.take(connection)).toMatchObject([
			{ code: "BAD_REQUEST", message: "ownerKey must be a string of 22 to 128 characters." },
		]);
	});

	it("does not throw sixty peers out when a stranger joins as each of them", async () => {
		const world = aWorld();
		const peers = await Promise.all(
			Array.from({ length: 60 }, (_, n) => world.join(`peer ${n}`, { ownerKey: `${ownerKey} ${n}` })),
		);

		for (let n = 0; n < peers.length; n++) await world.join(`peer ${n}`);

		expect(peers.filter((peer) => !world.isOpen(peer))).toEqual([]);
	});
});
