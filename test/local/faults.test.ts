/** The faults themselves: the gateway misbehaves exactly as its options say. */
import { describe, expect, it, vi } from "vitest";
import type { GatewayEvent } from "../../lambda/gateway-event.ts";
import type { Gateway } from "../../local/gateway.ts";
import { connect } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { aGateway, onMessage } from "../support/gateway.ts";
import { holdTime } from "../support/held-time.ts";

vi.mock("node:timers/promises", () => import("../support/global-timers.ts"));

/** Sends every frame back to its sender. */
const echo = ({ body, requestContext: { connectionId } }: GatewayEvent, { sender }: Gateway) =>
	sender.post(connectionId, body as string);

const idOf = (events: readonly GatewayEvent[]) => events[0]?.requestContext.connectionId as string;

const disconnects = (events: readonly GatewayEvent[]) =>
	events.filter((event) => event.requestContext.eventType === "DISCONNECT");

/** The answer of @connections over HTTP. */
async function post(gateway: Gateway, connectionId: string, text = "{}") {
	const url = `${gateway.callbackEndpoint}/@connections/${encodeURIComponent(connectionId)}`;
	const response = await fetch(url, { method: "POST", body: text });
	return { status: response.status, error: response.headers.get("x-amzn-errortype") };
}

describe("frameDelayMs", () => {
	it("lets the frames of a connection overtake each other, and loses none", async () => {
		const { gateway } = await aGateway(onMessage(echo), { faults: { frameDelayMs: 50 } });
		const client = await connect(gateway.url);
		const sent = Array.from({ length: 20 }, (_, n) => n);

		for (const n of sent) client.send({ n });
		const arrived = [];
		for (const _ of sent) arrived.push((await client.next()).n as number);

		expect(arrived).not.toEqual(sent);
		expect(arrived.sort((a, b) => a - b)).toEqual(sent);
	});

	it("handles frames of a connection at the same time", async () => {
		let underWay = 0;
		let both = () => {};
		const met = new Promise<void>((resolve) => (both = resolve));
		const { gateway } = await aGateway(
			onMessage(async (event, gateway) => {
				if (++underWay === 2) both();
				await met;
				await echo(event, gateway);
			}),
			{ faults: { frameDelayMs: 5 } },
		);
		const client = await connect(gateway.url);

		client.send({ n: 1 });
		client.send({ n: 2 });

		await client.next();
		await client.next();
	});
});

describe("$disconnect", () => {
	it("is never called if that is asked for", async () => {
		const { gateway, events } = await aGateway(undefined, { faults: { disconnects: 0 } });

		(await connect(gateway.url)).close();
		await eventually(() => gateway.connectionCount() === 0);
		const next = await connect(gateway.url);
		next.sendText("hello");

		await eventually(() => events.some((event) => event.body === "hello"));
		expect(disconnects(events)).toEqual([]);
	});

	it("is called twice if that is asked for", async () => {
		const { gateway, events } = await aGateway(undefined, { faults: { disconnects: 2 } });

		(await connect(gateway.url)).close();

		await eventually(() => disconnects(events).length === 2);
	});

	it("is called late, after all that happens until then", async () => {
		const time = holdTime();
		const { gateway, events } = await aGateway(undefined, { faults: { disconnectDelayMs: 300 } });

		(await connect(gateway.url)).close();
		await eventually(() => gateway.connectionCount() === 0);
		await connect(gateway.url);
		await time.forward(299);
		expect(disconnects(events)).toEqual([]);
		await time.forward(1);

		await eventually(() => disconnects(events).length === 1);
		expect(events.map((event) => event.requestContext.eventType)).toEqual(["CONNECT", "CONNECT", "DISCONNECT"]);
		expect(disconnects(events)[0]?.requestContext.connectionId).toBe(idOf(events));
	});

	it("is not called late once the gateway closes", async () => {
		const { gateway, events } = await aGateway(undefined, { faults: { disconnectDelayMs: 60_000 } });
		(await connect(gateway.url)).close();
		await eventually(() => gateway.connectionCount() === 0);

		await gateway.close();

		expect(disconnects(events)).toEqual([]);
	});
});

describe("goneDelayMs", () => {
	it("answers for a connection that has ended as if it were there, and then 410", async () => {
		const time = holdTime();
		const { gateway, events } = await aGateway(undefined, { faults: { goneDelayMs: 300 } });
		(await connect(gateway.url)).cut();
		await eventually(() => disconnects(events).length === 1);
		const id = idOf(events);

		expect(await post(gateway, id)).toEqual({ status: 200, error: null });
		expect(await gateway.sender.post(id, "{}")).toBe("sent");
		expect(await gateway.sender.isOpen(id)).toBe(true);

		await time.forward(300);
		expect(await post(gateway, id)).toEqual({ status: 410, error: "GoneException" });
		expect(await gateway.sender.post(id, "{}")).toBe("gone");
		expect(await gateway.sender.isOpen(id)).toBe(false);
	});

	it("answers 410 for a connection that never was", async () => {
		const { gateway } = await aGateway(undefined, { faults: { goneDelayMs: 60_000 } });

		expect(await post(gateway, "bm90aGluZw=")).toMatchObject({ status: 410 });
	});
});

describe("throttled", () => {
	it("answers the first callbacks for each connection 429, and delivers none of them", async () => {
		const { gateway, events } = await aGateway(undefined, { faults: { throttled: { firstOfEach: 2 } } });
		const client = await connect(gateway.url);
		const id = idOf(events);

		expect(await post(gateway, id, "1")).toEqual({ status: 429, error: "LimitExceededException" });
		await expect(gateway.sender.post(id, "2")).rejects.toMatchObject({ name: "DependencyError" });
		expect(await post(gateway, id, "3")).toMatchObject({ status: 200 });

		expect(await client.nextText()).toBe("3");
	});

	it("strikes a share of them, the same with the same seed", async () => {
		const struck = async (seed: number) => {
			const { gateway, events } = await aGateway(undefined, { faults: { seed, throttled: { share: 0.5 } } });
			await connect(gateway.url);
			const answers = [];
			for (let n = 0; n < 40; n++) answers.push((await post(gateway, idOf(events))).status);
			return answers;
		};

		const answers = await struck(1);

		expect(new Set(answers)).toEqual(new Set([200, 429]));
		expect(await struck(1)).toEqual(answers);
		expect(await struck(2)).not.toEqual(answers);
	});
});

describe("failed", () => {
	it("answers 500, whether it delivers or not", async () => {
		const { gateway, events } = await aGateway(undefined, { faults: { failed: { share: 1 } } });
		const client = await connect(gateway.url);

		for (let n = 0; n < 40; n++) {
			expect(await post(gateway, idOf(events), `{"n":${n}}`)).toMatchObject({ status: 500 });
		}
		client.send({ type: "ping" });

		let delivered = 0;
		while ((await client.next()).type !== "pong") delivered++;
		expect(delivered).toBeGreaterThan(0);
		expect(delivered).toBeLessThan(40);
	});
});

describe("freezes", () => {
	/** Settles before its frame is sent, in ways that are not noticed on a laptop. */
	const careless: Record<string, (event: GatewayEvent, gateway: Gateway) => void> = {
		"that does not await a post": (event, gateway) => void echo(event, gateway),
		"that leaves work for later": (event, gateway) => void setTimeout(() => echo(event, gateway), 1),
		"that does not await a post over HTTP": ({ body, requestContext }, gateway) =>
			// The gateway closes while it holds the last one.
			void post(gateway, requestContext.connectionId, body).catch(() => {}),
	};

	it.each(Object.entries(careless))("catches a handler %s", async (_how, carryOut) => {
		const { gateway, events } = await aGateway(onMessage(carryOut), { faults: { freezes: true } });
		const client = await connect(gateway.url);
		client.send({ n: 1 });
		await eventually(() => events.length === 2);

		// Pings do not reach the function, so they pass time and leave it frozen.
		for (let n = 0; n < 20; n++) {
			client.send({ type: "ping" });
			expect(await client.next()).toMatchObject({ type: "pong" });
		}
		client.send({ n: 2 });

		expect(await client.next()).toEqual({ n: 1 });
	});

	it("does not trouble a handler that awaits its work", async () => {
		const { gateway } = await aGateway(onMessage(echo), { faults: { freezes: true } });
		const client = await connect(gateway.url);

		client.send({ n: 1 });

		expect(await client.next()).toEqual({ n: 1 });
	});
});
