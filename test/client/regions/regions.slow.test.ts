/** One room on two and three real servers, with pretended links: what takes longer. */
import { describe, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { aRoom, isAt, names, reachesAll, saidOnce } from "../support/regional-checks.ts";
import type { RegionalPeer } from "../support/regional-room.ts";

describe("a room on two servers", () => {
	it("is one mesh if only a peer can look into the other that is no root", async () => {
		const room = await aRoom(2);
		const [home = "", other = ""] = room.order;
		const here = names(5, "here").map((id) => room.join(id, { [other]: "refused" }));
		const both = room.join("zz will reach both", { [other]: "refused" });
		await eventually(() => [...here, both].every(isAt(home)));
		await reachesAll(room, [both]);
		const there = names(3, "there").map((id) => room.join(id, { [home]: "refused" }));
		await eventually(() => there.every(isAt(other)));

		both.reach(other, "open");

		await reachesAll(room, [here[0], there[0], both] as RegionalPeer[]);
		saidOnce(room);
	});

	it("goes on at the other when its home dies, and comes back", async () => {
		const room = await aRoom(2);
		const [home = "", other = ""] = room.order;
		const peers = names(6, "peer").map((id) => room.join(id));
		await eventually(() => peers.every(isAt(home)));
		await reachesAll(room, peers.slice(0, 1));

		await room.stop(home);
		await eventually(() => peers.every(isAt(other)));
		const newcomer = room.join("newcomer");
		await eventually(() => isAt(other)(newcomer));
		await reachesAll(room, [newcomer, peers[0] as RegionalPeer]);

		await room.start(home);
		await eventually(() => room.peers.every(isAt(home)));
		const late = room.join("late");
		await eventually(() => isAt(home)(late));
		await reachesAll(room, [late, newcomer]);

		saidOnce(room);
		await eventually(() => room.peers.every((peer) => peer.sockets(other) === 0));
	});
});

describe("a room on three servers", () => {
	it("is one mesh if each peer is at home in another one", async () => {
		const room = await aRoom(3);
		const reach = (own: string) =>
			Object.fromEntries(room.order.map((name) => [name, name === own ? "open" : "refused"] as const));
		const alone = room.order.flatMap((own) => names(3, `only ${own} `).map((id) => room.join(id, reach(own))));
		const both = room.join("zz reaches all");

		await reachesAll(room, [...alone.slice(0, 1), ...alone.slice(-1), both]);

		saidOnce(room);
	});
});
