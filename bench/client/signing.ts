/** How long it takes to sign a description and to verify it, in Node.js and in Chromium. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startBrowser } from "../../test/support/browser.ts";
import { startLocalServer } from "../../test/support/local-server.ts";
import { type Signing, signAndVerify } from "./signing-work.ts";

export async function measureSigning(): Promise<{ readonly node: Signing; readonly chromium: Signing }> {
	return { node: await signAndVerify(), chromium: await inChromium() };
}

async function inChromium(): Promise<Signing> {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(new URL("signing-work.ts", import.meta.url))],
		bundle: true,
		write: false,
		format: "iife",
		globalName: "work",
	});
	const server = await startLocalServer();
	const browser = await startBrowser();
	try {
		const page = await browser.context.newPage();
		// Any file of the server: WebCrypto is there on localhost alone.
		await page.goto(`${server.callbackEndpoint}/p2pmesh-client.js`);
		await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
		return await page.evaluate(() =>
			(globalThis as unknown as { work: { signAndVerify: typeof signAndVerify } }).work.signAndVerify(),
		);
	} finally {
		await browser.close();
		await server.close();
	}
}
