/** Tabs with the page in them, and the actions and views of a person there. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { chromiumPath, startBrowser } from "../support/browser.ts";

/** A busy machine may take so long for what takes a second else. */
const PATIENCE_MS = 40_000;

export const hasBrowser = chromiumPath !== undefined;
if (!hasBrowser) {
	const message = "No Chromium was found: install one, or set CHROMIUM_PATH.";
	if (process.env.CI) throw new Error(message);
	console.warn(`\n*** SKIPPED: ${message} ***\n`);
}

export interface TabOptions {
	readonly room?: string;
	readonly maxPeers?: number;
	/** Of the whole hash, in place of the above. */
	readonly hash?: string;
}

export interface Tab {
	readonly page: Page;
	/** What the page reported as errors, beside connections that the test cut. */
	readonly faults: readonly string[];
	peerId(): Promise<string>;
	/** How the page writes the peer beside others: `teal otter (01234567…)`. */
	label(): Promise<string>;
	/** Waits until the page shows this state. */
	is(state: "Joined" | "Joining" | "Reconnecting" | "Not connected"): Promise<void>;
	/** Waits until it shows so many others, all of them linked directly, or `direct` of them. */
	sees(others: number, direct?: number): Promise<void>;
	/** Clicks the button whose name begins so, in front of the other tabs: in those behind Chromium draws, and so clicks, once a second. */
	press(button: string): Promise<void>;
	/** @param to a peer's id; without one, all peers */
	say(text: string, to?: string): Promise<void>;
	/** Waits until a line of the chat has this text. */
	hears(text: string): Promise<void>;
	/** What the chat holds. */
	chat(): Promise<string[]>;
	/** The lines of the event log, without times. */
	events(): Promise<string[]>;
	/** The lines of signaling frames, without times: `received peer_joined alice`. */
	frames(): Promise<string[]>;
}

/** Starts a browser for the tests of a file, and closes their tabs after each. */
export function useTabs(): { open(server: string, options?: TabOptions): Promise<Tab>; context(): BrowserContext } {
	let browser: Awaited<ReturnType<typeof startBrowser>>;
	let tabs: Tab[] = [];

	beforeAll(async () => {
		browser = await startBrowser();
	});
	afterEach(async () => {
		const opened = tabs;
		tabs = [];
		const faults = opened.flatMap((tab) => tab.faults);
		await Promise.all(opened.map(({ page }) => page.close()));
		expect(faults).toEqual([]);
	});
	afterAll(() => browser?.close());

	return {
		context: () => browser.context,
		async open(server, { room = "default", maxPeers = 8, hash } = {}) {
			const page = await browser.context.newPage();
			const tab = aTab(page);
			tabs.push(tab);
			await page.goto(`${server}/${hash ?? `#room=${room}&max=${maxPeers}`}`);
			return tab;
		},
	};
}

function aTab(page: Page): Tab {
	const faults: string[] = [];
	page.on("pageerror", (error) => faults.push(error.message));
	page.on("console", (message) => {
		// Of a server that is gone Chromium tells in its own words; no page can prevent it.
		const isCut = message.text().startsWith("WebSocket connection to");
		if ((message.type() === "error" || message.type() === "warning") && !isCut) faults.push(message.text());
	});
	const seen = (selector: string, hasText: string | RegExp) =>
		page.locator(selector).filter({ hasText }).first().waitFor({ timeout: PATIENCE_MS });
	const lines = async (selector: string) => (await page.locator(selector).allTextContents()).map((line) => line.trim());

	return {
		page,
		faults,
		peerId: () => page.getByLabel("Peer ID", { exact: true }).inputValue(),
		async label() {
			const name = await page.getByLabel("Your name").inputValue();
			return `${name} (${await page.locator("#my-mark").textContent()})`;
		},
		is: (state) => seen("#state", new RegExp(`^${state}$`)),
		sees: (others, direct = others) =>
			others === 0
				? page.locator("#nobody").waitFor({ timeout: PATIENCE_MS })
				: seen("#count", `${others} ${others === 1 ? "peer" : "peers"}, ${direct} direct`),
		async press(name) {
			await page.bringToFront();
			await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
		},
		async say(text, to = "") {
			await page.getByLabel("To", { exact: true }).selectOption(to);
			await page.getByLabel("Message").fill(text);
			await page.getByLabel("Message").press("Enter");
		},
		hears: (text) => seen("#chat .text", text),
		chat: () => lines("#chat .text"),
		events: () => lines("#log .event span"),
		frames: () => lines("#log .frame summary"),
	};
}
