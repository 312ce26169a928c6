/** How the page starts: with which server, with which token, and its message if that fails. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Request } from "playwright-core";
import decodeQR from "qr/decode.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cachedSecrets } from "../../lambda/adapters/cached-secrets.ts";
import { sharedSecretVerifier } from "../../lambda/adapters/token-verifier.ts";
import { createHandler } from "../../lambda/handler.ts";
import { type Gateway, startGateway } from "../../local/gateway.ts";
import { reachOf } from "../../local/reach.ts";
import { aRoom } from "../support/client.ts";
import { someDependencies, someLog } from "../support/defaults.ts";
import { startLocalServer } from "../support/local-server.ts";
import { aSecret, aToken } from "../support/tokens.ts";
import { hasBrowser, useTabs } from "./tabs.ts";

const FOLDER = new URL("../../examples/browser/", import.meta.url);
const TYPES: Record<string, string> = { html: "text/html", css: "text/css", js: "text/javascript" };

describe.runIf(hasBrowser)("the page", () => {
	const { open, context } = useTabs();
	let gateway: Gateway;

	beforeAll(async () => {
		gateway = await startLocalServer();
	});
	afterAll(() => gateway?.close());

	/** What `npx http-server examples/browser` does. */
	const aStaticServer = async (): Promise<string> => {
		const server = createServer((request, response) => {
			const name = request.url === "/" ? "index.html" : (request.url ?? "").slice(1);
			readFile(new URL(name, FOLDER)).then(
				(content) => response.writeHead(200, { "content-type": TYPES[name.split(".").pop() ?? ""] }).end(content),
				() => response.writeHead(404).end(),
			);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
	};

	it("waits to be started where another web server serves it, and takes any server", async () => {
		const url = await aStaticServer();
		const tab = await open(url);
		const { page } = tab;

		await tab.is("Not connected");
		expect(await page.getByLabel("Server URL").inputValue()).toBe("ws://localhost:8080");
		await page.getByLabel("Deployment").selectOption("Custom");
		await page.getByLabel("Server URL").fill(gateway.url);
		await page.getByLabel("Room").fill(aRoom());
		await page.getByRole("button", { name: "Start" }).click();
		await tab.is("Joined");

		const guest = await open(url, { hash: new URL(page.url()).hash });
		await guest.press("Start");
		await guest.sees(1);
	});

	it("composes the URL of an API on AWS, and takes a pasted one apart", async () => {
		const { page } = await open(await aStaticServer());
		const url = page.getByLabel("Server URL");
		await page.getByLabel("Deployment").selectOption("AWS Lambda");

		await page.getByLabel("API ID").fill("abc123def4");
		await page.getByLabel("Region").fill("eu-central-1");
		expect(await url.inputValue()).toBe("wss://abc123def4.execute-api.eu-central-1.amazonaws.com/prod");

		await url.fill('"wss://zyx987.execute-api.sa-east-1.amazonaws.com/dev"');
		await url.blur();
		expect(await url.inputValue()).toBe("wss://zyx987.execute-api.sa-east-1.amazonaws.com/dev");
		expect(await page.getByLabel("API ID").inputValue()).toBe("zyx987");
		expect(await page.getByLabel("Region").inputValue()).toBe("sa-east-1");
		expect(await page.getByLabel("Stage").inputValue()).toBe("dev");
		await url.fill("abc123def4");
		await url.blur();
		expect(await url.inputValue()).toBe("wss://abc123def4.execute-api.sa-east-1.amazonaws.com/dev");
	});

	it("says that no server answers, goes on trying, and can be stopped", async () => {
		const gone = await startLocalServer();
		await gone.close();
		const tab = await open(await aStaticServer(), { hash: `#deployment=custom&url=${encodeURIComponent(gone.url)}` });
		const { page } = tab;

		await page.getByRole("button", { name: "Start" }).click();
		await page
			.getByRole("alert")
			.filter({ hasText: `No connection to ${gone.url}` })
			.waitFor();
		await page.getByRole("button", { name: "Stop" }).click();

		await tab.is("Not connected");
		expect(await page.getByRole("alert").count()).toBe(0);
	});

	it.each([
		["Server URL", "ftp://example.com", "ws"],
		["Server URL", "", "Server URL"],
		["Room", "", "Room"],
		["Max peers", "0", "Max peers"],
	])("points at the field %s where it holds %j", async (label, value, text) => {
		const { page } = await open(await aStaticServer(), { hash: "#deployment=custom&url=ws://127.0.0.1:1" });

		await page.getByText("Peer ID, number of links").click();
		await page.getByLabel(label).fill(value);
		await page.getByText("Peer ID, number of links").click();
		await page.getByRole("button", { name: "Start P2P Mesh" }).click();

		await page.getByRole("alert").filter({ hasText: text }).waitFor();
		expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
		expect(await page.getByLabel(label).evaluate((field) => field === document.activeElement)).toBe(true);
	});

	it("asks for a token where the server does, and keeps it to itself", async () => {
		const secret = aSecret();
		const secrets = cachedSecrets({ read: async () => secret, name: "secret", clock: Date, log: someLog() });
		const server = await startGateway({ log: someLog() }, ({ sender }) =>
			createHandler({ ...someDependencies(sender), tokens: sharedSecretVerifier(secrets, Date) }),
		);
		onTestFinished(() => server.close());
		const tab = await open(server.callbackEndpoint);
		const { page } = tab;
		const token = page.getByLabel("Token");

		await page.getByRole("alert").filter({ hasText: "asks for a token" }).waitFor();
		await token.fill("none.of.yours");
		await token.press("Enter");
		await page.getByRole("alert").filter({ hasText: "does not accept this token" }).waitFor();
		expect(await token.evaluate((field) => field === document.activeElement)).toBe(true);
		const valid = await aToken(secret, { sub: await tab.peerId(), rooms: ["*"] });
		await token.fill(valid);
		await token.press("Enter");
		await tab.is("Joined");

		expect(await page.getByRole("alert").count()).toBe(0);
		const kept = await page.evaluate(
			() => location.href + JSON.stringify(sessionStorage) + JSON.stringify(localStorage),
		);
		expect(kept).not.toContain(valid);
		await page.getByLabel("Signaling frames").check();
		for (const summary of await page.locator("#log summary").all()) await summary.click();
		expect(await page.locator("#log").textContent()).not.toContain(valid);
	});

	it("says that another client has its id, which stays there", async () => {
		const room = aRoom();
		const first = await open(gateway.callbackEndpoint, { room });
		const second = await open(gateway.callbackEndpoint, { room });
		await second.press("Stop");
		await second.page.getByText("Peer ID, number of links").click();
		await second.page.getByLabel("Peer ID", { exact: true }).fill(await first.peerId());
		await second.press("Start");

		await second.page.getByRole("alert").filter({ hasText: "Another client joined with your ID." }).waitFor();
		await second.is("Not connected");
		await first.is("Joined");
		await second.press("Generate");
		await second.press("Start");
		await first.sees(1);
	});

	it("keeps its id and settings when it is reloaded", async () => {
		const tab = await open(gateway.callbackEndpoint, { room: aRoom(), maxPeers: 5 });
		await tab.is("Joined");
		const [id, room] = [await tab.peerId(), await tab.page.getByLabel("Room").inputValue()];

		await tab.page.reload();
		await tab.is("Joined");

		expect(await tab.peerId()).toBe(id);
		expect(await tab.page.getByLabel("Room").inputValue()).toBe(room);
		expect(await tab.page.getByLabel("Max peers").inputValue()).toBe("5");
	});

	it("shares a link that another device can open, as a text and as a QR code", async () => {
		const server = await startLocalServer({}, { host: "0.0.0.0" });
		onTestFinished(() => server.close());
		const tab = await open(`http://127.0.0.1:${server.port}`, { room: "a room" });
		const { page } = tab;
		await tab.is("Joined");

		await tab.press("Share");
		const dialog = page.getByRole("dialog", { name: "Bring another device" });
		await dialog.waitFor();
		const link = await dialog.getByLabel("Link", { exact: true }).inputValue();

		const { addresses } = reachOf("0.0.0.0");
		expect(link).toBe(`http://${addresses[0] ?? "127.0.0.1"}:${server.port}/#room=a+room`);
		if (addresses.length > 0) {
			await dialog.getByRole("img", { name: "QR code of the link" }).waitFor();
			const rows = await page.evaluate(() => document.querySelector("#qr path")?.getAttribute("d"));
			expect(decodeQR(pixelsOf(rows as string))).toBe(link);
		}
		await dialog.getByRole("button", { name: "Close" }).click();
		await dialog.waitFor({ state: "hidden" });
	});

	it("says that the server is for this machine only, and how to change that", async () => {
		const tab = await open(gateway.callbackEndpoint, { room: aRoom() });
		await tab.is("Joined");

		await tab.press("Share");

		await tab.page.getByRole("dialog").getByText("npm start -- --host 0.0.0.0").waitFor();
		expect(await tab.page.locator("#qr").isVisible()).toBe(false);
	});

	it("shows the mesh first, and the form when it is asked for", async () => {
		const tab = await open(gateway.callbackEndpoint, { room: aRoom() });
		const { page } = tab;
		await page.setViewportSize({ width: 390, height: 844 });
		await page.getByText("You are the first one here.").waitFor();
		const top = async (name: string) => (await page.getByRole("region", { name, exact: true }).boundingBox())?.y ?? 0;

		expect(await page.getByLabel("Room").isVisible()).toBe(false);
		expect(await top("Mesh")).toBeLessThan(150);
		expect(await top("Chat")).toBeLessThan(600);
		await page.getByRole("button", { name: "Settings" }).click();
		expect(await page.getByLabel("Room").isVisible()).toBe(true);
		expect(await page.getByLabel("Room").isEnabled()).toBe(false);
	});

	it("says that links need one network if the server names no STUN server", async () => {
		const without = await open(gateway.callbackEndpoint, { room: aRoom() });
		const server = await startLocalServer({ stunUrls: ["stun:127.0.0.1:3478"] });
		onTestFinished(() => server.close());
		const withStun = await open(server.callbackEndpoint, { room: aRoom() });
		await Promise.all([without.is("Joined"), withStun.is("Joined")]);

		await without.page.getByText("only peers of one network link up").waitFor();
		expect(await withStun.page.getByText("only peers of one network link up").isVisible()).toBe(false);
	});

	it("fetches nothing from anywhere else", async () => {
		const requests: string[] = [];
		const note = (request: Request) => requests.push(request.url());
		context().on("request", note);
		onTestFinished(() => void context().off("request", note));
		const tab = await open(gateway.callbackEndpoint, { room: aRoom() });
		await tab.is("Joined");

		const origins = new Set(requests.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).host));
		expect([...origins]).toEqual([new URL(gateway.callbackEndpoint).host]);
	});
});

/** The picture of a QR code, of 8 pixels for each square: from a path like `M3 4h1v1h-1zM5 4…`. */
function pixelsOf(path: string) {
	const squares = [...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
	const size = (Math.max(...squares.flat()) + 4) * 8;
	const data = new Uint8ClampedArray(size * size * 4).fill(255);
	for (const [x, y] of squares) {
		for (let dy = 0; dy < 8; dy++) {
			for (let dx = 0; dx < 8; dx++)
				data.fill(0, ((y * 8 + dy) * size + x * 8 + dx) * 4, ((y * 8 + dy) * size + x * 8 + dx) * 4 + 3);
		}
	}
	return { width: size, height: size, data };
}
