/** The page in Firefox: beside itself, and beside Chromium. */
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { firefoxPath } from "../support/browser.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";
import { hasBrowser, useTabs } from "./tabs.ts";

const hasFirefox = firefoxPath !== undefined;
if (!hasFirefox) {
	const message = "No Firefox was found: install one, or set FIREFOX_PATH.";
	if (process.env.CI) throw new Error(message);
	console.warn(`\n*** SKIPPED: ${message} ***\n`);
}

/** A busy machine may take so long for what takes a second else. */
const PATIENCE = { timeout: 40_000 };

/** What a person does and sees in a tab of Firefox. */
function aFox(page: Page) {
	const faults: string[] = [];
	page.on("pageerror", (error) => faults.push(String(error)));
	const shows = (selector: string, text: string) =>
		page.waitForFunction(
			(selector, text) => [...document.querySelectorAll(selector)].some((found) => found.textContent?.includes(text)),
			PATIENCE,
			selector,
			text,
		);
	return {
		page,
		faults,
		sees: (others: number) => shows("#count", `${others} peer${others === 1 ? "" : "s"}, ${others} direct`),
		hears: (text: string) => shows("#chat .text", text),
		shows,
		async say(text: string) {
			await page.bringToFront();
			await page.type("#text", text);
			await page.keyboard.press("Enter");
		},
	};
}

describe.runIf(hasBrowser && hasFirefox)("the page in Firefox", () => {
	const { open } = useTabs();
	let gateway: Gateway;
	let firefox: Browser;
	let foxes: ReturnType<typeof aFox>[] = [];

	beforeAll(async () => {
		[gateway, firefox] = await Promise.all([
			startLocalServer(),
			puppeteer.launch({
				browser: "firefox",
				executablePath: firefoxPath as string,
				headless: true,
				extraPrefsFirefox: {
					// By default tabs give each other names instead of addresses, which nothing resolves here.
					"media.peerconnection.ice.obfuscate_host_addresses": false,
					// A machine without a network has only this address.
					"media.peerconnection.ice.loopback": true,
				},
			}),
		]);
	});
	afterEach(async () => {
		const opened = foxes;
		foxes = [];
		await Promise.all(opened.map(({ page }) => page.close()));
		expect(opened.flatMap(({ faults }) => faults)).toEqual([]);
	});
	afterAll(async () => {
		await firefox?.close();
		await gateway?.close();
	});

	const openFox = async (room: string) => {
		const fox = aFox(await firefox.newPage());
		foxes.push(fox);
		await fox.page.goto(`${gateway.callbackEndpoint}/#room=${room}`);
		return fox;
	};

	it("links two tabs, which talk", async () => {
		const room = aRoom();
		const first = await openFox(room);
		await first.shows("#state", "Joined");
		const second = await openFox(room);
		await Promise.all([first.sees(1), second.sees(1)]);

		await second.say("from one fox to another");
		await first.hears("from one fox to another");
		await second.shows("#chat .reached", "reached 1 peer");
	});

	it("links with a tab of Chromium, and each hears the other", async () => {
		const room = aRoom();
		const [fox, tab] = [await openFox(room), await open(gateway.callbackEndpoint, { room })];
		await Promise.all([fox.sees(1), tab.sees(1)]);
		await tab.page.getByRole("row", { name: "direct" }).filter({ hasText: /↔.*ms/ }).waitFor(PATIENCE);

		await fox.say("hello from Firefox");
		await tab.hears("hello from Firefox");
		await tab.say("hello from Chromium");
		await fox.hears("hello from Chromium");
		await fox.shows("#graph .name", await tab.page.getByLabel("Your name").inputValue());
	});
});
