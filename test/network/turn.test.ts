/** Links between two networks that only a TURN server joins, with answers as late as a far or busy server gives them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { chromiumPath } from "../support/browser.ts";
import { AMPLE_RATES } from "../support/defaults.ts";
import { startLocalServer } from "../support/local-server.ts";
import { makeNetworks, type Networks, namespacesRefused } from "./networks.ts";
import { type NetworkBrowser, type NetworkPeer, startNetworkBrowser, startNodePeer } from "./peers.ts";
import type { Order } from "./program.ts";
import { type Delay, startTurnServer, type TurnServer } from "./turn-server.ts";

const refused = namespacesRefused();
if (refused !== undefined) {
	console.warn(`\n*** SKIPPED: this machine makes no network namespaces, which takes Linux and root: ${refused} ***\n`);
} else if (chromiumPath === undefined) throw new Error("No Chromium was found: install one, or set CHROMIUM_PATH.");

type Kind = "Node.js" | "Chromium";

interface Case {
	readonly kinds: readonly [Kind, Kind];
	readonly delay: Delay;
	readonly iceTransportPolicy: RTCIceTransportPolicy;
}

const cases: Case[] = (
	[
		["Node.js", "Node.js"],
		["Chromium", "Chromium"],
		["Chromium", "Node.js"],
	] as const
).flatMap((kinds) => [
	{ kinds, delay: { answerMs: 20 }, iceTransportPolicy: "all" },
	{ kinds, delay: { answerMs: 400 }, iceTransportPolicy: "relay" },
	{ kinds, delay: { answerMs: 2_000 }, iceTransportPolicy: "all" },
	{ kinds, delay: { pathMs: 60 }, iceTransportPolicy: "relay" },
]);

const title = ({ kinds, delay: { answerMs = 0, pathMs = 0 }, iceTransportPolicy }: Case) =>
	`${kinds.join(" and ")}, answers after ${answerMs} ms, ${2 * pathMs} ms of round trip, policy ${iceTransportPolicy}`;

describe.skipIf(refused !== undefined)("two networks that only TURN joins", () => {
	let networks: Networks;
	let turn: TurnServer;
	let server: Gateway;
	let browsers: NetworkBrowser[];
	const peers: NetworkPeer[] = [];

	beforeAll(async () => {
		networks = makeNetworks();
		[turn, server, browsers] = await Promise.all([
			startTurnServer(networks.serverAddress, networks.hidden),
			startLocalServer(AMPLE_RATES, { host: networks.serverAddress }),
			Promise.all(networks.names.map(startNetworkBrowser)),
		]);
	});
	afterAll(async () => {
		await Promise.all(peers.map((peer) => peer.close()));
		await Promise.all([...(browsers ?? []).map((browser) => browser.close()), turn?.close(), server?.close()]);
		networks?.remove();
	});

	const start = async (kind: Kind, side: 0 | 1, order: Order) => {
		const peer =
			kind === "Node.js"
				? startNodePeer(networks.names[side], order)
				: await (browsers[side] as NetworkBrowser).startPeer(order);
		peers.push(peer);
		return peer;
	};

	it.concurrent.each(cases.map((one) => [title(one), one] as const))("%s: link up", async (room, one) => {
		const { kinds, delay, iceTransportPolicy } = one;
		const iceServers = await turn.behind(delay);
		const order = { url: server.url, room, iceServers, iceTransportPolicy };
		const [a, b] = await Promise.all([
			start(kinds[0], 0, { ...order, peerId: "a" }),
			start(kinds[1], 1, { ...order, peerId: "b" }),
		]);

		await Promise.all([a, b].map((peer) => peer.reported(({ type }) => type === "open")));
		a.send("b", "to b");
		b.send("a", "to a");
		await b.reported((report) => report.type === "message" && report.data === "to b");
		await a.reported((report) => report.type === "message" && report.data === "to a");
		expect(a.reports.filter(({ type }) => type === "error")).toEqual([]);
	});
});
