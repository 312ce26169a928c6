/** The page that `npm start` serves, in a real browser. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";

if (chromiumPath === undefined) {
	const message = "No Chromium was found: install one, or set CHROMIUM_PATH.";
	if (process.env.CI) throw new Error(message);
	console.warn(`\n*** SKIPPED: ${message} ***\n`);
}

describe.runIf(chromiumPath !== undefined)("the page", () => {
	let gateway: Gateway;
	let browser: { context: BrowserContext; close: () => Promise<void> };
	const faults: string[] = [];

	beforeAll(async () => {
		gateway = await startLocalServer();
		browser = await startBrowser();
	});
	afterAll(async () => {
		await browser?.close();
		await gateway?.close();
	});

	/** Opens the page and joins a room. */
	const aTab = async (room: string): Promise<Page> => {
		const page = await browser.context.newPage();
		page.on("pageerror", (error) => faults.push(error.message));
		page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
		await page.goto(`${gateway.callbackEndpoint}/`);
		await page.getByRole("button", { name: "Stop" }).click();
		await page.getByLabel("Room").fill(room);
		await page.getByRole("button", { name: "Start" }).click();
		await page.getByRole("status").filter({ hasText: "joined" }).waitFor();
		return page;
	};
	const linked = (page: Page, count: number) =>
		expect.poll(() => page.locator("#peers .linked").count(), { timeout: 30_000 }).toBe(count);
	const says = (page: Page, text: string) => page.getByRole("log").getByText(text).waitFor();

	it("links three tabs, which talk past the server and notice when one goes", async () => {
		const room = aRoom();
		const tabs = [await aTab(room), await aTab(room), await aTab(room)];
		const [first, second, third] = tabs as [Page, Page, Page];
		for (const tab of tabs) await linked(tab, 2);

		await first.getByLabel("Message").fill("hello from the first");
		await first.getByRole("button", { name: "Send" }).click();
		await says(second, "hello from the first");
		await says(third, "hello from the first");
		expect(await first.locator("#log").textContent()).not.toContain("hello from the first");
		if (process.env.SCREENSHOTS) {
			await second.setViewportSize({ width: 1100, height: 860 });
			await second.screenshot({ path: `${process.env.SCREENSHOTS}/page-light.png` });
			await second.emulateMedia({ colorScheme: "dark" });
			await second.screenshot({ path: `${process.env.SCREENSHOTS}/page-dark.png` });
			await second.setViewportSize({ width: 390, height: 844 });
			await second.screenshot({ path: `${process.env.SCREENSHOTS}/page-phone.png`, fullPage: true });
		}

		await third.close();
		await linked(first, 1);
		await linked(second, 1);
		expect(faults).toEqual([]);
	});

	it("keeps its links when the server goes", async () => {
		const own = await startLocalServer();
		const room = aRoom();
		const open = async () => {
			const page = await browser.context.newPage();
			await page.goto(`${own.callbackEndpoint}/`);
			await page.getByRole("button", { name: "Stop" }).click();
			await page.getByLabel("Room").fill(room);
			await page.getByRole("button", { name: "Start" }).click();
			return page;
		};
		const [first, second] = [await open(), await open()];
		await linked(first, 1);

		await own.close();
		await first.getByRole("status").filter({ hasText: "connection ended (1001)" }).waitFor();
		await first.getByLabel("Message").fill("still here");
		await first.getByRole("button", { name: "Send" }).click();

		await says(second, "still here");
	});
});
