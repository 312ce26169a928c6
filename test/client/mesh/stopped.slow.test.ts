/** A peer whose process is stopped as it is, as a frozen tab or a laptop that sleeps is: its link is open, and takes nothing. */
import { describe, expect, it, onTestFinished } from "vitest";
import { startNodePeer } from "../../network/peers.ts";
import type { Report } from "../../network/program.ts";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";

/** More than a link keeps for a peer that takes nothing. */
const TIMES = 120;
const DATA = "x".repeat(64_000);

describe("a peer that is stopped", () => {
	it("holds up no broadcast of the others, is found to lag, and is in the mesh again when it goes on", async () => {
		const server = await startLocalServer();
		onTestFinished(() => server.close());
		const peers = ["a", "b", "c"].map((peerId) =>
			startNodePeer(undefined, { url: server.url, room: "room", peerId, iceServers: [] }),
		);
		const [a, b, c] = peers as [(typeof peers)[0], (typeof peers)[0], (typeof peers)[0]];
		onTestFinished(async () => {
			c.signal("SIGCONT");
			await Promise.all(peers.map((peer) => peer.close()));
		});
		const count = ({ reports }: typeof a, holds: (report: Report) => boolean) => reports.filter(holds).length;
		const hears = (data: unknown) => (report: Report) => report.type === "message" && report.data === data;
		await eventually(() => peers.every((peer) => count(peer, ({ type }) => type === "open") >= 2));

		c.signal("SIGSTOP");
		a.broadcast(DATA, TIMES);
		await a.reported(({ type }) => type === "broadcast");
		await eventually(() => count(b, hears(DATA)) === TIMES);
		await a.reported((report) => report.type === "error" && report.code === "BUFFER_FULL");
		expect(count(b, ({ type }) => type === "lost")).toBe(0);

		c.signal("SIGCONT");
		await eventually(() => {
			a.broadcast("to all");
			return count(c, hears("to all")) > 0;
		});
		c.broadcast("from c");
		await Promise.all([a, b].map((peer) => peer.reported(hears("from c"))));
		// None came twice.
		expect(count(b, hears(DATA))).toBe(TIMES);
		expect(count(c, hears(DATA))).toBeLessThanOrEqual(TIMES);
	});
});
