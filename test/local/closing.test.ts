import { describe, expect, it } from "vitest";
import { connect } from "../support/client.ts";
import { AMPLE_RATES } from "../support/defaults.ts";
import { eventually } from "../support/eventually.ts";
import { aGateway, onMessage } from "../support/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";
import { connectRaw } from "../support/raw-client.ts";
import { PATIENCE_MS } from "../support/waiting.ts";

describe("a gateway that closes", () => {
	it("tells everybody to go away", async () => {
		const gateway = await startLocalServer();
		const client = await connect(gateway.url);
		await client.join("alice");

		await gateway.close();

		expect(await client.next()).toMatchObject({ type: "go_away", reason: "the server is shutting down" });
		expect(await client.closed()).toBe(1001);
		await expect(connect(gateway.url)).rejects.toThrow("ECONNREFUSED");
	});

	it.each(["in this process", "over HTTP"])("delivers what is being handled, posted %s", async (how) => {
		let finish = () => {};
		const { gateway, events } = await aGateway(
			onMessage(async ({ body, requestContext: { connectionId } }, { sender, callbackEndpoint }) => {
				await new Promise<void>((resolve) => (finish = resolve));
				const url = `${callbackEndpoint}/@connections/${encodeURIComponent(connectionId)}`;
				if (how === "over HTTP") await fetch(url, { method: "POST", body: body as string });
				else await sender.post(connectionId, body as string);
			}),
			{ graceMs: PATIENCE_MS },
		);
		const client = await connect(gateway.url);
		client.send({ type: "signal", n: 1 });
		await eventually(() => events.length === 2);

		const closed = gateway.close();
		expect(await client.next()).toMatchObject({ type: "go_away" });
		finish();

		expect(await client.next()).toEqual({ type: "signal", n: 1 });
		expect(await client.closed()).toBe(1001);
		await closed;
	});

	it("delivers what was on its way when it said so", async () => {
		const gateway = await startLocalServer(AMPLE_RATES, { graceMs: PATIENCE_MS });
		const [alice, bob] = [await connect(gateway.url), await connect(gateway.url)];
		await alice.join("alice");
		await bob.join("bob");

		const closed = gateway.close(); // before any of these can have arrived
		for (let n = 0; n < 100; n++) alice.send({ type: "signal", to: "bob", n });

		await bob.nextOf("go_away");
		for (let n = 0; n < 100; n++) expect(await bob.next()).toMatchObject({ type: "signal", from: "alice", n });
		await closed;
	});

	it("takes nobody new", async () => {
		let answer = () => {};
		const { gateway, events } = await aGateway(async () => {
			await new Promise<void>((resolve) => (answer = resolve));
			return { statusCode: 200 };
		});
		const early = connectRaw(gateway.url).catch((error: Error) => error.message);
		await eventually(() => events.length === 1);

		const closed = gateway.close();
		const late = await connectRaw(gateway.url).catch((error: Error) => error.message);
		answer();

		expect([late, await early]).toEqual(Array(2).fill("HTTP/1.1 503 Service Unavailable"));
		await closed;
	});

	it("does not wait for ever: not for a client that does not answer, nor for a call that does not end", async () => {
		const { gateway, events } = await aGateway(
			onMessage(() => new Promise(() => {})),
			{ graceMs: 50 },
		);
		const raw = await connectRaw(gateway.url);
		raw.send("hello");
		await eventually(() => events.length === 2);

		await gateway.close();

		await raw.ended();
		expect(gateway.connectionCount()).toBe(0);
	});

	it("does not announce its own end as that of its clients", async () => {
		const { gateway, events } = await aGateway();
		const client = await connect(gateway.url);

		await gateway.close();

		expect(await client.closed()).toBe(1001);
		expect(events.map((event) => event.requestContext.eventType)).toEqual(["CONNECT"]);
	});

	it("closes once, however often it is asked to", async () => {
		const { gateway } = await aGateway();

		await Promise.all([gateway.close(), gateway.close()]);

		await expect(fetch(gateway.callbackEndpoint)).rejects.toThrow();
	});
});
