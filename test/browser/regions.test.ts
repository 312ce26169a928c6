/** The page with two servers: one dies, the tabs go on at the other, and come back. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";
import { hasBrowser, useTabs } from "./tabs.ts";

describe.runIf(hasBrowser)("a room on two servers", () => {
	const tabs = useTabs();

	it("goes on when its home dies, and is at home again when that is back", async () => {
		const page = await startLocalServer();
		const gateways = new Map<number, Gateway>();
		const start = async (port = 0) => {
			const gateway = await startLocalServer({}, { port, graceMs: 0 });
			gateways.set(gateway.port, gateway);
			return gateway;
		};
		onTestFinished(async () => {
			for (const gateway of [page, ...gateways.values()]) await gateway.close();
		});
		const urls = [(await start()).url, (await start()).url];
		const hash = `#deployment=custom&url=${encodeURIComponent(urls.join(" "))}`;
		const open = async () => {
			const tab = await tabs.open(page.url.replace("ws", "http"), { hash });
			await tab.press("Start");
			await tab.is("Joined");
			return tab;
		};
		const [first, second] = [await open(), await open()];
		const homeOf = async (tab: typeof first) =>
			/:(\d+), one of 2/.exec((await tab.page.locator("#where").innerText()) ?? "")?.[1];
		const isAt = (tab: typeof first, port: number) =>
			tab.page
				.locator("#where-server")
				.filter({ hasText: `:${port}, one of 2 regions` })
				.waitFor({ timeout: 60_000 });
		for (const tab of [first, second]) await tab.sees(1);
		const home = Number(await homeOf(first));
		const [other = 0] = [...gateways.keys()].filter((port) => port !== home);
		await isAt(second, home);

		await gateways.get(home)?.close();
		for (const tab of [first, second]) await isAt(tab, other);
		const third = await open();
		for (const tab of [first, second, third]) await tab.sees(2);
		await third.say("from the other region");
		for (const tab of [first, second]) await tab.hears("from the other region");

		await start(home);
		for (const tab of [first, second, third]) await isAt(tab, home);
		const late = await open();
		await isAt(late, home);
		await late.sees(3);
		await late.say("at home again");
		for (const tab of [first, second, third]) await tab.hears("at home again");

		const left = async (tab: typeof first) => (await tab.events()).filter((line) => line.endsWith(" left"));
		expect([await left(first), await left(second)]).toEqual([[], []]);
	}, 200_000);
});
