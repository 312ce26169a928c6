/** Keys in Chromium: kept as docs/client.md shows it, and on a page that has no WebCrypto. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startBrowser } from "../support/browser.ts";
import { startLocalServer } from "../support/local-server.ts";
import { hasBrowser } from "./tabs.ts";

/** The example of keys that are kept, as it stands in the documentation. */
const [, EXAMPLE = ""] =
	/```js\n(\/\*\* The keys of this browser's user[\s\S]*?)```/.exec(
		readFileSync(new URL("../../docs/client.md", import.meta.url), "utf8"),
	) ?? [];

/** Of the mesh in a page. */
interface State {
	readonly peerId: string;
	readonly key: string | undefined;
	readonly links: { readonly peerId: string; readonly state: string; readonly vouched?: string }[];
}

describe.runIf(hasBrowser)("the keys of a page", () => {
	let server: Gateway;
	let browser: Awaited<ReturnType<typeof startBrowser>>;
	beforeAll(async () => {
		server = await startLocalServer();
		browser = await startBrowser();
	});
	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	const aPage = async () => {
		const page = await browser.context.newPage();
		onTestFinished(() => page.close());
		return page;
	};
	/** Runs a program with the client, which makes `mesh`, in the page, and joins. */
	const run = async (page: Page, program: string) => {
		// Any file of the server: Chromium lets a page of the same address connect, and this one has no program.
		await page.goto(`${server.callbackEndpoint}/p2pmesh-client.js`);
		await page.addScriptTag({
			type: "module",
			content: `import { createMesh } from "/p2pmesh-client.js";
				const signalingServerUrl = ${JSON.stringify(server.url)};
				${program}
				window.mesh = mesh;
				await mesh.join();
				document.title = "joined";`,
		});
		await page.waitForFunction(() => document.title === "joined");
	};
	const state = (page: Page) =>
		page.evaluate((): State => {
			const { mesh } = window as unknown as { mesh: { peerId: string; key?: string; links(): State["links"] } };
			return { peerId: mesh.peerId, key: mesh.key, links: mesh.links() };
		});
	const linked = async (page: Page, peerId: string) => {
		await expect
			.poll(async () => (await state(page)).links, { timeout: 60_000 })
			.toMatchObject([{ peerId, state: "open" }]);
		return (await state(page)).links[0];
	};

	it("that are kept as in the documentation give it the same id when it is loaded again", async () => {
		const [page, other] = [await aPage(), await aPage()];
		await run(other, 'const mesh = await createMesh({ signalingServerUrl, peerId: "key", verify: "key" });');
		await run(page, EXAMPLE);
		const before = await state(page);
		expect(before.peerId).toBe(before.key);
		expect(await linked(other, before.peerId)).toMatchObject({ vouched: "id" });

		await run(page, EXAMPLE);

		expect((await state(page)).peerId).toBe(before.peerId);
		expect(await linked(page, (await state(other)).peerId)).toMatchObject({ vouched: "id" });
	});

	it("are missing without https, and it links up all the same", async () => {
		const [old, page] = [await aPage(), await aPage()];
		await old.addInitScript(() => {
			Object.defineProperty(Crypto.prototype, "subtle", { value: undefined });
		});
		const program = 'const mesh = await createMesh({ signalingServerUrl, room: "mixed" });';
		await run(old, program);
		await run(page, program);

		expect((await state(old)).key).toBeUndefined();
		expect(await linked(page, (await state(old)).peerId)).not.toHaveProperty("vouched");
	});
});
