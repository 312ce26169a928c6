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
	var createMesh: (options: MeshOptions) => Promise<Mesh>;
}

const PAGE = `<!doctype html><title>A peer</title>
<script type="module">import { createMesh } from "/client.js"; globalThis.createMesh = createMesh;</script>`;

export interface MeshTabs {
	readonly tabs: readonly [Page, Page];
	readonly ids: readonly [string, string];
	close(): Promise<void>;
}

export async function linkedTabs(): Promise<MeshTabs> {
	const [server, browser] = await Promise.all([startLocalServer(), startBrowser()]);
	const code = readFileSync(`${ROOT}/examples/browser/p2pmesh-client.js`, "utf8");
	const pages = createServer(({ url }, response) => {
		const isCode = url === "/client.js";
		response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
		response.end(isCode ? code : PAGE);
	}).listen(0, "127.0.0.1");
	await once(pages, "listening");
	const { port } = pages.address() as AddressInfo;
	const open = async (site: string) => {
		const page = await browser.context.newPage();
		// A site each, so that a process each.
		await page.goto(`http://${site}.localhost:${port}/`);
		const id = await page.evaluate(async (signalingServerUrl) => {
			globalThis.mesh = await globalThis.createMesh({ signalingServerUrl });
			await globalThis.mesh.join();
			return globalThis.mesh.peerId;
		}, server.url);
		return { page, id };
	};
	const [a, b] = [await open("a"), await open("b")];
	for (const { page } of [a, b]) await page.evaluate(() => globalThis.mesh.ready());
	return {
		tabs: [a.page, b.page],
		ids: [a.id, b.id],
		async close() {
			await browser.close();
			pages.close();
			await server.close();
		},
	};
}
