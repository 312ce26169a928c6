/** One room on two real servers, with pretended links. */
import { describe, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { aRoom, isAt, names, reachesAll, saidOnce } from "../support/regional-checks.ts";
import type { RegionalPeer } from "../support/regional-room.ts";

describe("a room on two servers", () => {
	it("is at home in one of them", async () => {
		const room = await aRoom(2);
		const peers = names(6, "peer").map((id) => room.join(id));
		await eventually(() => peers.every(isAt(room.order[0])));
		await reachesAll(room, peers.slice(0, 1));
		saidOnce(room);
	});

	it("is one mesh if half of the peers reach only one, and one peer reaches both", async () => {
		const room = await aRoom(2);
		const [home = "", other = ""] = room.order;
		const here = names(5, "here").map((id) => room.join(id, { [other]: "refused" }));
		const there = names(5, "there").map((id) => room.join(id, { [home]: "refused" }));
		await eventually(() => here.every(isAt(home)) && there.every(isAt(other)));
		const both = room.join("zz reaches both");

		await reachesAll(room, [here[0], there[0], both] as RegionalPeer[]);

		saidOnce(room);
	});
});
