/** Peers at other deployments: news of them, frames to them, and looks for them. */
import { describe, expect, it } from "vitest";
import {
	FAILOVER_MS,
	FIRST_DOUBT_MS,
	LOOK_ASKS,
	LOOK_MAX_MS,
	LOOK_MS,
	MAX_DOUBT_MS,
	MOVE_GRACE_MS,
	RETURN_MS,
	TRY_REGION_MS,
	VISIT_MAX_MS,
} from "../../../client/limits.ts";
import { aRegionalSession, joinsAt } from "../support/a-regional-session.ts";

const MOVED_MS = FAILOVER_MS + TRY_REGION_MS + MOVE_GRACE_MS + 500;
const offer = { type: "signal", signal: { type: "offer", sdp: "v=0", attempt: "a" } } as const;
const relayed = ({ got }: { got: { frame: Record<string, unknown> }[] }) =>
	got.filter(({ frame }) => frame.type === "signal").map(({ frame }) => frame);

describe("news of a peer", () => {
	it("that left a deployment and is reached by the mesh is none, until the mesh loses it", async () => {
		const { timers, regions, heard, mesh, join } = await aRegionalSession(2);
		regions[0].peers = [{ id: "p", lastSeen: 100 }];
		await join();
		mesh.reached.add("p");

		regions[0].say({ type: "peer_left", peerId: "p", room: "room", at: 100 });
		await timers.advance(10 * FIRST_DOUBT_MS);
		expect(heard.left).toEqual([]);
		mesh.reached.delete("p");
		await timers.advance(MAX_DOUBT_MS);

		expect(heard.left).toEqual(["p"]);
	});

	it("that left and is not reached is told at once, once", async () => {
		const { timers, regions, heard, join } = await aRegionalSession(2);
		regions[0].peers = [{ id: "p", lastSeen: 100 }];
		await join();

		for (const _ of [1, 2]) regions[0].say({ type: "peer_left", peerId: "p", room: "room", at: 100 });
		await timers.advance(1);

		expect(heard.left).toEqual(["p"]);
	});

	it("is compared within one deployment only: another one's clock may be years behind", async () => {
		const { session, timers, regions, join } = await aRegionalSession(2);
		const told: unknown[] = [];
		session.on("welcome", ({ peers }) => told.push(...peers.map(({ id, lastSeen }) => [id, lastSeen])));
		session.on("peerJoined", (peerId, at) => told.push([peerId, at]));
		regions[0].peers = [{ id: "p", lastSeen: 2e12 }];
		regions[1].peers = [{ id: "p", lastSeen: 7 }];
		await join();

		regions[0].die();
		await timers.advance(MOVED_MS);
		regions[1].say({ type: "peer_joined", peerId: "p", room: "room", at: 6 });
		regions[1].say({ type: "peer_joined", peerId: "p", room: "room", at: 8 });

		// The same number: nothing new. A greater one: its program may have started again.
		expect(told).toEqual([
			["p", 1],
			["p", 1],
			["p", 2],
		]);
	});

	it("whose link ended is asked of the mesh, if no deployment would tell of its end", async () => {
		const { session, timers, mesh, heard, join } = await aRegionalSession(2);
		await join();
		session.send("stranger", offer);

		mesh.loseLink("stranger");
		await timers.advance(1);

		expect(heard.left).toEqual(["stranger"]);
	});

	it("that comes back counts as new", async () => {
		const { session, timers, regions, join } = await aRegionalSession(2);
		const told: unknown[] = [];
		session.on("peerJoined", (peerId, at) => told.push([peerId, at]));
		session.on("peerLeft", (peerId, at) => told.push([`-${peerId}`, at]));
		await join();

		for (const [type, at] of [
			["peer_joined", 5],
			["peer_left", 5],
			["peer_joined", 5], // it was overtaken
			["peer_joined", 9],
		]) {
			regions[0].say({ type, peerId: "p", room: "room", at });
			await timers.advance(1);
		}

		expect(told).toEqual([
			["p", 1],
			["-p", 1],
			["p", 2],
		]);
	});
});

describe("a frame to a peer", () => {
	it("that no list has named is sent at home, then at the others, and the peer learns of the visit", async () => {
		const { session, timers, regions, heard, join } = await aRegionalSession(3);
		regions[0].unknown.add("p");
		regions[1].unknown.add("p");
		await join();

		session.send("p", offer);
		await timers.advance(200);

		expect(regions.map((region) => relayed(region).length)).toEqual([1, 1, 1]);
		expect(relayed(regions[0])[0]).not.toHaveProperty("region");
		expect(relayed(regions[1])[0]?.region).toBe(regions[0].mark);
		expect(heard.undelivered).toEqual([]);
	});

	it("that no deployment knows is reported once, after all were asked", async () => {
		const { session, timers, regions, heard, join } = await aRegionalSession(3);
		for (const { unknown } of regions) unknown.add("p");
		await join();

		session.send("p", offer);
		await timers.advance(200);

		expect(heard.undelivered).toEqual([{ to: "p", code: "PEER_NOT_FOUND" }]);
		await timers.advance(VISIT_MAX_MS);
		expect(regions.map(({ sockets }) => sockets.size)).toEqual([1, 0, 0]);
	});

	it("that its deployment named and has lost is reported without a visit", async () => {
		const { session, timers, regions, heard, join } = await aRegionalSession(2);
		regions[0].peers = [{ id: "p", lastSeen: 1 }];
		regions[0].unknown.add("p");
		await join();

		session.send("p", offer);
		await timers.advance(200);

		expect(heard.undelivered).toEqual([{ to: "p", code: "PEER_NOT_FOUND" }]);
		expect(joinsAt(regions[1])).toBe(0);
	});

	it("that the mesh reaches is no end of the peer", async () => {
		const { session, timers, regions, heard, mesh, join } = await aRegionalSession(2);
		for (const { unknown } of regions) unknown.add("p");
		mesh.reached.add("p");
		await join();

		session.send("p", offer);
		await timers.advance(1_000);

		expect([heard.undelivered, heard.left]).toEqual([[], []]);
	});

	it("that has visited this deployment goes to its own", async () => {
		const { session, timers, regions, heard, join } = await aRegionalSession(3);
		await join();
		regions[0].say({ ...offer, from: "visitor", region: regions[1].mark });
		regions[0].unknown.add("visitor");

		session.send("visitor", offer);
		await timers.advance(200);

		expect(regions.map((region) => relayed(region).length)).toEqual([1, 1, 0]);
		expect(heard.undelivered).toEqual([]);
	});
});

describe("a look", () => {
	it("is the root's alone", async () => {
		const { timers, regions, join } = await aRegionalSession(2);
		await join();
		regions[0].say({ type: "peer_joined", peerId: "p", room: "room", at: 1 });
		await timers.advance(5 * 60_000);
		expect(joinsAt(regions[1])).toBe(0);
	});

	it("comes soon if no other peer is at home, and has a stranger called", async () => {
		const { timers, regions, mesh, join } = await aRegionalSession(2);
		regions[1].peers = [
			{ id: "known", lastSeen: 1 },
			{ id: "stranger", lastSeen: 1 },
		];
		mesh.reached.add("known");
		mesh.leads = true;
		await join();

		await timers.advance(2_000);

		expect(mesh.bridged).toEqual(["stranger"]);
	});

	it("comes at growing intervals, up to half an hour, and leaves each time", async () => {
		const { timers, regions, mesh, join } = await aRegionalSession(2);
		mesh.leads = true;
		await join();

		await timers.advance(6 * 60 * 60_000);

		const times = regions[1].got.map(({ at }) => at);
		const pauses = times.slice(2).map((at, n) => at - (times[n + 1] ?? 0));
		for (const [n, pause] of pauses.entries()) expect(pause).toBeGreaterThan((pauses[n - 1] ?? 0) - LOOK_MS);
		expect(pauses.at(-1)).toBeLessThan(LOOK_MAX_MS + 2 * LOOK_MS);
		expect(times.length).toBeLessThan(24);
		expect(regions[1].sockets.size).toBe(0);
	});

	it("is asked of a neighbour if the deployment cannot be reached, and the neighbour's neighbour", async () => {
		const { session, timers, regions, mesh, join } = await aRegionalSession(2);
		regions[1].mode = "silent";
		mesh.leads = true;
		mesh.neighbours = ["n", "o", "p", "q"];
		await join();
		await timers.advance(LOOK_MS + 8_000);
		const [{ to = "", steps = 0 } = {}] = mesh.asked;
		expect(new Set(mesh.asked.map(({ neighbour }) => neighbour)).size).toBe(LOOK_ASKS);

		const other = await aRegionalSession(2);
		other.regions[1].peers = [{ id: "stranger", lastSeen: 1 }];
		await other.join();
		expect(other.session.asked(to, steps)).toBe(true);
		expect(other.session.asked(to, steps)).toBe(true); // once is enough
		await other.timers.advance(200);

		expect([joinsAt(other.regions[1]), other.mesh.bridged]).toEqual([1, ["stranger"]]);
		expect(session.asked("a peer of another island", 3)).toBe(false);
	});

	it("of a deployment that nobody knows is passed on, and ends", async () => {
		const { session, mesh, join } = await aRegionalSession(2);
		mesh.neighbours = ["n"];
		await join();

		expect([session.asked("look into ffffffff", 1), session.asked("look into ffffffff", 0)]).toEqual([true, true]);

		expect(mesh.asked).toEqual([{ neighbour: "n", to: "look into ffffffff", steps: 0 }]);
	});

	it("is refused without harm by a deployment that is broken or hostile", async () => {
		for (const mode of ["INTERNAL", "UNAUTHORIZED", "PEER_ID_TAKEN", "UNAVAILABLE"]) {
			const { session, timers, regions, mesh, heard, join } = await aRegionalSession(2);
			regions[1].mode = mode;
			mesh.leads = true;
			await join();

			await timers.advance(60_000);

			expect([session.state, heard.errors, regions[1].sockets.size]).toEqual(["joined", [], 0]);
		}
	});

	it("reads any list", async () => {
		const { session, timers, regions, mesh, join } = await aRegionalSession(2);
		regions[1].peers = [{ id: "me" }, { id: 7 }, {}, { id: "" }, { id: "x".repeat(500) }, { id: "ok" }];
		mesh.leads = true;
		await join();
		await timers.advance(5_000);
		expect([session.state, mesh.bridged]).toEqual(["joined", ["ok"]]);
	});
});

it("a visit that becomes the home stays", async () => {
	const { session, timers, regions, mesh, told, join } = await aRegionalSession(2);
	mesh.leads = true;
	await join();
	await timers.advance(1_500);
	expect(regions[1].sockets.size).toBe(1);
	regions[0].die();
	mesh.leads = false;
	await timers.advance(2 * VISIT_MAX_MS);
	expect([session.state, told.at(-1), regions[1].sockets.size]).toEqual(["joined", regions[1].name, 1]);
	regions[0].mode = "open";
	await timers.advance(20 * RETURN_MS);
	expect([told.at(-1), regions[1].sockets.size]).toEqual([regions[0].name, 0]);
});
