/** The hash of a client's key: kept with its lease, and told to everybody who hears of the peer. */
import { describe, expect, it } from "vitest";
import { aWorld, failing, noFault } from "../support/world.ts";

const identity = "0123456789abcdef0123456789abcdef01234567";
const other = "f".repeat(40);

/** Bob, and what is told of alice when she joins with these fields. */
async function aRoomWith(fields: Record<string, unknown>) {
	const world = aWorld();
	const bob = await world.join("bob");
	const alice = world.open();
	await world.send(alice, { type: "join", peerId: "alice", ...fields });
	const [welcome] = world.take(alice);
	const join = (more: Record<string, unknown>) => world.join("alice", more);
	/** What a search says of alice. */
	const found = async () => {
		await world.send(bob, { type: "find_peers", target: "alice", count: 1 });
		const list = world.take(bob).at(-1);
		return (list?.peers as object[] | undefined)?.[0];
	};
	return { world, bob, alice, resumeKey: welcome?.resumeKey, found, join };
}

describe("the identity of a peer", () => {
	it("is told in the notice, in the list of a newcomer and by find_peers", async () => {
		const { world, bob, found } = await aRoomWith({ identity });

		expect(world.take(bob)).toMatchObject([{ type: "peer_joined", peerId: "alice", identity }]);
		expect(await found()).toMatchObject({ id: "alice", identity });
		const carol = world.open();
		await world.send(carol, { type: "join", peerId: "carol" });
		const listed = world.take(carol)[0]?.peers as { id: string }[];
		expect(listed.find(({ id }) => id === "alice")).toMatchObject({ identity });
		expect(listed.find(({ id }) => id === "bob")).not.toHaveProperty("identity");
	});

	it("is not in the notice of its departure, which says nothing of keys", async () => {
		const { world, bob, alice } = await aRoomWith({ identity });
		world.take(bob);

		await world.send(alice, { type: "leave" });

		expect(world.take(bob)).toEqual([{ type: "peer_left", peerId: "alice", room: "default", at: expect.any(Number) }]);
	});

	it("stays over a resume, whether the client tells it again or not, and no peer is told", async () => {
		for (const again of [{}, { identity }]) {
			const { world, bob, resumeKey, found, join } = await aRoomWith({ identity });
			world.take(bob);

			await join({ resumeKey, ...again });

			expect(world.take(bob)).toEqual([]);
			expect(await found()).toMatchObject({ identity });
		}
	});

	it("changes with a resume under another key, and the neighbours are told of the peer again", async () => {
		const { world, bob, resumeKey, found, join } = await aRoomWith({ identity });
		const [arrival] = world.take(bob);

		await join({ resumeKey, identity: other });

		const [again, ...rest] = world.take(bob);
		expect(again).toMatchObject({ type: "peer_joined", peerId: "alice", identity: other });
		expect(again?.at).toBeGreaterThan(Number(arrival?.at));
		expect(rest).toEqual([]);
		expect(await found()).toMatchObject({ identity: other });
	});

	it("does not pass to another client that takes the id", async () => {
		const { found, join } = await aRoomWith({ identity });

		await join({});

		expect(await found()).not.toHaveProperty("identity");
	});

	it("is that of the first join, if a connection joins again", async () => {
		const { world, bob, alice, found } = await aRoomWith({ identity });
		world.take(bob);

		await world.send(alice, { type: "join", peerId: "alice", identity: other });

		expect(await found()).toMatchObject({ identity });
	});

	it("is told by an instance that has remembered the peer with its older one", async () => {
		const { world, bob, resumeKey } = await aRoomWith({ identity });
		const instance = world.anInstance();
		await world.send(bob, { type: "signal", to: "alice" }, instance);

		await world.join("alice", { resumeKey, identity: other });
		world.take(bob);
		await world.send(bob, { type: "find_peers" }, instance);

		expect(world.take(bob)[0]?.peers).toMatchObject([{ id: "alice", identity: other }]);
	});

	it("takes no call of the store", async () => {
		const calls = async (fields: object) => {
			const world = aWorld();
			await world.join("alice", { ...fields });
			return world.takeCalls();
		};

		expect(await calls({ identity })).toEqual(await calls({}));
	});

	it("is told by a join that is repeated after a failure", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		const alice = world.open();
		world.fault = failing("store.range");
		await world.send(alice, { type: "join", peerId: "alice", identity });
		world.fault = noFault;

		await world.send(alice, { type: "join", peerId: "alice", identity });

		expect(world.take(bob)).toMatchObject([{ type: "peer_joined", identity }]);
	});

	it.each([
		["", ""],
		["of another length", "0".repeat(43)],
		["in capitals", "A".repeat(40)],
		["that is no text", 7],
		["that is a list", [identity]],
	])("%s is refused", async (_, wrong) => {
		const world = aWorld();
		const connection = world.open();

		await world.send(connection, { type: "join", peerId: "alice", identity: wrong });

		const got = Array.isArray(wrong) ? "array" : wrong;
		expect(world.take(connection)).toMatchObject([
			{ code: "BAD_REQUEST", message: `identity must be 40 hexadecimal digits in lower case; got ${got}.` },
		]);
	});
});
