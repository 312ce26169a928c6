/** An office: 200 peers behind one address join within 10 s, each with a hundred frames to its new neighbours. */
import { aHexId } from "../../test/support/client.ts";
import { aWorld } from "../../test/support/world.ts";

const PEERS = 200;
const WITHIN_MS = 10_000;
/** What a newcomer sends that calls eight peers and sends every candidate by itself; half of it without an answer. */
const FRAMES_EACH = 50;

export async function run(): Promise<void> {
	const world = aWorld();
	const instances = Array.from({ length: 8 }, () => world.anInstance());
	let turn = 0;
	const nextInstance = () => instances[turn++ % instances.length] as (typeof instances)[number];
	let joined = 0;
	let refused = 0;
	for (let n = 0; n < PEERS; n++) {
		world.clock.forward(WITHIN_MS / PEERS);
		const id = world.open("198.51.100.7");
		if ((await nextInstance().connect(world.connection(id), {})) !== "accepted") continue;
		await world.send(id, { type: "join", room: "office", peerId: aHexId(), anyId: true }, nextInstance());
		const [welcome] = world.take(id);
		if (welcome?.type !== "bootstrap_peers") continue;
		joined += 1;
		const peers = Array.isArray(welcome.peers) ? welcome.peers : [];
		for (let k = 0; k < FRAMES_EACH && peers.length > 0; k++) {
			await world.send(id, { type: "signal", to: peers[k % peers.length].id }, nextInstance());
		}
		refused += world.take(id).filter((frame) => frame.code === "RATE_LIMITED").length;
	}
	console.log(`${joined} of ${PEERS} peers behind one address joined within ${WITHIN_MS / 1000} s.`);
	console.log(`${refused} of their ${PEERS * FRAMES_EACH} signals were refused.`);
	if (joined < PEERS || refused > 0) process.exitCode = 1;
}
