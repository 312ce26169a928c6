/** The page for people without sight, with poor sight, or without a mouse. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";
import { lowContrast, structureFaults } from "./audit.ts";
import { hasBrowser, type Tab, useTabs } from "./tabs.ts";

describe.runIf(hasBrowser)("the page", () => {
	const { open } = useTabs();
	let gateway: Gateway;

	beforeAll(async () => {
		gateway = await startLocalServer();
	});
	afterAll(() => gateway?.close());

	/** Two linked tabs, and in the first all that there is to see. */
	const aFullTab = async (): Promise<Tab> => {
		const room = aRoom();
		const [tab, other] = [
			await open(gateway.callbackEndpoint, { room }),
			await open(gateway.callbackEndpoint, { room }),
		];
		await Promise.all([tab.sees(1), other.sees(1)]);
		await tab.say("a question");
		await other.say("an answer", await tab.peerId());
		await tab.hears("an answer");
		await tab.page.bringToFront();
		await tab.page.getByText("in words").click();
		await tab.page.getByLabel("Signaling frames").check();
		await tab.page.locator("#log summary").first().click();
		return tab;
	};

	it("has a name for every control, one main heading, and no id twice", async () => {
		const { page } = await aFullTab();

		expect(await page.evaluate(structureFaults)).toEqual([]);
		await page.getByRole("button", { name: "Share", exact: true }).click();
		await page.getByRole("dialog", { name: "Bring another device" }).waitFor();
		expect(await page.evaluate(structureFaults)).toEqual([]);
		await page.getByRole("button", { name: "Close" }).click();
		await page.getByRole("button", { name: "Stop" }).click();
		await page.getByText("Peer ID, number of links").click();
		await page.getByLabel("Deployment").selectOption("AWS Lambda");
		expect(await page.evaluate(structureFaults)).toEqual([]);
	});

	it("names its regions", async () => {
		const { page } = await aFullTab();

		for (const name of ["Mesh", "Chat", "Peers", "Events"]) {
			expect(await page.getByRole("region", { name, exact: true }).count()).toBe(1);
		}
		await page.getByRole("button", { name: "Settings", expanded: false }).click();
		expect(await page.getByRole("form", { name: "Connection" }).count()).toBe(1);
		expect(await page.getByRole("button", { name: "Settings", expanded: true }).count()).toBe(1);
		expect(await page.getByRole("img", { name: "The mesh: 2 peers with you, 1 link, 1 of them yours." }).count()).toBe(
			1,
		);
		expect(await page.getByRole("log", { name: "Chat" }).getAttribute("aria-live")).toBe("polite");
		expect(await page.getByRole("columnheader").allTextContents()).toEqual(["Peer", "Link", "ICE", "Round trip"]);
	});

	it("says in words who is linked with whom", async () => {
		const { page } = await aFullTab();
		const write = (await page.locator("#peers tbody button").getAttribute("aria-label")) as string;
		const other = write.replace("Write to ", "");

		const lines = await page.locator("#links li").allTextContents();

		expect(lines.sort()).toEqual([`you: linked with ${other}`, `${other}: linked with you`].sort());
	});

	it("can be read in light colours and in dark ones", async () => {
		const tab = await aFullTab();
		const { page } = tab;
		const schemes = ["light", "dark"] as const;

		for (const colorScheme of schemes) {
			await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await page.evaluate(lowContrast)).toEqual([]);
		}
		await page.getByRole("button", { name: "Share", exact: true }).click();
		for (const colorScheme of schemes) {
			await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await page.evaluate(lowContrast)).toEqual([]);
		}
		await page.keyboard.press("Escape");
		await tab.press("Stop");
		await page.getByLabel("Room").fill("");
		await tab.press("Start");
		await page.getByRole("alert").waitFor();
		for (const colorScheme of schemes) {
			await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			expect(await page.evaluate(lowContrast)).toEqual([]);
		}
	});

	it("needs no scrolling sideways, however narrow the window", async () => {
		const { page } = await aFullTab();

		for (const width of [1280, 1000, 768, 390, 320]) {
			await page.setViewportSize({ width, height: 800 });
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		}
	});

	it("does without movement where that is asked for", async () => {
		const gone = await startLocalServer();
		await gone.close();
		const hash = `#deployment=custom&url=${encodeURIComponent(gone.url)}`;
		const tab = await open(gateway.callbackEndpoint, { hash });
		await tab.press("Start");
		await tab.is("Joining");
		const moving = () => tab.page.evaluate(() => document.getAnimations().length);

		expect(await moving()).toBeGreaterThan(0);
		await tab.page.emulateMedia({ reducedMotion: "reduce" });
		expect(await moving()).toBe(0);
	});

	it("can be used by the keyboard alone", async () => {
		const room = aRoom();
		const other = await open(gateway.callbackEndpoint, { room });
		const tab = await open(gateway.callbackEndpoint, { room: "elsewhere" });
		const { page } = tab;
		await tab.is("Joined");
		const { keyboard } = page;

		await tabTo(page, "Stop");
		await keyboard.press("Enter");
		await tab.is("Not connected");
		expect(await focusedName(page)).toBe("Start P2P Mesh");
		await tabTo(page, "Room", "back");
		await keyboard.type(room); // the old text is selected
		await tabTo(page, "Start P2P Mesh");
		await keyboard.press("Space");
		await expect.poll(() => focusedName(page)).toBe("Stop");
		await tab.sees(1);

		await tabTo(page, "Your name", "back");
		await keyboard.type("keyboard owl");
		await keyboard.press("Enter");
		await other.page.getByRole("row", { name: /keyboard owl/ }).waitFor();
		await tabTo(page, "Share");
		await keyboard.press("Enter");
		await page.getByRole("dialog").waitFor();
		await keyboard.press("Escape");
		await page.getByRole("dialog").waitFor({ state: "hidden" });
		expect(await focusedName(page)).toBe("Share");

		await tabTo(page, `Write to ${await other.label()}`);
		await keyboard.press("Enter");
		expect(await focusedName(page)).toBe("Message");
		await keyboard.type("typed");
		await keyboard.press("Enter");
		await other.hears("typed");

		await tabTo(page, "Signaling frames");
		await keyboard.press("Space");
		await tabTo(page, /^←received +bootstrap_peers/);
		await keyboard.press("Enter");
		await page.locator("#log pre").filter({ hasText: '"type": "bootstrap_peers"' }).waitFor();
	});
});

/** The name of the element with the focus, if the focus is visible. */
function focusedName(page: Page): Promise<string> {
	return page.evaluate(() => {
		const focused = document.activeElement as HTMLInputElement;
		const { outlineStyle, outlineWidth } = getComputedStyle(focused);
		if (outlineStyle === "none" || outlineWidth === "0px") return "something whose focus cannot be seen";
		const text = focused.ariaLabel ?? focused.labels?.[0]?.textContent ?? focused.textContent;
		return (text ?? "").trim();
	});
}

/** Presses the tab key until something of this name has the focus. */
async function tabTo(page: Page, name: string | RegExp, direction: "on" | "back" = "on"): Promise<void> {
	const passed: string[] = [];
	for (let presses = 0; presses < 60; presses++) {
		await page.keyboard.press(direction === "on" ? "Tab" : "Shift+Tab");
		const focused = await focusedName(page);
		if (typeof name === "string" ? focused === name : name.test(focused)) return;
		passed.push(focused);
	}
	throw new Error(`The tab key does not lead to ${name}, but to ${passed.join(", ")}.`);
}
