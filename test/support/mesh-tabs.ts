/** Two tabs of Chromium with a peer each, linked, for what no page of ours shows. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import type { Mesh, MeshOptions } from "../../client/index.ts";
import { startBrowser } from "./browser.ts";
import { startLocalServer } from "./local-server.ts";
import { ROOT } from "./repository.ts";

declare global {
	/** The peer of a tab, which `createMesh` made. */
	var mesh: Mesh;
	/** Every RTCPeerConnection that the tab made. */
	var connections: RTCPeerConnection[];
	var createMesh: (options: MeshOptions) => Promise<Mesh>;
}

const PAGE = `<!doctype html><title>A peer</title>
<script>globalThis.__name = (it) => it; // what tsx puts around functions, which tests hand to a page</script>
<script>
// The connections, for a test that cuts one.
globalThis.connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
	constructor(...given) { super(...given); connections.push(this); }
};
</script>
<script type="module">import { createMesh } from "/client.js"; globalThis.createMesh = createMesh;</script>`;

export interface MeshTabs<Tabs extends readonly Page[] = readonly Page[]> {
	readonly tabs: Tabs;
	readonly ids: { readonly [Tab in keyof Tabs]: string };
	/** One more tab, with a peer that joins. */
	open(): Promise<Page>;
	stopServer(): Promise<void>;
	/** Starts it again, at the same address. It knows no peer. */
	startServer(): Promise<void>;
	close(): Promise<void>;
}

/** So many tabs with a process each, in which every peer has a link to every other. */
export async function meshTabs(count: number): Promise<MeshTabs> {
	let [server, browser] = await Promise.all([startLocalServer(), startBrowser()]);
	const code = readFileSync(`${ROOT}/examples/browser/p2pmesh-client.js`, "utf8");
	const pages = createServer(({ url }, response) => {
		const isCode = url === "/client.js";
		response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
		response.end(isCode ? code : PAGE);
	}).listen(0, "127.0.0.1");
	await once(pages, "listening");
	const { port } = pages.address() as AddressInfo;
	const tabs: Page[] = [];
	const ids: string[] = [];
	const open = async () => {
		const page = await browser.context.newPage();
		// A site each, so that a process each.
		await page.goto(`http://tab${tabs.length}.localhost:${port}/`);
		tabs.push(page);
		const join = async (signalingServerUrl: string) => {
			globalThis.mesh = await globalThis.createMesh({ signalingServerUrl });
			await globalThis.mesh.join();
			return globalThis.mesh.peerId;
		};
		ids.push(await page.evaluate(join, server.url));
		return page;
	};
	for (let n = 0; n < count; n++) await open();
	for (const page of tabs) await page.evaluate((links) => globalThis.mesh.ready({ links }), count - 1);
	return {
		tabs,
		ids,
		open,
		stopServer: () => server.close(),
		async startServer() {
			server = await startLocalServer({}, { port: Number(new URL(server.url).port) });
		},
		async close() {
			await browser.close();
			pages.close();
			await server.close();
		},
	};
}

export async function linkedTabs(): Promise<MeshTabs<readonly [Page, Page]>> {
	return (await meshTabs(2)) as MeshTabs<readonly [Page, Page]>;
}
