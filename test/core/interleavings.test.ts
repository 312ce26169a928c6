/** Orders of calls that once broke a promise. The explorer (docs/explorer.md) finds such orders; these are named. */
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { REMEMBERED_MS } from "../../lambda/core/limits.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";
import type { Frame } from "../support/client.ts";
import { isNotice, lastNotices } from "../support/notices.ts";
import { aWorld, type Fault, failing, injected, noFault, type World } from "../support/world.ts";

type Match = (...call: Parameters<Fault>) => boolean;

/** Holds the first call that `matches` back until `go`. All other calls pass. */
function holdBack(world: World, matches: Match) {
	let go = () => {};
	let arrive = () => {};
	const reached = new Promise<void>((resolve) => {
		arrive = resolve;
	});
	const gate = new Promise<void>((resolve) => {
		go = resolve;
	});
	world.fault = async (call, args) => {
		if (!matches(call, args)) return;
		world.fault = noFault;
		arrive();
		await gate;
	};
	return { reached, go };
}

const isPost =
	(to: string, type: string): Match =>
	(call, [connectionId, text]) =>
		call === "sender.post" && connectionId === to && JSON.parse(String(text)).type === type;

const typesOf = (frames: readonly Frame[]) => frames.filter(isNotice).map(({ type }) => type);

/** The last notice of bob, by the time of the lease that each notice must carry. */
function lastOfBob(frames: readonly Frame[]): string | undefined {
	for (const frame of frames.filter(isNotice)) expect(frame.at).toBeTypeOf("number");
	return lastNotices(frames).get("bob");
}

describe("a departure", () => {
	it("is told to a peer that joins while it happens", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		const release = holdBack(world, (call) => call === "store.releasePeer");
		const leaving = world.send(bob, { type: "leave" });
		await release.reached;
		const carol = world.open();
		await world.send(carol, { type: "join", peerId: "carol" }, world.anInstance());
		const [welcome, ...others] = world.take(carol);
		expect(welcome?.peers).toMatchObject([{ id: "bob" }]);

		release.go();
		await leaving;

		expect(typesOf([...others, ...world.take(carol)])).toEqual(["peer_left"]);
	});

	it("is told once, when the socket ends while the join announces it", async () => {
		const world = aWorld();
		const carol = await world.join("carol");
		const bob = world.open();
		const confirm = holdBack(world, (call) => call === "store.confirmConnection");
		const joining = world.send(bob, { type: "join", peerId: "bob" });
		await confirm.reached;
		world.end(bob);
		await world.anInstance().disconnect(bob);
		confirm.go();
		await joining;

		expect(typesOf(world.take(carol))).toEqual(["peer_joined", "peer_left"]);
	});
});

describe("the last notice by time", () => {
	it("is the departure, when another came and went while the first left", async () => {
		const world = aWorld();
		const carol = await world.join("carol", {}, world.anInstance());
		const first = await world.join("bob");
		let released = false;
		const afterRelease = holdBack(world, (call) => {
			const next = released;
			released ||= call === "store.releasePeer";
			return next;
		});
		const leaving = world.send(first, { type: "leave" });
		await afterRelease.reached;
		const second = await world.join("bob", {}, world.anInstance());
		const arrival = holdBack(world, isPost(carol, "peer_joined"));
		afterRelease.go();
		await Promise.race([arrival.reached, leaving]);
		world.fault = noFault;
		world.end(second);
		await world.anInstance().disconnect(second);
		arrival.go();
		await leaving;

		expect(lastOfBob(world.take(carol))).toBe("peer_left");
	});

	it("is the arrival, when another joined before a join found its own socket gone", async () => {
		const world = aWorld();
		const carol = await world.join("carol", {}, world.anInstance());
		const first = world.open();
		const confirm = holdBack(world, (call) => call === "store.confirmConnection");
		const joining = world.send(first, { type: "join", peerId: "bob" });
		await confirm.reached;
		world.end(first);
		await world.anInstance().disconnect(first);
		const departure = holdBack(world, isPost(carol, "peer_left"));
		confirm.go();
		await Promise.race([departure.reached, joining]);
		world.fault = noFault;
		await world.join("bob", {}, world.anInstance());
		departure.go();
		await joining;

		expect(lastOfBob(world.take(carol))).toBe("peer_joined");
	});

	it("is the arrival, when the notice of an older departure comes after it", async () => {
		const world = aWorld();
		const carol = await world.join("carol", {}, world.anInstance());
		const first = await world.join("bob");
		const departure = holdBack(world, isPost(carol, "peer_left"));
		const leaving = world.send(first, { type: "leave" });
		await departure.reached;
		await world.join("bob", {}, world.anInstance());
		departure.go();
		await leaving;

		const frames = world.take(carol);
		expect(typesOf(frames).at(-1)).toBe("peer_left");
		expect(lastOfBob(frames)).toBe("peer_joined");
	});
});

describe("a connection that was replaced", () => {
	it("does not act at an instance that remembers it, once the memory has reached its age", async () => {
		const world = aWorld();
		const itsInstance = world.anInstance();
		const carol = await world.join("carol");
		const older = await world.join("bob", {}, itsInstance);
		await world.join("bob", {}, world.anInstance());
		world.take(carol);
		world.clock.forward(REMEMBERED_MS);

		await world.send(older, { type: "signal", to: "carol" }, itsInstance); // sent before it was closed

		expect(world.take(carol)).toEqual([]);
	});

	it("is closed and told, when its takeover could not close it, the newcomer went, and a third joined", async () => {
		const world = aWorld();
		const older = await world.join("bob");
		const newcomer = world.open();
		world.fault = failing("sender.close");
		await world.send(newcomer, { type: "join", peerId: "bob" }, world.anInstance());
		world.fault = noFault;
		world.end(newcomer); // it gives up
		await world.anInstance().disconnect(newcomer);
		const third = await world.join("bob", {}, world.anInstance());

		expect([older, third].filter(world.isOpen)).toEqual([third]);
		expect(world.take(older).map(({ code }) => code)).toContain("PEER_ID_TAKEN");
	});

	it("is closed and told by the end of the newcomer, when its takeover died before it told", async () => {
		const world = aWorld();
		const older = await world.join("bob");
		const newcomer = world.open();
		let claims = 0; // the first finds the id held, the second takes it
		world.fault = (call) => {
			if (claims === 2) throw injected(call);
			if (call === "store.claimPeer") claims += 1;
		};
		await world.send(newcomer, { type: "join", peerId: "bob" }, world.anInstance()).catch(() => {});
		world.fault = noFault;
		world.end(newcomer);
		await world.anInstance().disconnect(newcomer);

		expect(world.isOpen(older)).toBe(false);
		expect(world.take(older).map(({ code }) => code)).toContain("PEER_ID_TAKEN");
	});
});

describe("a closed connection leaves no lease", () => {
	/** The peers that a newcomer is told of. */
	const listed = async (world: World) => {
		const dave = world.open();
		await world.send(dave, { type: "join", peerId: "dave" }, world.anInstance());
		return world.take(dave)[0]?.peers;
	};

	it("when its leave died between its two writes", async () => {
		const world = aWorld();
		const bob = await world.join("bob");
		let left = false;
		world.fault = (call) => {
			if (left) throw injected(call);
			left = call === "store.endConnection";
		};
		await world.send(bob, { type: "leave" }).catch(() => {});
		world.fault = noFault;
		world.end(bob);
		await world.anInstance().disconnect(bob);

		expect(await listed(world)).toEqual([]);
	});

	it("when its $disconnect came before its claim, and the welcome failed", async () => {
		const world = aWorld();
		const bob = world.open();
		const claim = holdBack(world, (call) => call === "store.claimPeer");
		const joining = world.send(bob, { type: "join", peerId: "bob" });
		await claim.reached;
		world.end(bob);
		await world.anInstance().disconnect(bob);
		world.fault = (call) => {
			if (call !== "sender.post") return;
			world.fault = noFault;
			return "lose answer";
		};
		claim.go();
		await joining;

		const bobs = { room: "default", peerId: "bob", key: routingKey("bob", nodeCrypto) };
		expect(await world.store.getPeer(bobs, "strong")).toBeUndefined();
	});
});
