/** The form of the local gateway's events, and how little work they make. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isPing, routeOf } from "../../local/gateway-events.ts";
import { aRoom, connect } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { aGateway } from "../support/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";

describe("the gateway's events", () => {
	it("have ids that do not repeat, and belong to one request each", async () => {
		const { gateway, events } = await aGateway();
		const client = await connect(gateway.url);
		for (let n = 0; n < 100; n++) client.sendText(String(n));
		await eventually(() => events.length === 101);

		const ids = events.map(({ requestContext }) => requestContext.requestId);
		expect(new Set(ids).size).toBe(101);
		expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[\w-]+=$/)));
	});

	it("name the route of a frame to every reader of them, also as JSON", async () => {
		const { gateway, events } = await aGateway();
		const client = await connect(gateway.url);
		client.send({ type: "signal", to: "bob" });
		await eventually(() => events.length === 2);

		expect(events[1]?.requestContext).toMatchObject({ routeKey: "signal" });
		expect(JSON.parse(JSON.stringify(events[1]))).toMatchObject({ requestContext: { routeKey: "signal" } });
	});
});

describe("a relayed frame", () => {
	it("is parsed once between its sender and its receiver", async () => {
		const gateway = await startLocalServer();
		onTestFinished(() => gateway.close());
		const room = aRoom();
		const [alice, bob] = [await connect(gateway.url), await connect(gateway.url)];
		await alice.join("alice", { room });
		await bob.join("bob", { room });
		const parse = vi.spyOn(JSON, "parse");
		onTestFinished(() => parse.mockRestore());

		alice.send({ type: "signal", to: "bob", data: "a mark" });
		expect(await bob.nextText()).toContain("a mark");

		expect(parse.mock.calls.filter(([text]) => text.includes("a mark"))).toHaveLength(1);
	});
});

describe("isPing", () => {
	it.each([
		'{"type":"ping"}',
		'{"type":"\\u0070ing"}',
		'{ "a": [], "type" : "ping", "timestamp": 1 }',
		'{"type":"signal","type":"ping"}',
	])("is true of %s", (text) => {
		expect(isPing(text)).toBe(true);
		expect(routeOf(text)).toBe("ping");
	});

	it.each([
		'{"type":"signal","data":"ping"}',
		'{"type":"signal","data":"\\u0070ing"}',
		'"ping"',
		"ping",
		"null",
		"\\u",
	])("is false of %s", (text) => expect(isPing(text)).toBe(false));
});
