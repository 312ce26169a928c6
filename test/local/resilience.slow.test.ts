/** The local server while this machine, its own parts, or a clock misbehave. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import WebSocket from "ws";
import { createHttpApi } from "../../local/http-api.ts";
import { connect, refusedStatus } from "../support/client.ts";
import { someLog } from "../support/defaults.ts";
import { eventually } from "../support/eventually.ts";
import { aGateway } from "../support/gateway.ts";

const START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

/** `npm start` with standard output and standard error as given, once it listens. Ended at the end of the test. */
async function aServer(stderr: "pipe" | number, wrapper: readonly string[] = []) {
	const command = [process.execPath, START, "--port", "0", "--log-level", "debug"];
	const [program, ...args] = [...wrapper, ...command] as [string, ...string[]];
	const child = spawn(program, args, { stdio: ["ignore", "pipe", stderr] });
	onTestFinished(() => void child.kill("SIGKILL"));
	let errors = "";
	child.stderr?.on("data", (chunk) => (errors += chunk));
	const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
	const url = await new Promise<string>((resolve, reject) => {
		let output = "";
		child.stdout?.on("data", (chunk) => {
			output += chunk;
			const match = /npx wscat -c (ws:\S+)/.exec(output);
			if (match) resolve(match[1] as string);
		});
		void exited.then((code) => reject(new Error(`It ended with ${code}: ${output}${errors}`)));
	});
	return { child, exited, url, errors: () => errors };
}

/** Joins, signals to itself and leaves: every step logs lines. */
async function talk(url: string) {
	const client = await connect(url);
	await client.join("alice");
	client.send({ type: "signal", to: "alice" });
	expect(await client.next()).toMatchObject({ type: "signal", from: "alice" });
	client.send({ type: "nonsense" });
	expect(await client.next()).toMatchObject({ type: "error" });
	client.send({ type: "leave" });
	await client.closed();
}

const firstOf = (emitter: WebSocket, event: string) => once(emitter, event).then(() => event);

describe("npm start", () => {
	it("goes on if its log cannot be written: the disk is full", async () => {
		const full = openSync("/dev/full", "w");
		onTestFinished(() => closeSync(full));
		const { child, exited, url } = await aServer(full);

		for (let n = 0; n < 3; n++) await talk(url);

		child.kill("SIGTERM");
		expect(await exited).toBe(0);
	});

	it("goes on if the reader of its output went away", async () => {
		const { child, exited, url } = await aServer("pipe");
		child.stderr?.destroy();
		child.stdout?.destroy();

		for (let n = 0; n < 3; n++) await talk(url);

		child.kill("SIGTERM");
		expect(await exited).toBe(0);
	});

	it("says so if it may open no more files, and serves those that are connected", async () => {
		const { url, errors } = await aServer("pipe", ["sh", "-c", 'ulimit -n 100; exec "$@"', "sh"]);
		const alice = await connect(url);
		await alice.join("alice");

		const others = await Promise.allSettled(Array.from({ length: 60 }, () => connect(url)));

		expect(others.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
		await eventually(() => errors().includes("no more files may be open. Raise the limit: ulimit -n"));
		alice.send({ type: "signal", to: "alice" });
		expect(await alice.next()).toMatchObject({ type: "signal" });
	});
});

describe("a limit of connections", () => {
	it("closes one more at once, says so once, and makes room again", async () => {
		const log = someLog();
		const { gateway } = await aGateway(undefined, { maxConnections: 2, log });
		const [first] = [await connect(gateway.url), await connect(gateway.url)];

		for (let n = 0; n < 3; n++) await expect(connect(gateway.url)).rejects.toThrow();

		expect(log.lines).toMatchObject([{ level: "error", event: "connection_refused" }]);
		first.close();
		await eventually(() => gateway.connectionCount() === 1);
		await connect(gateway.url);
	});
});

describe("a fault of the server's own", () => {
	it("is answered 500 over HTTP, and logged", async () => {
		const log = someLog();
		const broken = () => Promise.reject(new Error("injected"));
		const callbacks = { post: broken, close: broken, look: broken };
		const http = createServer(createHttpApi({ host: "127.0.0.1", peers: new Map(), callbacks, log }));
		await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void http.close());
		const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/@connections/x`;

		expect((await fetch(url, { method: "DELETE" })).status).toBe(500);
		expect((await fetch(`${url}%ZZ`, { method: "DELETE" })).status).toBe(400);

		expect(log.lines).toMatchObject([{ level: "error", event: "http_failed", cause: { message: "injected" } }]);
	});

	it.each([
		["an answer without a status", {}],
		["an answer that cannot be sent", { statusCode: 200, headers: { "Sec-WebSocket-Protocol": Symbol("x") } }],
	])("is answered 500 while a client connects, and logged: %s", async (_fault, result) => {
		const log = someLog();
		const { gateway } = await aGateway(() => result, { log });

		expect(await refusedStatus(gateway.url, { subprotocols: ["p2pmesh"] })).toBe(500);

		expect(log.lines).toMatchObject([{ level: "error", event: "handler_failed", cause: { name: "TypeError" } }]);
	});
});

describe("the wall clock", () => {
	it.each([
		["back", -3 * 60 * 60_000],
		["forward", 3 * 60 * 60_000],
	])("ends no connection if it is set %s", async (_direction, ms) => {
		const { gateway } = await aGateway(undefined, { heartbeatMs: 1_000 });
		const client = new WebSocket(gateway.url);
		onTestFinished(() => client.terminate());
		await once(client, "open");
		const now = Date.now.bind(Date);
		const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + ms);
		onTestFinished(() => clock.mockRestore());

		// A ping of the gateway's shows that it looked at the client. The second comes after it has looked at the answer.
		for (let n = 0; n < 2; n++)
			expect(await Promise.race([firstOf(client, "ping"), firstOf(client, "close")])).toBe("ping");
		expect(gateway.connectionCount()).toBe(1);
	});
});

describe("/healthz", () => {
	const statusFor = async (headers: Record<string, string>) => {
		const { gateway } = await aGateway();
		const url = `${gateway.callbackEndpoint}/healthz`;
		const own = gateway.callbackEndpoint;
		const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace("OWN", own)]));
		const [answer] = (await once(get(url, { headers: sent }), "response")) as [IncomingMessage];
		answer.resume();
		expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
		return answer.statusCode;
	};

	it.each([[{}], [{ origin: "OWN" }], [{ "sec-fetch-site": "same-origin" }], [{ "sec-fetch-site": "none" }]])(
		"answers a request with %j",
		async (headers) => {
			expect(await statusFor(headers as Record<string, string>)).toBe(200);
		},
	);

	it.each([
		[{ origin: "https://evil.test" }],
		[{ origin: "null" }],
		[{ origin: "http://127.0.0.1:1" }],
		[{ "sec-fetch-site": "cross-site" }],
		[{ "sec-fetch-site": "same-site" }],
		[{ "sec-fetch-site": "cross-site", origin: "OWN" }],
	])("refuses a request of another origin's page, with %j", async (headers) => {
		expect(await statusFor(headers as Record<string, string>)).toBe(403);
	});
});
