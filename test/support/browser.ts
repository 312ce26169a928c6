import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const PATHS = [
	process.env.CHROMIUM_PATH,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** An installed Chromium or Chrome, if there is one. */
export const chromiumPath = PATHS.find((path) => path !== undefined && existsSync(path));

/** An installed Firefox, if there is one. */
export const firefoxPath = [
	process.env.FIREFOX_PATH,
	"/usr/bin/firefox-esr",
	"/usr/bin/firefox",
	"/Applications/Firefox.app/Contents/MacOS/firefox",
	"C:\\Program Files\\Mozilla Firefox\\firefox.exe",
].find((path) => path !== undefined && existsSync(path));

/** Starts a browser with a fresh profile. @param executablePath the installed Chromium, or a command that runs it */
export async function startBrowser(
	executablePath = chromiumPath as string,
): Promise<{ context: BrowserContext; close: () => Promise<void> }> {
	const profile = mkdtempSync(join(tmpdir(), "browser-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath,
		headless: true,
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			// Without it tabs give each other names instead of addresses, which nothing resolves here.
			"--disable-features=WebRtcHideLocalIpsWithMdns",
		],
	});
	return {
		context,
		async close() {
			await context.close();
			rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
