/** How long a link takes, and how long it takes to mend, between two networks that only a TURN server joins. */

import { makeNetworks, namespacesRefused } from "../../test/network/networks.ts";
import { type NetworkPeer, startNetworkBrowser, startNodePeer } from "../../test/network/peers.ts";
import type { Order } from "../../test/network/program.ts";
import { type Delay, startTurnServer } from "../../test/network/turn-server.ts";
import { AMPLE_RATES } from "../../test/support/defaults.ts";
import { startLocalServer } from "../../test/support/local-server.ts";

export type Kind = "Chromium" | "Node.js";
export const KINDS: readonly Kind[] = ["Chromium", "Node.js"];

/** Why this machine cannot measure it; undefined if it can. */
export const refused = namespacesRefused();

interface Ground {
	/** What the order of a peer has in common with the others. */
	order(room: string, delay: Delay): Promise<Omit<Order, "peerId">>;
	start(kind: Kind, side: 0 | 1, order: Order): Promise<NetworkPeer>;
	roam(): void;
}

async function onNetworks<Result>(
	kinds: readonly Kind[],
	measure: (ground: Ground) => Promise<Result>,
): Promise<Result> {
	const networks = makeNetworks();
	const turn = await startTurnServer(networks.serverAddress, networks.hidden);
	const server = await startLocalServer(AMPLE_RATES, { host: networks.serverAddress });
	const browsers = kinds.includes("Chromium") ? await Promise.all(networks.names.map(startNetworkBrowser)) : [];
	const peers: NetworkPeer[] = [];
	try {
		return await measure({
			order: async (room, delay) => ({ url: server.url, room, iceServers: await turn.behind(delay) }),
			async start(kind, side, order) {
				const peer =
					kind === "Node.js" ? startNodePeer(networks.names[side], order) : await browsers[side]?.startPeer(order);
				if (peer === undefined) throw new Error("No browser was started.");
				peers.push(peer);
				return peer;
			},
			roam: networks.roam,
		});
	} finally {
		await Promise.all(peers.map((peer) => peer.close()));
		await Promise.all([...browsers.map((browser) => browser.close()), turn.close(), server.close()]);
		networks.remove();
	}
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export interface LinkTime {
	readonly delay: Delay;
	/** ms from the newcomer's welcome to the open channel on its side, the median. */
	readonly ms: number;
}

/** Two peers of one kind. One is in the room when the other comes. */
export function measureLinks(kind: Kind, delays: readonly Delay[], times: number): Promise<LinkTime[]> {
	return onNetworks([kind], async ({ order, start }) => {
		const results: LinkTime[] = [];
		for (const delay of delays) {
			const taken: number[] = [];
			for (let n = 0; n < times; n++) {
				const common = await order(`${JSON.stringify(delay)} ${n}`, delay);
				const first = await start(kind, 0, { ...common, peerId: "a" });
				await first.reported(({ type }) => type === "joined");
				const second = await start(kind, 1, { ...common, peerId: "b" });
				const joined = await second.reported(({ type }) => type === "joined");
				const open = await second.reported(({ type }) => type === "open");
				taken.push(open.at - joined.at);
				await Promise.all([first.close(), second.close()]);
			}
			results.push({ delay, ms: median(taken) });
		}
		return results;
	});
}

/**
 * One peer gets another address, and both send at that moment.
 * @returns ms until both messages have arrived, of each time
 */
export async function measureMending(kind: Kind, times: number): Promise<number[]> {
	const taken: number[] = [];
	for (let n = 0; n < times; n++) {
		taken.push(
			await onNetworks([kind], async ({ order, start, roam }) => {
				const common = await order("room", {});
				const [moved, other] = [
					await start(kind, 0, { ...common, peerId: "a" }),
					await start("Node.js", 1, { ...common, peerId: "b" }),
				];
				await Promise.all([moved, other].map((peer) => peer.reported(({ type }) => type === "open")));
				const hears = (peer: NetworkPeer) => peer.reported(({ type }) => type === "message");
				const roamedAt = Date.now();
				roam();
				moved.send("b", "from a");
				other.send("a", "from b");
				const heard = await Promise.all([hears(moved), hears(other)]);
				return Math.max(...heard.map(({ at }) => at)) - roamedAt;
			}),
		);
	}
	return taken;
}
