/** A stranger lists a room and joins as each of its peers: how many of them lose their id and their connection. */
import { randomBytes } from "node:crypto";
import { aHexId } from "../../test/support/client.ts";
import { aWorld } from "../../test/support/world.ts";
import { table } from "../report.ts";

const HONEST = 60;

async function emptyRoom(ownerKeys: boolean) {
	const world = aWorld();
	const instances = [world.anInstance(), world.anInstance()];
	const [one, other] = instances as [(typeof instances)[number], (typeof instances)[number]];
	const honest = [];
	for (let n = 0; n < HONEST; n++) {
		const peerId = aHexId();
		const key = ownerKeys ? { ownerKey: randomBytes(16).toString("base64url") } : {};
		honest.push({ peerId, id: await world.join(peerId, { room: "board", ...key }, one) });
	}

	const address = "198.51.100.66";
	const spy = world.open(address);
	await world.send(spy, { type: "join", room: "board", peerId: aHexId() }, other);
	const listed = new Set<string>();
	let frames = 1;
	const note = () => {
		for (const { peers } of world.take(spy)) for (const { id } of (peers ?? []) as { id: string }[]) listed.add(id);
	};
	note();
	for (let n = 0; n < 60 && listed.size < HONEST; n++) {
		world.clock.forward(1_000); // as fast as one connection may search for long
		await world.send(spy, { type: "find_peers", target: aHexId(), count: 32 }, other);
		frames += 1;
		note();
	}
	for (const peerId of listed) {
		const id = world.open(address);
		await world.send(id, { type: "join", room: "board", peerId }, other);
		frames += 1;
	}

	const lost = honest.filter(({ id }) => !world.isOpen(id)).length;
	let reached = 0;
	for (const [n, { id, peerId }] of honest.entries()) {
		const from = honest[(n + 1) % HONEST] as (typeof honest)[number];
		world.take(id);
		await world.send(from.id, { type: "signal", to: peerId }, one);
		reached += world.take(id).filter((frame) => frame.type === "signal").length;
	}
	return { listed: listed.size, frames, lost, reached };
}

export async function run(): Promise<void> {
	const without = await emptyRoom(false);
	const within = await emptyRoom(true);
	const cells = (name: string, { listed, frames, lost, reached }: typeof without) => [
		name,
		String(listed),
		String(frames),
		`${lost} of ${HONEST}`,
		`${reached} of ${HONEST}`,
	];
	console.log(
		table(
			["peers of the room", "ids that the stranger saw", "its frames", "thrown out", "signals among them that arrived"],
			[cells("without an owner's key, as p2pmesh's clients", without), cells("with an owner's key", within)],
		),
	);
	if (within.lost > 0 || within.reached < HONEST) process.exitCode = 1;
}
