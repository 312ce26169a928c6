/** Whether presence tells the truth: everybody who is there is found, and nobody else. */
import { type Fleet, inBatches } from "./fleet.ts";

/** Questions that are under way at the same time. */
const BATCH = 200;
/** The most that a `find_peers` may ask for. */
const COUNT = 32;

export interface Presence {
	/** Members that their room does not list where they should stand. */
	readonly missing: number;
	/** Ids that are listed, and belong to nobody. */
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
		// The one whose key is nearest to a peer's key is the peer itself.
		if ((await ask(peerId, room))[0] !== peerId) missing += 1;
	});
	await inBatches([...abandoned], BATCH, async ([peerId, { room }]) => void (await ask(peerId, room)));
	return { missing, ghosts: ghosts.size };
}
