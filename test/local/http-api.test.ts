import { connect } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { reachOf } from "../../local/reach.ts";
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

describe("/reach", () => {
	const ask = async (port: number, headers: string) => {
		const socket = connect(port, "127.0.0.1");
		socket.write(`GET /reach HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
		let answer = "";
		for await (const chunk of socket) answer += chunk;
		return answer;
	};

	it("tells this machine's own page whether others can come", async () => {
		const { gateway } = await aGateway();

		for (const host of ["localhost:8080", "127.0.0.1", "[::1]:8080"]) {
			const answer = await ask(gateway.port, `Host: ${host}`);
			expect(answer).toMatch(/^HTTP\/1\.1 200/);
			expect(answer).toContain(JSON.stringify({ isLocalOnly: true, addresses: [] }));
		}
	});

	it.each([
		["another origin", "Host: localhost:8080\r\nOrigin: https://example.com"],
		["another site", "Host: localhost:8080\r\nSec-Fetch-Site: cross-site"],
		["a domain that leads here", "Host: localhost.example.com:8080\r\nSec-Fetch-Site: same-origin"],
		["no host", "Host:"],
	])("tells a page of %s nothing", async (_whose, headers) => {
		const { gateway } = await aGateway();

		expect(await ask(gateway.port, headers)).toMatch(/^HTTP\/1\.1 403/);
	});
});

describe("reachOf", () => {
	const of = (family: "IPv4" | "IPv6", address: string, internal = false) =>
		({ family, address, internal }) as NetworkInterfaceInfo;
	const interfaces = {
		lo: [of("IPv4", "127.0.0.1", true), of("IPv6", "::1", true)],
		docker0: [of("IPv4", "172.17.0.1")],
		eth0: [of("IPv6", "fe80::1"), of("IPv6", "2001:db8::7"), of("IPv4", "10.0.0.7")],
		wlan0: [of("IPv4", "192.168.1.5")],
	};

	it.each(["127.0.0.1", "localhost", "::1", "127.3.2.1"])("says that %s is for this machine only", (host) => {
		expect(reachOf(host, interfaces)).toEqual({ isLocalOnly: true, addresses: [] });
	});

	it("lists the addresses in all networks, a home's first", () => {
		const addresses = ["192.168.1.5", "10.0.0.7", "172.17.0.1"];

		expect(reachOf("0.0.0.0", interfaces)).toEqual({ isLocalOnly: false, addresses });
		expect(reachOf("::", interfaces)).toEqual({ isLocalOnly: false, addresses: [...addresses, "2001:db8::7"] });
	});

	it("knows one address if the server listens on that alone", () => {
		expect(reachOf("10.0.0.7", interfaces)).toEqual({ isLocalOnly: false, addresses: ["10.0.0.7"] });
	});
});
