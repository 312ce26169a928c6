/** Checks that presence is true: the server finds every present peer, and no other. */
import { type Fleet, inBatches } from "./fleet.ts";

/** Questions that are under way at the same time. */
const BATCH = 200;
/** The most that a `find_peers` may ask for. */
const COUNT = 32;

export interface Presence {
	/** Members that their room does not list at their place. */
	readonly missing: number;
	/** Listed ids that belong to no peer. */
	readonly ghosts: number;
}

export async function checkPresence({ members, abandoned, neighbour }: Fleet): Promise<Presence> {
	const ghosts = new Set<string>();
	let missing = 0;

	const ask = async (target: string, room: string) => {
		const listed = (await neighbour(target, room).find(target, COUNT)) ?? [];
		for (const id of listed) if (members.get(id)?.room !== room) ghosts.add(id);
		return listed;
	};
	await inBatches([...members.values()], BATCH, async ({ peerId, room }) => {
		// The peer with the key nearest to a peer's key is that peer itself.
		if ((await ask(peerId, room))[0] !== peerId) missing += 1;
	});
	await inBatches([...abandoned], BATCH, async ([peerId, { room }]) => void (await ask(peerId, room)));
	return { missing, ghosts: ghosts.size };
}
