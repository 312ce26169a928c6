/** The client's package in Chromium: in an application that Vite builds, and in pages without a bundler. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { type PackedClient, packClient } from "../client/support/packed-client.ts";
import { startBrowser } from "../support/browser.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";
import { hasBrowser } from "./tabs.ts";

/** Links two peers of one page, and puts what one hears from the other into its title. */
const APPLICATION = `
	const { server: signalingServerUrl, room } = Object.fromEntries(new URLSearchParams(location.search));
	const options = { signalingServerUrl, room };
	Promise.all([createMesh(options), createMesh(options)]).then(async ([one, other]) => {
		other.on("message", ({ data }) => (document.title = data.hello));
		await Promise.all([one.join({ links: 1 }), other.join({ links: 1 })]);
		await one.broadcast({ hello: "you" });
	});`;

describe.runIf(hasBrowser)("the client's package", () => {
	let client: PackedClient;
	let server: Gateway;
	let context: BrowserContext;
	let closeBrowser: () => Promise<void>;

	beforeAll(async () => {
		client = await packClient();
		server = await startLocalServer();
		({ context, close: closeBrowser } = await startBrowser());
	});
	afterAll(async () => {
		await closeBrowser?.();
		await server?.close();
		client?.remove();
	});

	/** Opens the folder's index.html, and waits until its two peers are linked. @returns the scripts that it loaded */
	async function links(folder: string): Promise<string[]> {
		const files = createServer(({ url = "" }, response) => {
			const path = new URL(url, "http://localhost").pathname;
			const name = path === "/" ? "index.html" : path.slice(1);
			response.setHeader("content-type", name.endsWith(".js") ? "text/javascript" : "text/html");
			response.end(name === "favicon.ico" ? "" : readFileSync(join(folder, name)));
		});
		await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void files.close());
		const address = files.address();
		if (address === null || typeof address === "string") throw new Error("The files have no port.");

		const page = await context.newPage();
		const loaded: string[] = [];
		page.on("response", (response) => {
			const { pathname } = new URL(response.url());
			if (pathname.endsWith(".js")) loaded.push(pathname.slice(1));
		});
		// A room of its own: the peers of the page before may still be in theirs.
		const options = new URLSearchParams({ server: server.url, room: aRoom() });
		await page.goto(`http://127.0.0.1:${address.port}/?${options}`);
		await page.waitForFunction(() => document.title === "you", undefined, { timeout: 60_000 });
		await page.close();
		return loaded;
	}

	/** A folder with an index.html in it. */
	function pageOf(name: string, body: string): string {
		const folder = join(client.program, name);
		mkdirSync(folder);
		writeFileSync(join(folder, "index.html"), `<!doctype html><title>waiting</title>${body}`);
		return folder;
	}

	it("links two peers in an application of Vite's, which loads no part that it does not need", async () => {
		const root = pageOf("vite", '<script type="module" src="./main.js"></script>');
		writeFileSync(join(root, "main.js"), `import { createMesh } from "p2pmesh-signaling-client";${APPLICATION}`);
		await build({ root, logLevel: "warn", configFile: false });

		const built = join(root, "dist");
		const holding = (words: string) =>
			readdirSync(join(built, "assets"))
				.map((file) => `assets/${file}`)
				.filter((file) => readFileSync(join(built, file), "utf8").includes(words));
		expect(holding("originPeerId")).toHaveLength(1); // a word of p2pmesh's
		expect(holding("RTCPeerConnection refuses")).toHaveLength(1);

		const loaded = await links(built);

		// The application, the part that signs, and the parts that load when a link opens: signals through the mesh, broken paths, and
		// the search for more peers.
		expect(loaded.map((file) => file.replace(/-.*/, "")).sort()).toEqual([
			"assets/identity",
			"assets/index",
			"assets/overlay",
			"assets/repair",
			"assets/search",
		]);
		expect(loaded).not.toContain(holding("originPeerId")[0]);
		expect(loaded).not.toContain(holding("RTCPeerConnection refuses")[0]);
	});

	it("links two peers in a page that loads the module in one file", async () => {
		const folder = pageOf(
			"module",
			`<script type="module">import { createMesh } from "./index.min.js";${APPLICATION}</script>`,
		);
		writeFileSync(join(folder, "index.min.js"), readFileSync(join(client.installed, "index.min.js")));

		expect(await links(folder)).toEqual(["index.min.js"]);
	});

	it("links two peers in a page with a script tag", async () => {
		const script = `<script>const { createMesh } = p2pmeshClient;${APPLICATION}</script>`;
		const folder = pageOf("script", `<script src="./index.iife.js"></script>${script}`);
		writeFileSync(join(folder, "index.iife.js"), readFileSync(join(client.installed, "index.iife.js")));

		expect(await links(folder)).toEqual(["index.iife.js"]);
	});
});
