/** What the tests of rooms on several servers have in common. The clock of the clients goes twenty times as fast. */
import { expect, onTestFinished } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { fastTimers } from "./fast-timers.ts";
import { aRegionalRoom, type RegionalPeer, type RegionalRoom } from "./regional-room.ts";
import { seededRandom } from "./seeded-random.ts";

const SPEED = 20;
export const names = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

export async function aRoom(servers: number): Promise<RegionalRoom> {
	const room = await aRegionalRoom({ servers, timers: fastTimers(SPEED), random: seededRandom(5) });
	onTestFinished(() => room.close());
	return room;
}

/** A broadcast of each of these reaches all others. */
export async function reachesAll(room: RegionalRoom, from: readonly RegionalPeer[]) {
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
export function saidOnce(room: RegionalRoom) {
	for (const { told, members } of room.peers) {
		for (const words of told.values()) expect(words).toEqual(["discovered"]);
		for (const words of members.values()) expect(words).toEqual(["join"]);
	}
}

export const isAt = (name: string | undefined) => (peer: RegionalPeer) =>
	peer.mesh.region === name && peer.mesh.state === "joined";
