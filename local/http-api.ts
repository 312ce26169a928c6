/** What the local gateway answers over HTTP: @connections as API Gateway does, a health check, and the page to try it. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { GATEWAY_MAX_MESSAGE_BYTES } from "../lambda/core/limits.ts";
import type { PeerSender } from "../lambda/core/ports.ts";
import type { Peer } from "./gateway.ts";

const PAGE = new URL("../examples/browser/index.html", import.meta.url);

interface Context {
	readonly peers: ReadonlyMap<string, Peer>;
	readonly sender: PeerSender;
}

export function createHttpApi({ peers, sender }: Context) {
	/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html */
	const connections = async (id: string, request: IncomingMessage, response: ServerResponse) => {
		const peer = peers.get(id);
		if (peer === undefined || peer.socket.readyState !== peer.socket.OPEN) {
			return awsError(response, 410, "GoneException", "Gone");
		}

		switch (request.method) {
			case "GET":
				return json(response, 200, {
					connectedAt: new Date(peer.connectedAt).toISOString(),
					lastActiveAt: new Date(peer.lastActiveAt).toISOString(),
					identity: { sourceIp: peer.sourceIp, userAgent: peer.userAgent ?? "" },
				});
			case "DELETE":
				await sender.close(id);
				return response.writeHead(204).end();
			case "POST": {
				const text = await readBody(request, GATEWAY_MAX_MESSAGE_BYTES);
				if (text === undefined) {
					return awsError(response, 413, "PayloadTooLargeException", "Payload Too Large");
				}
				if ((await sender.post(id, text)) === "gone") return awsError(response, 410, "GoneException", "Gone");
				return response.writeHead(200).end();
			}
			default:
				return json(response, 405, { message: "Use POST, GET or DELETE." });
		}
	};

	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		const { pathname } = new URL(request.url ?? "/", "http://local");
		// A stage may stand before it, as in API Gateway's own URLs; callers other than the SDK encode the @.
		const connectionId = /\/(?:@|%40)connections\/([^/]+)$/i.exec(pathname)?.[1];
		if (connectionId !== undefined) return connections(decodeURIComponent(connectionId), request, response);
		if (request.method !== "GET" && request.method !== "HEAD") {
			return json(response, 405, { message: "Only GET here." });
		}
		if (pathname === "/healthz") return json(response, 200, { status: "ok", connections: peers.size });
		if (pathname === "/") {
			return response
				.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
				.end(await readFile(PAGE));
		}
		return json(response, 404, { message: `Nothing at ${pathname}. Connect a WebSocket, or open / in a browser.` });
	};

	return (request: IncomingMessage, response: ServerResponse): void => {
		answer(request, response).catch(() => {
			// A path that is no URL, or a client that broke off its request.
			if (response.headersSent) response.destroy();
			else json(response, 400, { message: "Bad request." });
		});
	};
}

/** @returns the body as text, or undefined where it has more than `limit` bytes */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size <= limit) chunks.push(chunk);
	}
	return size <= limit ? Buffer.concat(chunks).toString("utf8") : undefined;
}

function awsError(response: ServerResponse, status: number, name: string, message: string) {
	response.setHeader("x-amzn-ErrorType", name);
	return json(response, status, { message });
}

function json(response: ServerResponse, status: number, body: unknown) {
	return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
