import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { connectionsApiSender } from "../../lambda/adapters/connections-api-sender.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { someMetrics } from "../support/counting.ts";
import { someLog } from "../support/defaults.ts";
import { aRecordingEndpoint } from "../support/recording-endpoint.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** An endpoint that answers as it is told, and a sender that calls it. */
async function anEndpoint(answer: Answer, timeoutMs = 30_000) {
	const requests: string[] = [];
	const { url } = await aRecordingEndpoint((response, attempt, request, body) => {
		requests.push(`${request.method} ${request.url} ${body}`.trim());
		answer(request, response, attempt);
	});
	const log = someLog();
	const metrics = someMetrics();
	const sender = connectionsApiSender({ endpoint: `${url}/prod`, timeoutMs, log, metrics });
	return { requests, sender, log, metrics };
}

const status =
	(code: number): Answer =>
	(_request, response) =>
		response.writeHead(code).end();

beforeAll(() => {
	process.env.AWS_REGION = "us-east-1";
	process.env.AWS_ACCESS_KEY_ID = "test";
	process.env.AWS_SECRET_ACCESS_KEY = "test";
});

describe("connectionsApiSender", () => {
	it("posts to the connection, under the stage", async () => {
		const { sender, requests } = await anEndpoint(status(200));

		expect(await sender.post("R0oXAdfD0kwCH6w=", '{"a":"ü"}')).toBe("sent");

		expect(requests).toEqual(['POST /prod/@connections/R0oXAdfD0kwCH6w%3D {"a":"ü"}']);
	});

	it("closes a connection, also one that is gone", async () => {
		const { sender, requests } = await anEndpoint((_request, response, attempt) =>
			response.writeHead(attempt === 1 ? 204 : 410).end(),
		);

		await sender.close("c");
		await sender.close("c");

		expect(requests).toEqual(["DELETE /prod/@connections/c", "DELETE /prod/@connections/c"]);
	});

	it.each([410, 400])("takes %i for a connection that is gone, and does not try again", async (code) => {
		const { sender, requests } = await anEndpoint(status(code));

		expect(await sender.post("c", "x")).toBe("gone");
		expect(requests).toHaveLength(1);
	});

	it("closes a connection also where that takes several tries", async () => {
		const { sender, requests } = await anEndpoint((_request, response, attempt) =>
			response.writeHead(attempt < 3 ? 500 : 204).end(),
		);

		await sender.close("c");

		expect(requests).toHaveLength(3);
	});

	it("repeats a frame once if the client, or the gateway, has too much to do", async () => {
		const { sender, requests } = await anEndpoint((_request, response, attempt) =>
			response.writeHead(attempt < 2 ? 429 : 200).end(),
		);

		expect(await sender.post("c", "x")).toBe("sent");
		expect(requests).toHaveLength(2);
	});

	it("gives up after that, and says that the client was busy", async () => {
		const { sender, requests } = await anEndpoint(status(429));

		await expect(sender.post("c", "x")).rejects.toMatchObject({ name: "DependencyError", busy: true });
		expect(requests).toHaveLength(2);
	});

	it("does not repeat a notice", async () => {
		const { sender, requests } = await anEndpoint(status(429));

		await expect(sender.post("c", "x", "notice")).rejects.toMatchObject({ busy: true });
		expect(requests).toHaveLength(1);
	});

	it("repeats a notice if a connection that was kept alive had been closed at the other end", async () => {
		const { sender, requests } = await anEndpoint((request, response, attempt) =>
			attempt === 2 ? request.socket.resetAndDestroy() : response.writeHead(200).end(),
		);

		await sender.post("c", "first");
		expect(await sender.post("c", "second", "notice")).toBe("sent");
		expect(requests).toHaveLength(3);
	});

	it("has one time limit for all attempts to close", async () => {
		const { sender, requests } = await anEndpoint((_request, response, attempt) => {
			if (attempt === 1) response.writeHead(500).end();
		}, 2_000);

		await expect(sender.close("c")).rejects.toThrow(DependencyError);
		expect(requests).toHaveLength(2);
	});

	it.each([500, 503, 403])(
		"does not repeat a post that was answered %i, since it may have been delivered",
		async (code) => {
			const { sender, requests } = await anEndpoint(status(code));

			await expect(sender.post("c", "x")).rejects.toThrow(DependencyError);
			expect(requests).toHaveLength(1);
		},
	);

	it("logs a 403 as an error once, and counts those that follow", async () => {
		const { sender, log } = await anEndpoint(status(403));

		for (let n = 0; n < 3; n++) await expect(sender.post("c", "x")).rejects.toMatchObject({ reported: true });

		expect(log.lines.map(({ level, event, fields }) => ({ level, event, ...(fields as object) }))).toMatchObject([
			{ level: "error", event: "callback_forbidden", count: 1 },
			{ level: "warn", event: "callback_forbidden", count: 2 },
			{ level: "warn", event: "callback_forbidden", count: 3 },
		]);
	});

	it.each([
		[200, true],
		[410, false],
	])("takes %i as the answer to whether a connection is open: %s", async (code, open) => {
		const { sender, requests } = await anEndpoint((_request, response) => response.writeHead(code).end("{}"));

		expect(await sender.isOpen("c")).toBe(open);
		expect(requests).toEqual(["GET /prod/@connections/c"]);
	});

	it("tries again where a connection that was kept alive had been closed at the other end", async () => {
		const { sender, requests } = await anEndpoint((request, response, attempt) =>
			attempt === 2 ? request.socket.resetAndDestroy() : response.writeHead(200).end(),
		);

		await sender.post("c", "first");
		expect(await sender.post("c", "second")).toBe("sent");
		expect(requests).toHaveLength(3);
	});

	it.each([
		[200, "Callback_ok"],
		[410, "Callback_gone"],
		[403, "Callback_forbidden"],
		[429, "Callback_busy"],
		[500, "Callback_failed"],
	])("counts and times a post that is answered %i as %s, repeated or not", async (code, outcome) => {
		const { sender, metrics } = await anEndpoint(status(code));

		await Promise.resolve(sender.post("c", "x")).catch(() => {});

		expect(metrics.take()).toEqual({ [outcome]: 1 });
		expect(metrics.times).toEqual([{ name: "CallbackLatency", ms: expect.any(Number) }]);
	});

	it("does not wait longer than its limit, nor repeat what may have been delivered", async () => {
		const { sender, requests } = await anEndpoint(() => {}, 300);

		await expect(sender.post("c", "x")).rejects.toThrow(DependencyError);
		expect(requests).toHaveLength(1);
	});
});
