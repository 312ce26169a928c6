import { describe, expect, it, onTestFinished } from "vitest";
import { aRoom, connect, refusedStatus } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { aGateway, onMessage } from "../support/gateway.ts";
import { holdTime } from "../support/held-time.ts";
import { startLocalServer } from "../support/local-server.ts";
import { connectRaw } from "../support/raw-client.ts";

describe("the gateway's events", () => {
	it("are shaped as API Gateway's", async () => {
		const { gateway, events } = await aGateway();
		const client = await connect(`${gateway.url}/?token=t&x=1`, { origin: "https://app.test" });
		client.sendText('{"type":"join"}');
		client.sendText("hello");
		await eventually(() => events.length === 3);
		client.close();
		await eventually(() => events.length === 4);

		const [opened, join, hello, closed] = events;
		expect(opened).toMatchObject({
			headers: { Origin: "https://app.test", "Sec-WebSocket-Version": "13" },
			queryStringParameters: { token: "t", x: "1" },
			requestContext: { eventType: "CONNECT", routeKey: "$connect", messageDirection: "IN" },
		});
		expect(join).toMatchObject({
			body: '{"type":"join"}',
			requestContext: { eventType: "MESSAGE", routeKey: "join", messageId: expect.any(String) },
		});
		expect(join).not.toHaveProperty("headers");
		expect(hello).toMatchObject({ body: "hello", requestContext: { eventType: "MESSAGE", routeKey: "$default" } });
		expect(closed).toMatchObject({
			headers: { Host: expect.any(String) },
			requestContext: { eventType: "DISCONNECT", routeKey: "$disconnect", disconnectStatusCode: 1005 },
		});
		const ids = new Set(events.map((event) => event.requestContext.connectionId));
		expect([...ids]).toEqual([expect.stringMatching(/^[\w-]+=$/)]);
	});

	it("do not include pings, which the gateway answers itself", async () => {
		const { gateway, events } = await aGateway();
		const client = await connect(gateway.url);

		client.send({ type: "ping" });

		expect(await client.next()).toMatchObject({ type: "pong" });
		expect(events.map((event) => event.requestContext.eventType)).toEqual(["CONNECT"]);
	});
});

describe("the gateway", () => {
	it("refuses a connection with the status that the handler gives", async () => {
		const { gateway } = await aGateway(() => ({ statusCode: 401 }));

		expect(await refusedStatus(gateway.url)).toBe(401);
	});

	it("refuses a connection where the handler throws", async () => {
		const { gateway } = await aGateway(() => Promise.reject(new Error("injected")));

		expect(await refusedStatus(gateway.url)).toBe(500);
	});

	it("refuses a request to connect that makes no sense, and goes on", async () => {
		const { gateway } = await aGateway();

		await expect(connectRaw(gateway.url, "//")).rejects.toThrow("HTTP/1.1 400 Bad Request");

		await connect(gateway.url);
	});

	it("answers in its own words where the handler throws at a frame, and stays open", async () => {
		const { gateway } = await aGateway(onMessage(() => Promise.reject(new Error("injected"))));
		const client = await connect(gateway.url);

		client.send({ type: "join" });
		client.send({ type: "join" });

		const frame = { message: "Internal server error", connectionId: expect.any(String), requestId: expect.any(String) };
		expect(await client.next()).toEqual(frame);
		expect(await client.next()).toEqual(frame);
	});

	it("ends a connection at a message above API Gateway's limit", async () => {
		const { gateway } = await aGateway();
		const client = await connect(gateway.url);

		client.sendText("x".repeat(128 * 1024 + 1));

		expect(await client.closed()).toBe(1009);
	});

	it("ends a connection that is silent, and not one that pings", async () => {
		const time = holdTime();
		const gateway = await startLocalServer({}, { maxIdleMs: 300 });
		onTestFinished(() => gateway.close());
		const silent = await connect(gateway.url);
		const lively = await connect(gateway.url);

		await time.forward(200);
		lively.send({ type: "ping" });
		await lively.nextOf("pong");
		await time.forward(200);

		expect(await silent.closed()).toBe(1001);
		await eventually(() => gateway.connectionCount() === 1);
		lively.send({ type: "ping" });
		expect(await lively.next()).toEqual({ type: "pong", timestamp: expect.any(Number) });
	});

	it("ends a connection that is too old, however lively", async () => {
		const time = holdTime();
		const { gateway } = await aGateway(undefined, { maxConnectionAgeMs: 200 });
		const client = await connect(gateway.url);

		await time.forward(150);
		client.send({ type: "ping" });
		await client.nextOf("pong");
		await time.forward(100);

		expect(await client.closed()).toBe(1001);
	});

	it("keeps out the origins that it is told to", async () => {
		const gateway = await startLocalServer({ allowedOrigins: ["https://app.test"] });
		onTestFinished(() => gateway.close());

		expect(await refusedStatus(gateway.url, { origin: "https://evil.test" })).toBe(403);
		const client = await connect(gateway.url, { origin: "https://app.test" });
		expect(await client.join("alice")).toMatchObject({ type: "bootstrap_peers" });
	});
});

describe("the gateway's HTTP side", () => {
	it("says that it is up", async () => {
		const { gateway } = await aGateway();
		await connect(gateway.url);

		const response = await fetch(`${gateway.callbackEndpoint}/healthz`);

		expect(await response.json()).toEqual({ status: "ok", connections: 1 });
	});

	it("serves the page to try it", async () => {
		const { gateway } = await aGateway();

		const response = await fetch(`${gateway.callbackEndpoint}/`);

		expect(response.headers.get("content-type")).toContain("text/html");
		expect(await response.text()).toContain("<!doctype html>");
	});

	it.each([
		["GET", "/nothing", 404],
		["POST", "/", 405],
		["GET", "/%", 404],
		["GET", "/@connections/%ZZ", 400],
	])("answers %s %s by %i", async (method, path, status) => {
		const { gateway } = await aGateway();

		expect((await fetch(gateway.callbackEndpoint + path, { method })).status).toBe(status);
	});

	describe("@connections", () => {
		const anOpenConnection = async () => {
			const { gateway, events } = await aGateway();
			const client = await connect(gateway.url);
			const id = events[0]?.requestContext.connectionId as string;
			return { client, events, url: `${gateway.callbackEndpoint}/prod/@connections/${encodeURIComponent(id)}` };
		};

		it("POST sends a frame", async () => {
			const { client, url } = await anOpenConnection();

			const response = await fetch(url, { method: "POST", body: '{"hello":"ü"}' });

			expect(response.status).toBe(200);
			expect(await client.next()).toEqual({ hello: "ü" });
		});

		it("GET describes the connection", async () => {
			const { url } = await anOpenConnection();

			const response = await fetch(url);

			expect(await response.json()).toEqual({
				connectedAt: expect.stringMatching(/^\d{4}-.*Z$/),
				lastActiveAt: expect.stringMatching(/^\d{4}-.*Z$/),
				identity: { sourceIp: "127.0.0.1", userAgent: expect.any(String) },
			});
		});

		it("DELETE closes it, and $disconnect follows", async () => {
			const { client, events, url } = await anOpenConnection();

			const response = await fetch(url, { method: "DELETE" });

			expect(response.status).toBe(204);
			expect(await client.closed()).toBe(1000);
			await eventually(() => events.at(-1)?.requestContext.eventType === "DISCONNECT");
		});

		it.each(["POST", "GET", "DELETE"])("%s of a connection that is gone is answered 410", async (method) => {
			const { client, events, url } = await anOpenConnection();
			client.cut();
			await eventually(() => events.at(-1)?.requestContext.eventType === "DISCONNECT");

			const response = await fetch(url, { method });

			expect(response.status).toBe(410);
			expect(response.headers.get("x-amzn-errortype")).toBe("GoneException");
		});

		it("POST of too much is answered 413", async () => {
			const { url } = await anOpenConnection();

			const response = await fetch(url, { method: "POST", body: "x".repeat(128 * 1024 + 1) });

			expect(response.status).toBe(413);
			expect(response.headers.get("x-amzn-errortype")).toBe("PayloadTooLargeException");
		});
	});
});

describe("the order of a room's life", () => {
	it("shows who joined and who left to whoever is there", async () => {
		const gateway = await startLocalServer();
		onTestFinished(() => gateway.close());
		const room = aRoom();
		const watcher = await connect(gateway.url);
		await watcher.join("watcher", { room });

		for (const id of ["a peer", "b peer"]) {
			const client = await connect(gateway.url);
			await client.join(id, { room });
			client.close();
			expect(await watcher.next()).toMatchObject({ type: "peer_joined", peerId: id });
			expect(await watcher.next()).toMatchObject({ type: "peer_left", peerId: id });
		}
	});
});
