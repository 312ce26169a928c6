import { beforeEach, describe, expect, it } from "vitest";
import { DependencyError } from "../lambda/core/ports.ts";
import type { Settings } from "../lambda/core/settings.ts";
import { createHandler } from "../lambda/handler.ts";
import { someMetrics } from "./support/counting.ts";
import { someDependencies, someLog } from "./support/defaults.ts";
import { aConnectEvent, aDisconnectEvent, aMessageEvent } from "./support/events.ts";

const posted: { connectionId: string; frame: { type: string; code?: string } }[] = [];
const sender = {
	post: async (connectionId: string, text: string) => {
		posted.push({ connectionId, frame: JSON.parse(text) });
		return "sent" as const;
	},
	close: async () => {},
	isOpen: async () => true,
};
const aHandler = (settings: Partial<Settings> = {}) => createHandler(someDependencies(sender, settings));

beforeEach(() => {
	posted.length = 0;
});

describe("handler", () => {
	describe("on CONNECT", () => {
		const settings = { allowedOrigins: ["https://app.example.com"], allowMissingOrigin: false };

		it.each(["Origin", "origin", "ORIGIN"])("accepts an allowed origin in the header %s", async (name) => {
			const event = aConnectEvent({ headers: { [name]: "https://app.example.com" } });

			expect(await aHandler(settings)(event)).toEqual({ statusCode: 200 });
		});

		it("refuses other origins, and none where one is required", async () => {
			const handler = aHandler(settings);

			expect(await handler(aConnectEvent({ headers: { Origin: "https://evil.test" } }))).toEqual({ statusCode: 403 });
			expect(await handler(aConnectEvent())).toEqual({ statusCode: 403 });
			expect(await handler({ requestContext: aConnectEvent().requestContext })).toEqual({ statusCode: 403 });
		});

		it("counts a refused connect, and logs why: a browser does not tell its page", async () => {
			const log = someLog();
			const metrics = someMetrics();
			const handler = createHandler({ ...someDependencies(sender, settings), log, metrics });
			const origin = `https://${"evil".repeat(100)}.test`;

			await handler(aConnectEvent({ headers: { Origin: origin } }));

			expect(metrics.take()).toEqual({ ColdStarts: 1, ConnectsRefused: 1, Refused_forbidden: 1 });
			expect(log.lines).toMatchObject([
				{
					level: "info",
					event: "connect_refused",
					fields: { connectionId: "R0oXAdfD0kwCH6w=", reason: "forbidden", origin: origin.slice(0, 100) },
				},
			]);
		});

		it("chooses the first of the subprotocols that a browser offers", async () => {
			const event = aConnectEvent({ headers: { "sec-websocket-protocol": "p2pmesh, other" } });

			expect(await aHandler()(event)).toEqual({
				statusCode: 200,
				headers: { "Sec-WebSocket-Protocol": "p2pmesh" },
			});
		});

		it("sends nothing, since the socket is not open before it answers", async () => {
			await aHandler()(aConnectEvent());

			expect(posted).toEqual([]);
		});
	});

	describe("on MESSAGE", () => {
		it("goes by the kind of event, not by the route that a client's frame chose", async () => {
			const event = aMessageEvent('{"type":"$connect"}', { requestContext: { routeKey: "$connect" } });

			expect(await aHandler()(event)).toEqual({ statusCode: 200 });
			expect(posted).toMatchObject([{ frame: { code: "UNKNOWN_TYPE" } }]);
		});

		it("counts the lease from when the connection opened", async () => {
			const connectedAt = Date.now() - 30_000;
			await aHandler()(aMessageEvent('{"type":"join","peerId":"alice"}', { requestContext: { connectedAt } }));

			expect(posted).toMatchObject([
				{ frame: { type: "bootstrap_peers", reconnectBefore: connectedAt + 115 * 60_000 } },
			]);
		});

		it("answers an event without a body as a frame that is no JSON", async () => {
			const { body: _, ...event } = aMessageEvent("");

			await aHandler()(event);

			expect(posted).toMatchObject([{ frame: { code: "BAD_JSON" } }]);
		});
	});

	it("counts one cold start, and reports before and after each event, also after one that failed", async () => {
		const metrics = someMetrics();
		const failing = { ...sender, post: () => Promise.reject(new DependencyError("post", { cause: undefined })) };
		const handler = createHandler({ ...someDependencies(failing), metrics });

		await handler(aDisconnectEvent());
		await expect(handler(aMessageEvent("no json"))).rejects.toThrow();

		const first = { ColdStarts: 1, Disconnects: 1 };
		expect(metrics.reports).toEqual([first, first, { ...first, Error_BAD_JSON: 1 }]);
	});

	describe("on DISCONNECT", () => {
		it("succeeds for a connection that never joined", async () => {
			expect(await aHandler()(aDisconnectEvent())).toEqual({ statusCode: 200 });
		});

		it("logs what fails, since nobody is there to be told", async () => {
			const dependencies = someDependencies(sender);
			const log = someLog();
			const cause = new DependencyError("dynamodb:GetItem", { cause: new Error("injected") });
			const handler = createHandler({
				...dependencies,
				log,
				store: { ...dependencies.store, getConnection: () => Promise.reject(cause) },
			});

			expect(await handler(aDisconnectEvent())).toEqual({ statusCode: 200 });
			expect(log.lines).toContainEqual(expect.objectContaining({ level: "error", event: "disconnect_failed", cause }));
		});
	});
});
