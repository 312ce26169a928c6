/** The events of API Gateway other than frames, with everything that a hostile client can put into them. */
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { TokenVerifier } from "../../lambda/core/ports.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { createHandler } from "../../lambda/handler.ts";
import { RELAYED_TYPES } from "../../protocol/index.ts";
import { someDependencies } from "../support/defaults.ts";
import { check } from "./check.ts";
import { connectEvent, disconnectEvent, oddOrigin } from "./events.ts";
import { FRAMES } from "./size.ts";
import { jwksVerifier, secretVerifier } from "./verifiers.ts";

const RUNS = Math.ceil(FRAMES / 20);

const posted: string[] = [];
const sender = {
	post: async (_connectionId: string, text: string) => {
		posted.push(text);
		return "sent" as const;
	},
	close: async () => {},
	isOpen: async () => false,
};
const aHandler = (settings: Partial<Settings> = {}, tokens?: TokenVerifier) =>
	createHandler({ ...someDependencies(sender, settings), tokens });

describe("a request to connect", () => {
	it("is answered by a status, and a subprotocol only where it was offered", async () => {
		const handler = aHandler({ allowedOrigins: ["https://app.example.com"] });
		await check(
			fc.asyncProperty(connectEvent, async (event) => {
				const { statusCode, headers = {} } = await handler(event);

				expect([200, 403]).toContain(statusCode);
				expect(Object.keys(headers).filter((name) => name !== "Sec-WebSocket-Protocol")).toEqual([]);
				const chosen = headers["Sec-WebSocket-Protocol"];
				const offered = Object.entries(event.headers ?? {}).filter(([name]) => /^sec-websocket-protocol$/i.test(name));
				const offers = offered.flatMap(([, value]) => value?.split(",").map((offer) => offer.trim()));
				if (chosen !== undefined) expect(offers).toContain(chosen);
			}),
			RUNS,
		);
	});

	it("is refused to the page of another site, however that is called", async () => {
		const allowedOrigins = ["https://app.example.com", "https://*.example.org"];
		const handler = aHandler({ allowedOrigins, allowMissingOrigin: false });
		await check(
			fc.asyncProperty(oddOrigin, connectEvent, async (origin, event) => {
				const { statusCode } = await handler({ ...event, headers: { oRiGiN: origin } });

				const { protocol, hostname, port } = new URL(origin);
				const allowed = hostname === "app.example.com" || hostname.endsWith(".example.org");
				expect(statusCode).toBe(protocol === "https:" && port === "" && allowed ? 200 : 403);
			}),
			RUNS,
		);
	});

	it.each(["a secret", "published keys"])("is refused to whoever has no token of the issuer, by %s", async (how) => {
		const { verifier, close } =
			how === "a secret" ? { verifier: secretVerifier(Date), close: () => {} } : await jwksVerifier();
		onTestFinished(close);
		const handler = aHandler({ authAtConnect: true }, verifier);

		await check(
			fc.asyncProperty(connectEvent, async (event) => {
				expect(await handler(event)).toEqual({ statusCode: 401 });
			}),
			RUNS,
		);
	});
});

describe("the end of a connection", () => {
	it("is noted, whatever code and reason it has", async () => {
		const handler = aHandler();
		await check(
			fc.asyncProperty(disconnectEvent, async (event) => {
				expect(await handler(event)).toEqual({ statusCode: 200 });
			}),
			RUNS,
		);
	});
});

describe("a frame without a text", () => {
	it.each(["$default", "$connect", "$disconnect", "ping", "join", ...RELAYED_TYPES])(
		"is no JSON, also by the route %s",
		async (routeKey) => {
			posted.length = 0;
			const requestContext = { eventType: "MESSAGE", routeKey, connectionId: "a=" } as const;

			expect(await aHandler()({ requestContext })).toEqual({ statusCode: 200 });
			expect(posted.map((text) => JSON.parse(text).code)).toEqual(["BAD_JSON"]);
		},
	);
});
