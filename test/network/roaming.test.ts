/** The address of a peer changes while its link is open. The old path and the old socket are dead, and no event says so. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";
import { makeNetworks, type Networks, namespacesRefused } from "./networks.ts";
import { type NetworkBrowser, type NetworkPeer, startNetworkBrowser, startNodePeer } from "./peers.ts";
import { startTurnServer, type TurnServer } from "./turn-server.ts";

describe.skipIf(namespacesRefused() !== undefined).each(["Chromium", "Node.js"])("%s with a new address", (kind) => {
	let networks: Networks;
	let turn: TurnServer;
	let server: Gateway;
	let browser: NetworkBrowser | undefined;
	const peers: NetworkPeer[] = [];

	beforeAll(async () => {
		networks = makeNetworks();
		[turn, server, browser] = await Promise.all([
			startTurnServer(networks.serverAddress, networks.hidden),
			startLocalServer({}, { host: networks.serverAddress }),
			kind === "Chromium" ? startNetworkBrowser(networks.names[0]) : undefined,
		]);
	});
	afterAll(async () => {
		await Promise.all(peers.map((peer) => peer.close()));
		await Promise.all([browser?.close(), turn?.close(), server?.close()]);
		networks?.remove();
	});

	it("keeps its link, and all that was sent arrives", async () => {
		const order = { url: server.url, room: "room", iceServers: await turn.behind({}) };
		const moved = browser
			? await browser.startPeer({ ...order, peerId: "a" })
			: startNodePeer(networks.names[0], { ...order, peerId: "a" });
		const other = startNodePeer(networks.names[1], { ...order, peerId: "b" });
		peers.push(moved, other);
		await Promise.all(peers.map((peer) => peer.reported(({ type }) => type === "open")));

		networks.roam();
		moved.send("b", "from a");
		other.send("a", "from b");
		const hears = (peer: NetworkPeer, data: string) =>
			peer.reported((report) => report.type === "message" && report.data === data);
		await Promise.all([hears(moved, "from b"), hears(other, "from a")]);
		expect([moved, other].flatMap(({ reports }) => reports.filter(({ type }) => type === "lost"))).toEqual([]);
	});
});
