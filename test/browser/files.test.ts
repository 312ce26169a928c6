/** Files from one page to others. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, inBytes } from "../../examples/browser/files.js";
import type { Gateway } from "../../local/gateway.ts";
import { aRoom } from "../support/client.ts";
import { startLocalServer } from "../support/local-server.ts";
import { hasBrowser, type Tab, useTabs } from "./tabs.ts";

describe("a file in words", () => {
	it.each([
		[0, "0 bytes"],
		[999, "999 bytes"],
		[1_234, "1.2 kB"],
		[123_456, "123 kB"],
		[2_500_000, "2.5 MB"],
		[7_000_000_000_000, "7000 GB"],
		[undefined, ""],
	])("of %s bytes is %j", (size, words) => {
		expect(inBytes(size)).toBe(words);
	});

	it("keeps the end of its name, which says what it is", () => {
		expect(clip("photo.jpg")).toBe("photo.jpg");
		expect(clip(`${"x".repeat(200)}.pdf.exe`)).toMatch(/^x{67}…x{4}\.pdf\.exe$/);
	});
});

describe.runIf(hasBrowser)("files", () => {
	const { open } = useTabs();
	let gateway: Gateway;

	beforeAll(async () => {
		gateway = await startLocalServer();
	});
	afterAll(() => gateway?.close());

	const linkedTabs = async (count: number): Promise<Tab[]> => {
		const room = aRoom();
		const tabs = await Promise.all(Array.from({ length: count }, () => open(gateway.callbackEndpoint, { room })));
		await Promise.all(tabs.map((tab) => tab.sees(count - 1)));
		return tabs;
	};
	/** A line of the chat that holds these words. */
	const line = ({ page }: Tab, words: string) => page.locator("#chat li.file", { hasText: words });
	const buffer = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));

	it("are sent when they are chosen, and saved when they are accepted", async () => {
		const [first, second] = (await linkedTabs(2)) as [Tab, Tab];

		await first.page.locator("#file").setInputFiles({ name: "picture\u202egpj.exe", mimeType: "image/jpeg", buffer });
		await line(first, "waits until it is accepted").waitFor();
		await second.page.bringToFront();
		// The character that would turn the name round is written out.
		await second.page.getByRole("button", { name: "Accept picture[U+202E]gpj.exe" }).click();
		await line(first, "3.0 MB, arrived").waitFor();
		const download = second.page.waitForEvent("download");
		await second.page.getByRole("link", { name: "Save" }).click();

		expect((await readFile(await (await download).path())).equals(buffer)).toBe(true);
		expect((await download).suggestedFilename()).toContain("gpj.exe");
	});

	it("are sent to every neighbour when they are dropped, and each may refuse", async () => {
		const [first, second, third] = (await linkedTabs(3)) as [Tab, Tab, Tab];

		await first.page.evaluate(() => {
			const data = new DataTransfer();
			data.items.add(new File(["dropped"], "note.txt", { type: "text/plain" }));
			for (const type of ["dragover", "drop"]) {
				document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
			}
		});
		await second.page.bringToFront();
		await second.page.getByRole("button", { name: "Accept note.txt" }).click();
		await line(second, "7 bytes, here").waitFor();
		await third.page.bringToFront();
		await third.page.getByRole("button", { name: "Refuse note.txt" }).click();
		await line(third, "cancelled").waitFor();

		await line(first, "1 of 2 took it").waitFor();
	});
});
