/** The rules that a socket cannot show: faults, races, and the number of calls. The conversation is in test/contract. */
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";
import { lastNotices } from "../support/notices.ts";
import { aWorld, failing, injected, noFault, type World } from "../support/world.ts";

const room = "default";
const identity = (peerId: string) => ({ room, peerId, key: routingKey(peerId, nodeCrypto) });
const holderOf = async (world: World, peerId: string) =>
	(await world.store.getPeer(identity(peerId), "strong"))?.connectionId;
const types = (frames: readonly { type?: string }[]) => frames.map((frame) => frame.type);

describe("a peer that is gone", () => {
	it("spoils nothing for the others in a fan-out, and is evicted", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const ghost = await world.join("ghost");
		const carol = await world.join("carol");
		world.end(ghost);
		world.take(alice);

		const bob = world.open();
		await world.send(bob, { type: "join", peerId: "bob" });

		const told = (connectionId: string) => world.take(connectionId).map((frame) => [frame.type, frame.peerId]);
		const news = [
			["peer_joined", "bob"],
			["peer_left", "ghost"],
		];
		expect(told(alice)).toEqual(news);
		expect(told(carol)).toEqual(news);
		expect(told(bob)).toEqual([
			["bootstrap_peers", "bob"],
			["peer_left", "ghost"],
		]);
		expect(await holderOf(world, "ghost")).toBeUndefined();
	});

	it("is evicted by the signal that does not reach it, and its neighbours are told once", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const ghost = await world.join("ghost");
		world.end(ghost);
		world.take(alice);

		await Promise.all([1, 2, 3].map((id) => world.send(alice, { type: "signal", to: "ghost", id })));

		const frames = world.take(alice);
		expect(types(frames).filter((type) => type === "peer_left")).toHaveLength(1);
		const answered = frames.filter((frame) => frame.code === "PEER_NOT_FOUND").map((frame) => frame.id);
		expect(answered.sort()).toEqual([1, 2, 3]);
		expect(await world.store.getConnection(ghost, "strong")).toBeUndefined();
	});

	it("is not announced as gone a second time by its $disconnect", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const ghost = await world.join("ghost");
		world.end(ghost);
		await world.send(alice, { type: "signal", to: "ghost" });
		world.take(alice);

		await world.anInstance().disconnect(ghost);

		expect(world.take(alice)).toEqual([]);
	});

	it("does not live on in chains: all the dead that a notice meets are cleared away", async () => {
		const world = aWorld();
		const ghosts = [];
		for (let n = 0; n < 6; n++) ghosts.push(await world.join(`ghost ${n}`));
		for (const ghost of ghosts) world.end(ghost);

		await world.join("alice");

		for (let n = 0; n < 6; n++) expect(await holderOf(world, `ghost ${n}`)).toBeUndefined();
	});

	it("is not mistaken for a peer that came back on another connection", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		await world.send(alice, { type: "signal", to: "bob" }); // alice's instance now remembers where bob is
		world.end(older);
		const newer = await world.join("bob", {}, world.anInstance());
		world.take(alice);

		await world.send(alice, { type: "signal", to: "bob", n: 2 });

		expect(world.take(newer)).toMatchObject([{ type: "signal", n: 2, from: "alice" }]);
		expect(world.take(alice)).toEqual([]);
	});
});

describe("a late $disconnect", () => {
	it("does not remove the newer binding, nor announce that the peer left", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		const newer = await world.join("bob", {}, world.anInstance());
		world.take(alice);

		await world.anInstance().disconnect(older);

		expect(await holderOf(world, "bob")).toBe(newer);
		expect(world.take(alice)).toEqual([]);
	});

	it("does not announce the departure of an id that was joined again meanwhile", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		world.end(older);
		world.take(alice);
		world.fault = async (call) => {
			if (call !== "store.range") return;
			world.fault = noFault;
			await world.join("bob", {}, world.anInstance()); // after the lease went, before anybody was told
		};

		await world.anInstance().disconnect(older);

		expect(world.take(alice)).toEqual([{ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) }]);
	});

	it("leaves the neighbours with the truth, where its notice and that of a new join cross", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		world.end(older);
		world.take(alice);
		world.fault = async (call) => {
			if (call !== "sender.post") return;
			world.fault = noFault;
			world.clock.forward(1);
			await world.join("bob", {}, world.anInstance()); // just before alice is told that bob left
		};

		await world.anInstance().disconnect(older);

		const heard = world.take(alice);
		expect(types(heard)).toEqual(["peer_joined", "peer_left"]);
		expect(lastNotices(heard).get("bob")).toBe("peer_joined");
	});

	it("that comes twice is announced once", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.end(bob);
		world.take(alice);

		await Promise.all([world.anInstance().disconnect(bob), world.anInstance().disconnect(bob)]);

		expect(types(world.take(alice))).toEqual(["peer_left"]);
	});
});

describe("a join that its socket does not outlive", () => {
	it("leaves nothing, where $disconnect comes between its writes", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = world.open();
		world.fault = async (call) => {
			if (call !== "store.claimPeer") return;
			world.fault = noFault;
			world.end(bob);
			await world.anInstance().disconnect(bob);
		};

		await world.send(bob, { type: "join", peerId: "bob" });

		expect(await holderOf(world, "bob")).toBeUndefined();
		expect(await world.store.getConnection(bob, "strong")).toBeUndefined();
		expect(types(world.take(alice))).not.toContain("peer_joined");
	});
});

describe("a peer that goes while it joins", () => {
	/** Runs `act` once, before the first call that is `wanted`. */
	const justBefore = (
		world: World,
		wanted: (call: string, args: readonly unknown[]) => boolean,
		act: () => Promise<void>,
	) => {
		world.fault = async (call, args) => {
			if (!wanted(call, args)) return;
			world.fault = noFault;
			await act();
		};
	};
	const isNotice = (call: string, [, text]: readonly unknown[]) =>
		call === "sender.post" && String(text).includes("peer_joined");

	it.each(["disconnect", "leave"])("is last heard of as gone, where its %s overtakes the notices", async (how) => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = world.open();
		const other = world.anInstance();
		justBefore(world, isNotice, () =>
			how === "leave" ? world.send(bob, { type: "leave" }, other) : other.disconnect(bob),
		);

		await world.send(bob, { type: "join", peerId: "bob" });

		const heard = world.take(alice);
		expect(lastNotices(heard).get("bob")).toBe("peer_left");
		expect(types(heard).filter((type) => type === "peer_left")).toHaveLength(1);
		expect(await holderOf(world, "bob")).toBeUndefined();
	});

	it.each([
		["its leave meets the join", { type: "join", peerId: "bob" }, { type: "leave" }],
		["its join meets the leave", { type: "leave" }, { type: "join", peerId: "bob" }],
	])("does not come back by joining again: %s", async (_order, first, second) => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.take(alice);
		// A join reads the lease before it claims it, a leave after it gave it back.
		const readsLease = (call: string) => call === "store.getPeer";
		justBefore(world, readsLease, () => world.send(bob, second, world.anInstance()));

		await world.send(bob, first, world.anInstance());
		world.end(bob);
		await world.anInstance().disconnect(bob);

		expect(types(world.take(alice)).at(-1)).toBe("peer_left");
		expect(await holderOf(world, "bob")).toBeUndefined();
	});
});

describe("a frame that overtakes its join", () => {
	it("is carried out where the join has won the id, though not yet finished", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = world.open();
		const other = world.anInstance();
		world.fault = async (call) => {
			if (call !== "store.confirmConnection") return;
			world.fault = noFault;
			await world.send(bob, { type: "signal", to: "alice" }, other);
		};

		await world.send(bob, { type: "join", peerId: "bob" });

		expect(world.take(alice)).toContainEqual({ type: "signal", to: "alice", from: "bob" });
	});

	it("does not act under an id that its connection has not won", async () => {
		const world = aWorld({ duplicatePeerPolicy: "reject" });
		const alice = await world.join("alice");
		await world.join("bob");
		world.take(alice);
		const impostor = world.open();
		world.fault = async (call) => {
			if (call !== "store.claimPeer") return;
			world.fault = noFault;
			await world.send(impostor, { type: "signal", to: "alice" }, world.anInstance());
		};

		await world.send(impostor, { type: "join", peerId: "bob" });

		expect(world.take(alice)).toEqual([]);
		expect(world.take(impostor).map((frame) => frame.code)).toEqual(["NOT_JOINED", "PEER_ID_TAKEN"]);
	});
});

describe("a signal between peers that the instance knows", () => {
	it("is posted before anything is waited for, so that the frames of one read of a socket go out together", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		await world.join("bob");
		world.takeCalls();

		const sent = world.send(alice, { type: "signal", to: "bob" });

		expect(world.takeCalls()).toEqual(["sender.post"]);
		await sent;
		expect(world.takeCalls()).toEqual([]);
	});
});

describe("duplicate_peer_policy reject", () => {
	it("leaves the id to its holder, and the newcomer free to choose another", async () => {
		const world = aWorld({ duplicatePeerPolicy: "reject" });
		const holder = await world.join("bob");
		const newcomer = world.open();

		await world.send(newcomer, { type: "join", peerId: "bob" });
		expect(world.take(newcomer)).toMatchObject([
			{ code: "PEER_ID_TAKEN", message: "Another client joined with your ID.", retryable: false },
		]);
		expect(world.isOpen(holder)).toBe(true);
		expect(await holderOf(world, "bob")).toBe(holder);

		await world.send(newcomer, { type: "join", peerId: "bob 2" });
		expect(world.take(newcomer)).toMatchObject([{ type: "bootstrap_peers", peerId: "bob 2" }]);
	});

	it("gives the id to the newcomer where the holder's connection is no more", async () => {
		const world = aWorld({ duplicatePeerPolicy: "reject" });
		const holder = await world.join("bob");
		world.end(holder);

		const newcomer = await world.join("bob");

		expect(await holderOf(world, "bob")).toBe(newcomer);
	});

	it("moves the id to the same peer on a newer connection", async () => {
		const world = aWorld({ duplicatePeerPolicy: "reject" });
		const older = world.open();
		await world.send(older, { type: "join", peerId: "bob" });
		const [welcome] = world.take(older);
		const newer = world.open();

		await world.send(newer, { type: "join", peerId: "bob", resumeKey: welcome?.resumeKey });

		expect(await holderOf(world, "bob")).toBe(newer);
		expect(world.isOpen(older)).toBe(false);
	});
});

describe("a connection that was replaced", () => {
	it("cannot act as the peer by a frame that was under way, at the instance that replaced it", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		await world.join("bob");
		world.take(alice);

		await world.send(older, { type: "signal", to: "alice" });

		expect(world.take(alice)).toEqual([]);
	});

	it("cannot act as the peer, though closing it failed, and is closed when the join is repeated", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		const newer = world.open();
		world.fault = failing("sender.close");
		await world.send(newer, { type: "join", peerId: "bob" });
		expect(world.take(newer)).toMatchObject([{ code: "UNAVAILABLE" }]);
		expect(world.isOpen(older)).toBe(true);
		await world.send(older, { type: "signal", to: "alice" }, world.anInstance());
		world.fault = noFault;
		expect(types(world.take(alice))).not.toContain("signal");

		await world.send(newer, { type: "join", peerId: "bob" });

		expect(world.take(newer)).toMatchObject([{ type: "bootstrap_peers" }]);
		expect(world.isOpen(older)).toBe(false);
	});

	it("cannot act as the peer, where what replaced it was never finished", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const older = await world.join("bob");
		let claims = 0;
		world.fault = (call) => {
			if (call === "store.claimPeer" && ++claims === 2) throw injected(call); // the first finds that the id is held
		};
		await world.send(world.open(), { type: "join", peerId: "bob" });
		world.fault = noFault;
		world.take(alice);

		await world.send(older, { type: "signal", to: "alice" }, world.anInstance());

		expect(world.take(alice)).toEqual([]);
		expect(world.isOpen(older)).toBe(false);
	});
});

describe("a failing dependency", () => {
	it.each(["store.openConnection", "store.claimPeer", "store.range", "sender.post"])(
		"in a join (%s) is answered as unavailable, and the same join then succeeds",
		async (call) => {
			const world = aWorld();
			const alice = await world.join("alice");
			const bob = world.open();
			let failures = 1;
			world.fault = (name, args) => {
				if (name !== call || failures === 0 || args[0] === alice) return;
				failures -= 1;
				return failing(call)(name, args);
			};

			await world.send(bob, { type: "join", peerId: "bob", id: 1 });
			expect(world.take(bob)).toMatchObject([{ code: "UNAVAILABLE", retryable: true, id: 1, requestType: "join" }]);
			await world.send(bob, { type: "join", peerId: "bob", id: 2 });

			expect(world.take(bob)).toMatchObject([{ type: "bootstrap_peers", peers: [{ id: "alice" }] }]);
			expect(types(world.take(alice))).toEqual(["peer_joined"]);
			await world.anInstance().disconnect(bob);
			expect(await holderOf(world, "bob")).toBeUndefined();
		},
	);

	it("in a takeover does not leave the older connection open once the join has succeeded", async () => {
		const world = aWorld();
		const older = await world.join("bob");
		const newer = world.open();
		world.fault = failing("store.endConnection");
		await world.send(newer, { type: "join", peerId: "bob" });
		expect(world.take(newer)).toMatchObject([{ code: "UNAVAILABLE" }]);
		world.fault = noFault;

		await world.send(newer, { type: "join", peerId: "bob" });

		expect(world.take(newer)).toMatchObject([{ type: "bootstrap_peers" }]);
		expect(world.take(older)).toMatchObject([{ code: "PEER_ID_TAKEN" }]);
		expect(world.isOpen(older)).toBe(false);
	});

	it("is answered once all the rest is done, since what still runs would freeze with the function", async () => {
		const world = aWorld();
		const bob = world.open();
		let queries = 0;
		let ended = 0;
		world.fault = async (call) => {
			if (call !== "store.range") return;
			if (++queries === 1) throw injected(call);
			for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
			ended += 1;
		};

		await world.send(bob, { type: "join", peerId: "bob" });

		expect(world.take(bob)).toMatchObject([{ code: "UNAVAILABLE" }]);
		expect(ended).toBe(queries - 1);
	});

	it("after the welcome does not make a join fail", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		world.fault = failing("store.confirmConnection");
		const bob = world.open();

		await world.send(bob, { type: "join", peerId: "bob" });
		world.fault = noFault;
		await world.send(bob, { type: "signal", to: "alice" }, world.anInstance());

		expect(types(world.take(bob))).toEqual(["bootstrap_peers"]);
		expect(types(world.take(alice))).toEqual(["peer_joined", "signal"]);
	});

	it.each(["store.getConnection", "store.getPeer", "sender.post"])(
		"in a signal (%s) is answered to its sender, and the same signal then arrives once",
		async (call) => {
			const world = aWorld();
			const alice = await world.join("alice");
			const bob = await world.join("bob");
			world.take(alice);
			const cold = world.anInstance();
			world.fault = (name, args) => {
				if (name === call && args[0] !== bob) return failing(call)(name, args);
				if (name === call && call === "store.getConnection") return failing(call)(name, args);
			};

			await world.send(bob, { type: "signal", to: "alice", id: "x" }, cold);
			expect(world.take(bob)).toMatchObject([{ code: "UNAVAILABLE", retryable: true, id: "x", to: "alice" }]);
			world.fault = noFault;
			await world.send(bob, { type: "signal", to: "alice", id: "x" }, cold);

			expect(world.take(alice)).toHaveLength(1);
			expect(world.take(bob)).toEqual([]);
		},
	);

	it("in a leave is answered, and the same leave then succeeds and is announced once", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.take(alice);
		for (const calls of [
			["store.endConnection"],
			["store.releasePeer"],
			["store.endConnection", "store.releasePeer"],
		]) {
			world.fault = failing(...calls);
			await world.send(bob, { type: "leave" });
			expect(world.take(bob)).toMatchObject([{ code: "UNAVAILABLE", requestType: "leave" }]);
		}
		world.fault = noFault;

		await world.send(bob, { type: "leave" });

		expect(world.isOpen(bob)).toBe(false);
		expect(types(world.take(alice))).toEqual(["peer_left"]);
	});

	it("at a $disconnect that hides the neighbours does not keep the lease alive", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		world.end(bob);
		world.fault = failing("store.range");

		await world.anInstance().disconnect(bob);

		expect(await holderOf(world, "bob")).toBeUndefined();
		expect(world.log.lines).toContainEqual(expect.objectContaining({ event: "departure_not_told" }));
	});

	it("that hides the neighbours of a departure once is tried again", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		world.take(alice);
		world.fault = (call) => {
			if (call !== "store.range") return;
			world.fault = noFault;
			throw injected(call);
		};

		await world.send(bob, { type: "leave" });

		expect(types(world.take(alice))).toEqual(["peer_left"]);
	});

	it("that even its error cannot be sent makes the handler fail, so that the gateway answers", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		world.fault = failing("store.getPeer", "sender.post");

		await expect(world.send(bob, { type: "signal", to: "alice" })).rejects.toThrow("sender.post failed");
	});
});

describe("an error of our own", () => {
	it("is logged whole and answered by a fixed sentence", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		world.fault = (call) => {
			if (call === "store.getPeer") throw new TypeError("a secret of the implementation");
		};

		await world.send(bob, { type: "signal", to: "alice" });

		expect(world.take(bob)).toEqual([
			{
				type: "error",
				code: "INTERNAL",
				message: "The server failed to handle this message.",
				retryable: false,
				requestType: "signal",
				to: "alice",
			},
		]);
		expect(world.log.lines).toContainEqual(
			expect.objectContaining({ level: "error", event: "internal_error", cause: expect.any(TypeError) }),
		);
	});
});

describe("leases", () => {
	it("last as long as the oldest connection can, and not much longer", async () => {
		const world = aWorld();
		const alice = await world.join("alice");
		const bob = await world.join("bob");
		const minutes = (n: number) => n * 60_000;

		world.clock.forward(minutes(120));
		await world.send(bob, { type: "signal", to: "alice" });
		expect(types(world.take(alice))).toContain("signal");

		world.clock.forward(minutes(6));
		const carol = world.open();
		await world.send(carol, { type: "join", peerId: "carol" });
		expect(world.take(carol)).toMatchObject([{ type: "bootstrap_peers", peers: [] }]);
		await world.send(carol, { type: "signal", to: "alice" });
		expect(world.take(carol)).toMatchObject([{ code: "PEER_NOT_FOUND" }]);
	});
});
