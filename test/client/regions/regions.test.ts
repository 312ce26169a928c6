/** One room on two and three real servers, with pretended links. The clock of the clients goes twenty times as fast. */
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { fastTimers } from "../support/fast-timers.ts";
import { aRegionalRoom, type RegionalPeer, type RegionalRoom } from "../support/regional-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const SPEED = 20;
const names = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

async function aRoom(servers: number): Promise<RegionalRoom> {
	const room = await aRegionalRoom({ servers, timers: fastTimers(SPEED), random: seededRandom(5) });
	onTestFinished(() => room.close());
	return room;
}

/** A broadcast of each of these reaches all others. */
async function reachesAll(room: RegionalRoom, from: readonly RegionalPeer[]) {
	for (const peer of from) {
		// A broadcast of a mesh in parts does not reach the other parts later. So it is made again.
		await eventually(async () => {
			const count = await room.heardFrom(peer);
			return eventuallyOr(() => count() === room.peers.length - 1);
		});
	}
}

/** Whether it holds soon. */
async function eventuallyOr(holds: () => boolean): Promise<boolean> {
	for (let look = 0; look < 40 && !holds(); look++) await new Promise((resolve) => setTimeout(resolve, 5));
	return holds();
}

/** No peer was told of another one twice, or of its end. */
function saidOnce(room: RegionalRoom) {
	for (const { told } of room.peers) for (const [, words] of told) expect(words).toEqual(["discovered"]);
}

const isAt = (name: string | undefined) => (peer: RegionalPeer) =>
	peer.mesh.region === name && peer.mesh.state === "joined";

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
