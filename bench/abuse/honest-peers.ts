/**
 * Some peers of ours in one process, with real connections, that join while an attack goes on. Reports their links again
 * and again, until the process that started it ends it.
 */
import wrtc from "@roamhq/wrtc";
import WebSocket from "ws";
import { createMesh } from "../../client/index.ts";

export interface Report {
	/** How many have been welcomed at some time. */
	readonly joined: number;
	/** How many have left, although they were not told to. */
	readonly gaveUp: number;
	/** Each peer, and the peers that it has an open link to. */
	readonly links: readonly (readonly [peerId: string, peers: readonly string[]])[];
}

const REPORT_MS = 250;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const [url = "", room = "", count = "", spreadMs = ""] = process.argv.slice(2);
const meshes = await Promise.all(
	Array.from({ length: Number(count) }, () =>
		createMesh({ signalingServerUrl: url, room, maxPeers: 4, webrtc: wrtc, WebSocket }),
	),
);
let joined = 0;
for (const [n, mesh] of meshes.entries()) {
	const joins = pause((n * Number(spreadMs)) / meshes.length).then(() => mesh.join());
	// One that gave up is counted by its state.
	joins.then(() => joined++).catch(() => {});
}
for (;;) {
	await pause(REPORT_MS);
	process.send?.({
		joined,
		gaveUp: meshes.filter(({ state }) => state === "left").length,
		links: meshes.map(({ peerId, peers }) => [peerId, peers]),
	} satisfies Report);
}
