/** Signals through the mesh between tabs of Chromium: the server stops, and links are made and mended all the same. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { meshTabs } from "../support/mesh-tabs.ts";
import { hasBrowser } from "./tabs.ts";

const peersOf = (tab: Page) => tab.evaluate(() => [...globalThis.mesh.peers]);
const stateOf = (tab: Page) => tab.evaluate(() => globalThis.mesh.state);

/** By connection that is in use: the names that ICE has for both sides. */
const pathsOf = (tab: Page) =>
	tab.evaluate(() =>
		globalThis.connections.map(({ connectionState, localDescription, remoteDescription }) => {
			const nameIn = (of: RTCSessionDescription | null) => /a=ice-ufrag:(\S+)/.exec(of?.sdp ?? "")?.[1] ?? "";
			return connectionState === "connected"
				? { local: nameIn(localDescription), remote: nameIn(remoteDescription) }
				: {};
		}),
	);

/** The index of the connection to the other tab, in each of the two. */
async function connectionBetween(a: Page, b: Page) {
	const [ofA, ofB] = await Promise.all([pathsOf(a), pathsOf(b)]);
	for (const [inA, path] of ofA.entries()) {
		const inB = ofB.findIndex(
			({ local, remote }) => local !== undefined && local === path.remote && remote === path.local,
		);
		if (inB >= 0) return { inA, inB, path };
	}
	return undefined; // or they are just about to agree on another
}

/** As Chromium says it when the network between two peers is gone. */
const breakPath = (tab: Page, index: number) =>
	tab.evaluate((at) => {
		const connection = globalThis.connections[at] as RTCPeerConnection;
		Object.defineProperty(connection, "connectionState", { configurable: true, get: () => "failed" });
		connection.dispatchEvent(new Event("connectionstatechange"));
		// From here on it is as it really is.
		Reflect.deleteProperty(connection, "connectionState");
	}, index);

/** Large data needs a link: it is made if there is none. */
async function sendOverALink(from: Page, to: Page, id: string, text: string) {
	const heard = to.evaluate(
		() => new Promise<unknown>((resolve) => globalThis.mesh.once("message", ({ data }) => resolve(data))),
	);
	await from.evaluate(([peerId, data]) => globalThis.mesh.send(peerId, data, { onProgress() {} }), [id, text] as const);
	return heard;
}

describe.skipIf(!hasBrowser)("five tabs whose server stops", () => {
	it("make a link anew and mend another through the mesh, and a sixth gets in when it is back", async () => {
		const mesh = await meshTabs(5);
		const [a, b, c] = mesh.tabs as [Page, Page, Page];
		const [, idB, idC] = mesh.ids as [string, string, string];
		try {
			await mesh.stopServer();
			for (const tab of mesh.tabs) await eventually(async () => (await stateOf(tab)) === "reconnecting");

			// The link between two tabs goes, on both sides.
			const { inA, inB } = await eventually(() => connectionBetween(a, b));
			const close = (index: number) => globalThis.connections[index]?.close();
			await Promise.all([a.evaluate(close, inA), b.evaluate(close, inB)]);
			await eventually(async () => !(await peersOf(a)).includes(idB));
			await eventually(async () => !(await peersOf(b)).includes(mesh.ids[0] as string));
			expect(await sendOverALink(a, b, idB, "without a server")).toBe("without a server");
			expect(await peersOf(a)).toContain(idB);

			// The path of a third link breaks, and ICE finds another one.
			const broken = await eventually(() => connectionBetween(a, c));
			await breakPath(a, broken.inA);
			await eventually(async () => {
				const { path } = (await connectionBetween(a, c)) ?? broken;
				return path.local !== broken.path.local && path.remote !== broken.path.remote;
			});
			expect(await sendOverALink(a, c, idC, "on the new path")).toBe("on the new path");
			expect(await stateOf(a)).toBe("reconnecting");

			await mesh.startServer();
			const sixth = await mesh.open();
			await sixth.evaluate(() => globalThis.mesh.ready({ links: 5 }));
			for (const tab of mesh.tabs) await eventually(async () => (await stateOf(tab)) === "joined");
			for (const tab of mesh.tabs) await eventually(async () => (await peersOf(tab)).length === 5);
		} finally {
			await mesh.close();
		}
	}, 120_000);
});
