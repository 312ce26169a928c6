import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { aGateway } from "../support/gateway.ts";

/** The status of a request. The path is sent unchanged: `fetch` would tidy it first. */
async function statusOf(port: number, path: string): Promise<number> {
	const socket = connect(port, "127.0.0.1");
	socket.write(`GET ${path} HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n`);
	let answer = "";
	for await (const chunk of socket) answer += chunk;
	return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

describe("the page's files", () => {
	it.each([
		["/", "text/html; charset=utf-8"],
		["/index.html", "text/html; charset=utf-8"],
		["/style.css", "text/css; charset=utf-8"],
		["/app.js", "text/javascript; charset=utf-8"],
		["/p2pmesh-client.js", "text/javascript; charset=utf-8"],
		["/app.js?version=2", "text/javascript; charset=utf-8"],
	])("has %s as %s", async (path, type) => {
		const { gateway } = await aGateway();

		const response = await fetch(gateway.callbackEndpoint + path);

		expect(response.status).toBe(200);
		expect(response.headers.get("content-type")).toBe(type);
		expect(response.headers.get("x-content-type-options")).toBe("nosniff");
		expect((await response.text()).length).toBeGreaterThan(0);
	});

	it("all that the page and its modules name", async () => {
		const { gateway } = await aGateway();
		const textOf = async (path: string) => {
			const response = await fetch(gateway.callbackEndpoint + path);
			expect([path, response.status]).toEqual([path, 200]);
			return response.text();
		};

		const paths = new Set(["/"]);
		for (const path of paths) {
			const text = await textOf(path);
			for (const [, name] of text.matchAll(/(?:from "\.\/|href="|src=")([a-z0-9-]+\.(?:js|css))"/g))
				paths.add(`/${name}`);
		}

		expect(paths.size).toBeGreaterThan(10);
	});

	it("HEAD tells that signaling is here, and sends no file", async () => {
		const { gateway } = await aGateway();

		const response = await fetch(`${gateway.callbackEndpoint}/`, { method: "HEAD" });

		expect(response.headers.get("p2pmesh-signaling")).toBe("here");
		expect(await response.text()).toBe("");
	});

	it.each([
		"/../../package.json",
		"/..%2f..%2fpackage.json",
		"/%2e%2e/%2e%2e/package.json",
		"/..\\..\\package.json",
		"/./../browser/app.js/../../../local/main.ts",
		"/sub/app.js",
		"/app.js/",
		"/app.js%00.css",
		"/p2pmesh-client.d.ts",
		"/.git/config",
		"/nothing.js",
		"/constructor.constructor",
		"/index.__proto__",
	])("has nothing at %s", async (path) => {
		const { gateway } = await aGateway();

		expect(await statusOf(gateway.port, path)).toBe(404);
	});
});
