/** Which deployment a session is at home in. */
import { describe, expect, it } from "vitest";
import {
	FAILOVER_MS,
	JOIN_DEADLINE_MS,
	MEASURE_MS,
	MOVE_GRACE_MS,
	RETURN_MAX_MS,
	RETURN_MS,
	TRY_REGION_MS,
} from "../../../client/limits.ts";
import { aRegionalSession, joinsAt } from "../support/a-regional-session.ts";

/** Long enough for a failover, with all its waits. */
const MOVED_MS = FAILOVER_MS + TRY_REGION_MS + MOVE_GRACE_MS + 500;

describe("the first home", () => {
	it("is the home of the room, and no other deployment hears of the session", async () => {
		const { session, regions, heard, told, join } = await aRegionalSession(3);

		await join();

		expect([session.state, session.region, told]).toEqual(["joined", regions[0].name, [regions[0].name]]);
		expect(regions.map(joinsAt)).toEqual([1, 0, 0]);
		expect(heard.states).toEqual(["joining", "joined"]);
	});

	it("is the next that answers, if connections are refused", async () => {
		const { session, regions, heard, join } = await aRegionalSession(3);
		regions[0].mode = regions[1].mode = "refused";

		await join(MOVE_GRACE_MS + 500);

		expect(session.region).toBe(regions[2]?.name);
		expect(heard.errors.length).toBeGreaterThan(1);
	});

	it("is the next after some seconds, if nothing answers", async () => {
		const { session, timers, regions } = await aRegionalSession(2);
		regions[0].mode = "silent";

		void session.join();
		await timers.advance(TRY_REGION_MS - 100);
		expect(joinsAt(regions[1])).toBe(0);
		await timers.advance(MOVE_GRACE_MS + 500);

		expect(session.region).toBe(regions[1].name);
	});

	it.each(["INTERNAL", "UNAVAILABLE"])("is the next, if the first answers %s to the join", async (code) => {
		const { session, regions, join } = await aRegionalSession(2);
		regions[0].mode = code;

		await join(TRY_REGION_MS + MOVE_GRACE_MS + 500);

		expect(session.region).toBe(regions[1].name);
	});

	it.each(["UNAUTHORIZED", "FORBIDDEN", "PEER_ID_TAKEN", "BAD_REQUEST"])(
		"is none, if the home of the room answers %s",
		async (code) => {
			const { session, timers, regions, heard } = await aRegionalSession(2);
			regions[0].mode = code;
			const joining = session.join();

			await timers.advance(1_000);

			await expect(joining).rejects.toMatchObject({ code });
			expect([session.state, joinsAt(regions[1])]).toEqual(["left", 0]);
			expect(heard.errors.map((error) => error.code)).toEqual([code]);
			expect(timers.pending()).toBe(0);
		},
	);

	it("is none, if the home is away and another client has the id at the next", async () => {
		const { session, timers, regions } = await aRegionalSession(2);
		regions[0].mode = "refused";
		regions[1].mode = "PEER_ID_TAKEN";
		const joining = session.join();

		await timers.advance(1_000);

		await expect(joining).rejects.toMatchObject({ code: "PEER_ID_TAKEN" });
	});

	it("skips a deployment that has other secrets", async () => {
		const { session, regions, join } = await aRegionalSession(3);
		regions[0].mode = "refused";
		regions[1].mode = "UNAUTHORIZED";

		await join(MOVE_GRACE_MS + 500);

		expect(session.region).toBe(regions[2]?.name);
	});

	it("is given up if nothing answers for half a minute", async () => {
		const { session, timers, regions } = await aRegionalSession(2);
		for (const region of regions) region.mode = "silent";
		const joining = session.join();

		await timers.advance(JOIN_DEADLINE_MS);

		await expect(joining).rejects.toMatchObject({ code: "TIMEOUT" });
		expect([session.state, timers.pending()]).toEqual(["left", 0]);
	});

	it("comes first, if this peer's own network was down and all answer again", async () => {
		const { session, timers, regions } = await aRegionalSession(3);
		for (const region of regions) region.mode = "refused";
		void session.join();
		await timers.advance(8_000);
		for (const region of regions) region.mode = "open";

		await timers.advance(10_000);

		expect(session.region).toBe(regions[0].name);
	});
});

describe("a home that is lost", () => {
	it("is not left for a loss of some seconds", async () => {
		const { session, timers, regions, heard, told, join } = await aRegionalSession(2);
		await join();

		regions[0].die();
		await timers.advance(FAILOVER_MS - 2_500);
		regions[0].mode = "open";
		await timers.advance(60_000);

		expect([session.state, told.length, joinsAt(regions[1])]).toEqual(["joined", 1, 0]);
		expect(heard.states).toEqual(["joining", "joined", "reconnecting", "joined"]);
	});

	it("is left for the next, and the mesh goes on", async () => {
		const { session, timers, regions, heard, told, join } = await aRegionalSession(2);
		await join();

		regions[0].die();
		await timers.advance(MOVED_MS);

		expect([session.state, told]).toEqual(["joined", regions.map(({ name }) => name)]);
		expect(heard.states).toEqual(["joining", "joined", "reconnecting", "joined"]);
		expect(heard.left).toEqual([]);
	});

	it("is kept if no deployment answers: the network of this peer is down", async () => {
		const { session, timers, regions, told, join } = await aRegionalSession(3);
		await join();

		for (const region of regions) region.die();
		await timers.advance(10 * 60_000);
		expect(session.state).toBe("reconnecting");
		for (const region of regions) region.mode = "open";
		await timers.advance(60_000);

		expect([session.state, told]).toEqual(["joined", [regions[0].name]]);
		expect(regions.map(({ sockets }) => sockets.size)).toEqual([1, 0, 0]);
	});

	it("ends the session if another client takes the id", async () => {
		const { session, regions, heard, timers, join } = await aRegionalSession(2);
		await join();

		regions[0].say({ type: "error", code: "PEER_ID_TAKEN", message: "Another client.", retryable: false });
		await timers.advance(10_000);

		expect([session.state, joinsAt(regions[1]), timers.pending()]).toEqual(["left", 0, 0]);
		expect(heard.errors.map(({ code }) => code)).toEqual(["PEER_ID_TAKEN"]);
	});
});

describe("a return", () => {
	it("joins the home before it leaves the other, and tells of no end", async () => {
		const { session, timers, regions, heard, told, join } = await aRegionalSession(2);
		await join();
		regions[0].die();
		await timers.advance(MOVED_MS);
		regions[0].mode = "open";

		const both: number[] = [];
		for (let ms = 0; ms < 2 * RETURN_MS; ms += 100) {
			await timers.advance(100);
			both.push(regions[0].sockets.size + regions[1].sockets.size);
		}

		expect(told).toEqual([regions[0].name, regions[1].name, regions[0].name]);
		expect([Math.min(...both), Math.max(...both), both.at(-1)]).toEqual([1, 2, 1]);
		expect(regions[0].sockets.size).toBe(1);
		expect([session.state, heard.states.at(-1), heard.states.length]).toEqual(["joined", "joined", 4]);
	});

	it("is tried at growing intervals, up to ten minutes", async () => {
		const { timers, regions, join } = await aRegionalSession(2);
		await join();
		regions[0].die();
		await timers.advance(MOVED_MS);
		regions[0].mode = "INTERNAL";
		const before = joinsAt(regions[0]);

		await timers.advance(3 * 60 * 60_000);

		const times = regions[0].got.slice(before).map(({ at }) => at);
		const pauses = times.slice(1).map((at, n) => at - (times[n] ?? 0));
		for (const [n, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(pauses[n - 1] ?? 0);
		expect(pauses.at(-1)).toBeGreaterThan(0.99 * RETURN_MAX_MS);
		expect(pauses.at(-1)).toBeLessThan(1.1 * RETURN_MAX_MS);
	});

	it("comes at another moment for each peer", async () => {
		const returned = async (chance: number) => {
			const { timers, regions, join } = await aRegionalSession(2, "room", () => chance);
			await join();
			regions[0].die();
			await timers.advance(MOVED_MS);
			regions[0].mode = "open";
			await timers.advance(2 * RETURN_MS);
			return regions[0].got.at(-1)?.at ?? 0;
		};
		expect((await returned(0.9)) - (await returned(0.1))).toBeGreaterThan(RETURN_MS / 2);
	});

	it("does not come about if the home is lost again at once", async () => {
		const { session, timers, regions, told, join } = await aRegionalSession(2);
		await join();
		regions[0].die();
		await timers.advance(MOVED_MS);
		const came = joinsAt(regions[0]);
		regions[0].mode = "open";
		while (joinsAt(regions[0]) === came) await timers.advance(100);

		await timers.advance(500);
		regions[0].die();
		await timers.advance(RETURN_MS / 4);

		expect([session.state, told.length, regions[1].sockets.size]).toEqual(["joined", 2, 1]);
	});

	it("waits longer each time if the home does not last", async () => {
		const { timers, regions, told, join } = await aRegionalSession(2);
		await join();
		for (let round = 0; round < 20; round++) {
			regions[0].die();
			await timers.advance(30_000);
			regions[0].mode = "open";
			await timers.advance(30_000);
		}
		expect(told.length).toBeLessThan(12);
	});
});

describe("an end", () => {
	it.each(["leave", "close"] as const)("%s closes every connection, and leaves no timer", async (how) => {
		const { session, timers, regions, mesh, join } = await aRegionalSession(3);
		mesh.leads = true;
		await join();
		await timers.advance(12_000);
		expect(regions.map(({ sockets }) => sockets.size)).toEqual([1, 1, 1]);

		void session[how]();
		await timers.advance(60_000);

		expect(regions.map(({ sockets }) => sockets.size)).toEqual([0, 0, 0]);
		expect([session.state, timers.pending()]).toEqual(["left", 0]);
	});

	it("may come during a join, and another join may follow", async () => {
		const { session, timers, regions } = await aRegionalSession(2);
		regions[0].mode = "silent";
		const joining = session.join();
		joining.catch(() => {});
		await timers.advance(TRY_REGION_MS + 10);
		void session.leave();
		await expect(joining).rejects.toMatchObject({ code: "CLOSED" });
		await timers.advance(60_000);
		expect(timers.pending()).toBe(0);

		regions[0].mode = "open";
		void session.join();
		await timers.advance(100);

		expect([session.state, session.region]).toEqual(["joined", regions[0].name]);
	});
});

describe("home: nearest", () => {
	it("is the deployment that answers a ping first", async () => {
		const { session, regions, join } = await aRegionalSession(3, "nearest");
		regions[0].latency = 80;
		regions[1].latency = 40;
		(regions[2] ?? regions[0]).latency = 10;

		await join(1_000);

		expect(session.region).toBe(regions[2]?.name);
		expect(regions.map(({ sockets }) => sockets.size)).toEqual([0, 0, 1]);
	});

	it("is another one if the nearest dies, and the nearest when it is back", async () => {
		const { timers, regions, told, join } = await aRegionalSession(2, "nearest");
		regions[0].latency = 80;
		await join(1_000);
		regions[1].die();
		await timers.advance(MOVED_MS);
		regions[1].mode = "open";
		await timers.advance(2 * RETURN_MS);

		expect(told).toEqual([regions[1].name, regions[0].name, regions[1].name]);
	});

	it("is as in a room if no deployment answers a ping", async () => {
		const { session, timers, regions } = await aRegionalSession(2, "nearest");
		for (const region of regions) region.mode = "silent";
		void session.join();
		await timers.advance(MEASURE_MS - 100);
		for (const region of regions) region.mode = "open";
		await timers.advance(20_000);

		expect(session.region).toBe(regions[0].name);
	});
});
