/** What may happen to a room on several deployments, and how long the mesh takes for it. */
import { seededRandom } from "../../local/seeded-random.ts";
import {
	aRegionalRoom,
	type Reach,
	type RegionalPeer,
	type RegionalRoom,
} from "../../test/client/support/regional-room.ts";
import { realTimers } from "./real-timers.ts";

export interface Run {
	readonly what: string;
	readonly ms: number;
	readonly framesPerPeer: number;
}

type Step = (what: string, act: () => unknown, holds?: () => boolean) => Promise<void>;

interface Scenario {
	readonly servers: number;
	play(room: RegionalRoom, peers: number, step: Step): Promise<void>;
}

/** How often a broadcast is made, and how long it may take to count as one that reached all. */
const PROBE_MS = 250;

const PATIENCE_MS = 180_000;

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix} ${n}`);
const isAt = (name: string | undefined) => (peer: RegionalPeer) =>
	peer.mesh.region === name && peer.mesh.state === "joined";
const only = (room: RegionalRoom, own: string | undefined): Record<string, Reach> =>
	Object.fromEntries(room.order.map((name) => [name, name === own ? "open" : "refused"]));

export const SCENARIOS: readonly Scenario[] = [
	{
		servers: 2,
		async play(room, peers, step) {
			const half = Math.floor((peers - 1) / 2);
			await step("two: half reach only one, half only the other, one peer reaches both", () => {
				for (const own of room.order) for (const id of names(half, `only ${own}`)) room.join(id, only(room, own));
				room.join("reaches both");
			});
			await step("the one leaves, and another one comes that reaches both", () => {
				const [one] = room.peers.splice(-1);
				one?.mesh.close();
				room.join("reaches both, too");
			});
		},
	},
	{
		servers: 2,
		async play(room, peers, step) {
			const [home, other] = room.order as [string, string];
			await step("two: all join at home", () => names(peers - 2, "peer").map((id) => room.join(id)));
			const atOther = () => room.peers.every(isAt(other));
			await step("the home dies: until all have moved", () => room.stop(home), atOther);
			await step("a newcomer, while the home is away", () => room.join("newcomer"));
			const atHome = () => room.peers.every(isAt(home));
			await step("the home is back: until all have moved back", () => room.start(home), atHome);
			await step("a newcomer, with all at home again", () => room.join("late"));
		},
	},
	{
		servers: 3,
		async play(room, peers, step) {
			const third = Math.floor((peers - 1) / 3);
			await step("three: a third reaches only one each, one peer reaches all", () => {
				for (const own of room.order) for (const id of names(third, `only ${own}`)) room.join(id, only(room, own));
				room.join("reaches all");
			});
			await step("one of the three dies, and newcomers come to the others", async () => {
				await room.stop(room.order[2] as string);
				for (const own of room.order.slice(0, 2)) room.join(`new at ${own}`, only(room, own));
			});
		},
	},
];

/** Plays a scenario once. */
export async function run({ servers, play }: Scenario, peers: number, seed: number): Promise<Run[]> {
	const room = await aRegionalRoom({ servers, timers: realTimers(), random: seededRandom(seed), room: `room ${seed}` });
	const runs: Run[] = [];
	const frames = () => room.peers.reduce((sum, { frames: { sent, received } }) => sum + sent + received, 0);
	const step: Step = async (what, act, holds = () => true) => {
		const before = frames();
		const began = performance.now();
		await act();
		for (;;) {
			const probedAt = performance.now();
			if (probedAt - began > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s.`);
			if (holds() && (await reachesAll(room))) break;
			await pause(PROBE_MS - (performance.now() - probedAt));
		}
		const ms = performance.now() - began;
		runs.push({ what, ms, framesPerPeer: Math.max(0, frames() - before) / room.peers.length });
	};
	await play(room, peers, step);
	await room.close();
	return runs;
}

/** Whether a broadcast of the first peer and one of the last reach all others soon. */
async function reachesAll(room: RegionalRoom): Promise<boolean> {
	const origins = [room.peers[0], room.peers.at(-1)] as [RegionalPeer, RegionalPeer];
	const counts = await Promise.all(origins.map((peer) => room.heardFrom(peer).catch(() => () => 0)));
	await pause(PROBE_MS / 2);
	return counts.every((count) => count() === room.peers.length - 1);
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
