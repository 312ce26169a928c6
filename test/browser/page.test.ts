/** The page that `npm start` serves, in a real browser. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Gateway, GatewayOptions } from "../../local/gateway.ts";
import { aMesh } from "../client/support/mesh-node.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";
import { startProxy } from "./proxy.ts";
import { hasBrowser, type Tab, useTabs } from "./tabs.ts";

/** A busy machine takes its time. */
const PATIENCE = { timeout: 40_000 };

describe.runIf(hasBrowser)("the page", () => {
	const { open } = useTabs();
	let gateway: Gateway;

	beforeAll(async () => {
		gateway = await startLocalServer();
	});
	afterAll(() => gateway?.close());

	/** A server that ends with the test. */
	const aServer = async (options: Partial<GatewayOptions> = {}) => {
		const { maxConnectionAgeMs } = options;
		const server = await startLocalServer(maxConnectionAgeMs === undefined ? {} : { maxConnectionAgeMs }, options);
		onTestFinished(() => server.close());
		return server;
	};
	/** Tabs in one room, all linked with each other. */
	const linkedTabs = async (count: number, server = gateway): Promise<Tab[]> => {
		const room = aRoom();
		const tabs = await Promise.all(Array.from({ length: count }, () => open(server.callbackEndpoint, { room })));
		await Promise.all(tabs.map((tab) => tab.sees(count - 1)));
		return tabs;
	};
	const noLinkEnded = async (tab: Tab) =>
		expect((await tab.events()).filter((line) => line.startsWith("The link with"))).toEqual([]);

	it("links two tabs that are opened, without a word from anybody", async () => {
		const [first, second] = [await open(gateway.callbackEndpoint), await open(gateway.callbackEndpoint)];

		await first.is("Joined");
		await first.sees(1);
		await second.sees(1);
	});

	it("carries what is said to everyone, and to one alone, past the server", async () => {
		const [first, second, third] = (await linkedTabs(3)) as [Tab, Tab, Tab];

		await first.say("a word to the second", await second.peerId());
		await first.say("a word to all");
		await Promise.all([second.hears("a word to all"), third.hears("a word to all")]);
		await third.say("an answer");
		await first.hears("an answer");

		expect(await second.chat()).toContain("a word to the second");
		expect(await third.chat()).not.toContain("a word to the second");
		expect(await first.page.locator("#log").textContent()).not.toContain("a word");
	});

	it("shows what others write as text, whatever it is", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];

		await first.say("<img src=x onerror=alert(1)><b>bold</b>");

		await second.hears("<img src=x onerror=alert(1)><b>bold</b>");
		expect(await second.page.locator("#chat img").count()).toBe(0);
	});

	it("shows how each link goes", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];

		const row = first.page.getByRole("row").filter({ hasText: (await second.peerId()).slice(0, 8) });

		await row.filter({ hasText: /direct.*(host|NAT) ↔ (host|NAT).*\d ms/ }).waitFor();
	});

	it("gives peers names, which can be changed and do not stand for an id", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];
		await first.page.getByRole("row", { name: await second.label() }).waitFor();

		for (const { page } of [first, second]) {
			await page.getByLabel("Your name").fill("  otter\u200b (you) ");
			await page.getByLabel("Your name").press("Enter");
		}
		const row = first.page.getByRole("row", { name: "otter you" });
		await row.filter({ hasText: (await second.peerId()).slice(0, 8) }).waitFor();
		await second.say("who am I?");
		await first.hears("who am I?");

		expect(await second.label()).not.toBe(await first.label());
		expect(await first.page.locator("#chat .theirs .who").textContent()).toBe(
			`otter you${(await second.peerId()).slice(0, 8)}…`,
		);
		await second.page.reload();
		await second.is("Joined");
		expect(await second.label()).toBe(`otter you (${(await second.peerId()).slice(0, 8)}…)`);
	});

	it("draws every peer of the room, with a page or without", async () => {
		const room = aRoom();
		const program = await aMesh(gateway.url, { room, metadata: { name: "a program" } });
		const nameless = await aMesh(gateway.url, { room, peerId: "nameless" });
		await Promise.all([program.join(), nameless.join()]);
		const tab = await open(gateway.callbackEndpoint, { room });
		await tab.sees(2);

		const drawn = () => tab.page.locator("#graph .node text").allTextContents();
		await expect
			.poll(async () => (await drawn()).sort(), PATIENCE)
			.toEqual([
				`a program${program.peerId.slice(0, 8)}…`,
				expect.stringMatching(/^nameless·[0-9a-f]{4}$/),
				`you${(await tab.peerId()).slice(0, 8)}…`,
			]);
	});

	it("shows a message on its way: to its author each link of it, to a receiver the last one", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];
		const link = [await first.peerId(), await second.peerId()].sort().join(" ");
		const carried = async ({ page }: Tab) => {
			await page.bringToFront();
			await page.locator("#graph .carrying").waitFor({ state: "detached" });
			return page.evaluate(() => {
				const seen: string[] = [];
				const lines = document.querySelector("#graph .edges") as Element;
				new MutationObserver((changes) => {
					for (const { target } of changes) {
						const line = target as SVGPathElement;
						if (line.classList.contains("carrying") && line.dataset.link) seen.push(line.dataset.link);
					}
				}).observe(lines, { subtree: true, attributeFilter: ["class"] });
				Object.assign(window, { seen });
			});
		};
		const seenBy = ({ page }: Tab) =>
			expect.poll(() => page.evaluate(() => [...new Set((window as never as { seen: string[] }).seen)]), PATIENCE);

		await carried(first);
		await first.say("look");
		await first.page.locator("#chat .own", { hasText: "reached 1 peer" }).waitFor();
		await seenBy(first).toEqual([link]);
		await carried(second);
		await first.say("and there");
		await seenBy(second).toEqual([link]);
	});

	it("shows nothing on a line that has no place yet", async () => {
		const tab = await open(gateway.callbackEndpoint);

		// As a text, because the test's own modules are loaded in another way.
		const shown = await tab.page.evaluate(`(async () => {
			const { createTravel } = await import("./travel.js");
			const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
			const layer = make("g");
			let hasArrived = false;
			const arrive = () => (hasArrived = true);
			createTravel(layer)({ path: make("path"), backwards: false, kind: "message", durationMs: 100, arrive });
			return [layer.childElementCount, hasArrived];
		})()`);

		expect(shown).toEqual([0, true]);
	});

	it("goes on without the server, and says so", async () => {
		const server = await aServer();
		const [first, second] = (await linkedTabs(2, server)) as [Tab, Tab];
		const said = (tab: Tab, words: string) => tab.page.locator("#graph .server .words", { hasText: words }).waitFor();
		await said(first, "not needed now");

		await server.close();
		await first.is("Reconnecting");
		await said(first, "away, the mesh goes on");
		await second.say("still here");
		await first.hears("still here");

		expect(await first.page.getByRole("alert").count()).toBe(0);
	});

	it("sees a tab go that is closed", async () => {
		const [first, second, third] = (await linkedTabs(3)) as [Tab, Tab, Tab];

		await third.page.close();

		await first.sees(1);
		await second.sees(1);
	});

	it("sees a tab go that stops, and come back", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];

		await second.press("Stop");
		await second.is("Not connected");
		await first.sees(0);
		await second.press("Start");

		await first.sees(1);
		await second.sees(1);
	});

	it("keeps its links while it is cut off from the server, and joins again", async () => {
		const room = aRoom();
		const network = await startProxy(gateway.port);
		const near = await open(gateway.callbackEndpoint, { room });
		const far = await open(network.url, { room });
		await near.sees(1);
		await far.sees(1);

		await network.cut();
		await far.is("Reconnecting");
		await far.say("still here");
		await near.hears("still here");
		await network.mend();
		await far.page.evaluate(() => window.dispatchEvent(new Event("online")));

		await far.is("Joined");
		await near.say("welcome back");
		await far.hears("welcome back");
		await noLinkEnded(near);
		await noLinkEnded(far);
	});

	it("keeps its links when the server is restarted, and joins the new one", async () => {
		const before = await aServer();
		const tabs = await linkedTabs(3, before);

		await before.close();
		const after = await aServer({ port: before.port });
		await expect.poll(() => after.connectionCount(), { timeout: 30_000 }).toBe(3);

		for (const tab of tabs) {
			await tab.is("Joined");
			await tab.sees(2);
			await noLinkEnded(tab);
		}
	});

	it("moves to a new connection before the old one ends, and nobody sees it leave", async () => {
		const server = await aServer({ maxConnectionAgeMs: 12_000 });
		const room = aRoom();
		const tabs = await Promise.all([0, 1, 2].map(() => open(server.callbackEndpoint, { room })));
		for (const tab of tabs) await tab.sees(2);

		const joins = async (tab: Tab) => (await tab.frames()).filter((line) => line.includes("join:")).length;
		for (const tab of tabs) await expect.poll(() => joins(tab), { timeout: 30_000 }).toBeGreaterThan(1);
		await expect.poll(() => server.connectionCount(), { timeout: 10_000 }).toBe(3);
		// The server announces the ends of those connections before it introduces another peer.
		const last = await open(server.callbackEndpoint, { room });
		await last.sees(3);

		for (const tab of tabs) {
			await tab.sees(3);
			await noLinkEnded(tab);
			expect((await tab.frames()).filter((line) => line.includes("peer_left"))).toEqual([]);
			expect(await tab.events()).not.toContain("Reconnecting");
		}
	});

	it("reaches everyone through others where links are few", async () => {
		const room = aRoom();
		const tabs = await Promise.all(
			Array.from({ length: 8 }, () => open(gateway.callbackEndpoint, { room, maxPeers: 3 })),
		);
		// Some may be about to let a link go.
		for (const { page } of tabs) {
			await page
				.locator("#count")
				.filter({ hasText: /^7 peers, [1-4] direct$/ })
				.waitFor(PATIENCE);
		}
		const [first, ...others] = tabs as [Tab, ...Tab[]];

		await first.say("to all of you");
		await Promise.all(others.map((tab) => tab.hears("to all of you")));

		const distant = first.page.getByRole("row").filter({ hasText: "hops" }).first();
		const peerId = await distant.getAttribute("data-peer");
		await first.say("and to you", peerId as string);
		const ids = await Promise.all(others.map((tab) => tab.peerId()));
		await others[ids.indexOf(peerId as string)]?.hears("and to you");
	});
});
