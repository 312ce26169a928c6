/** Two tabs of Chromium as ends. */
import type { Page } from "playwright-core";
import { linkedTabs } from "../../test/support/mesh-tabs.ts";
import type { Ends } from "./channel.ts";
import { anEnd, type End } from "./channel-ends.ts";

declare global {
	var end: End;
}

async function endIn(tab: Page, to: string): Promise<End> {
	// The text of the function names a helper of the compiler.
	await tab.evaluate(
		`globalThis.__name = (it) => it; globalThis.end = (${anEnd})(RTCPeerConnection, mesh, ${JSON.stringify(to)}); 0`,
	);
	return {
		describe: (offer) => tab.evaluate((offer) => globalThis.end.describe(offer), offer),
		accept: (answer) => tab.evaluate((answer) => globalThis.end.accept(answer), answer),
		send: (...run) => tab.evaluate((run) => globalThis.end.send(...run), run),
		count: (...run) => tab.evaluate((run) => globalThis.end.count(...run), run),
		counted: () => tab.evaluate(() => globalThis.end.counted()),
	};
}

export async function tabEnds(): Promise<Ends> {
	const { tabs, ids, close } = await linkedTabs();
	const [a, b] = await Promise.all([endIn(tabs[0], ids[1]), endIn(tabs[1], ids[0])]);
	return { a, b, close };
}
