/** The HTTP side of the local gateway: @connections as in API Gateway, a health check, and the page to try it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../lambda/core/ports.ts";
import { GATEWAY_MAX_MESSAGE_BYTES } from "../protocol/index.ts";
import type { Answer, Callbacks } from "./callbacks.ts";
import type { Peer } from "./connections.ts";
import { readPageFile } from "./page.ts";
import { isLoopback, reachOf } from "./reach.ts";

interface Context {
	readonly peers: ReadonlyMap<string, Peer>;
	readonly callbacks: Callbacks;
	/** The address that the gateway listens on. */
	readonly host: string;
	readonly log: Log;
}

/** A request that cannot be understood. */
class BadRequestError extends Error {
	override readonly name = "BadRequestError";
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html */
const ERRORS = {
	gone: [410, "GoneException", "Gone"],
	tooLarge: [413, "PayloadTooLargeException", "Payload Too Large"],
	throttled: [429, "LimitExceededException", "Too Many Requests"],
	failed: [500, "InternalServerException", "Internal Server Error"],
} as const;

export function createHttpApi({ peers, callbacks, host, log }: Context) {
	const connections = async (id: string, request: IncomingMessage, response: ServerResponse) => {
		const respond = (answer: Answer, status: number) =>
			answer === "ok" ? response.writeHead(status).end() : awsError(response, answer);

		switch (request.method) {
			case "GET": {
				const answer = await callbacks.look(id);
				return answer === "ok" ? json(response, 200, describe(peers.get(id))) : awsError(response, answer);
			}
			case "DELETE":
				return respond(await callbacks.close(id), 204);
			case "POST": {
				const text = await readBody(request, GATEWAY_MAX_MESSAGE_BYTES);
				if (text === undefined) return awsError(response, "tooLarge");
				return respond(await callbacks.post(id, text), 200);
			}
			default:
				return json(response, 405, { message: "Use POST, GET or DELETE." });
		}
	};

	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		const pathname = pathOf(request);
		// A stage may stand before it, as in API Gateway's own URLs; callers other than the SDK encode the @.
		const connectionId = /\/(?:@|%40)connections\/([^/]+)$/i.exec(pathname)?.[1];
		if (connectionId !== undefined) return connections(decoded(connectionId), request, response);
		if (request.method !== "GET" && request.method !== "HEAD") {
			return json(response, 405, { message: "Only GET here." });
		}
		if (pathname === "/healthz") {
			if (isFromElsewhere(request)) return json(response, 403, { message: "Not for pages of other origins." });
			return json(response, 200, { status: "ok", connections: peers.size });
		}
		if (pathname === "/reach") {
			// A page of a stranger's domain whose name leads to this machine passes for one of the same origin. Its name tells.
			const isOwn =
				!isFromElsewhere(request) && isLoopback(/^(\[.*\]|[^:]*)/.exec(request.headers.host ?? "")?.[0] ?? "");
			if (!isOwn) return json(response, 403, { message: "Only for this machine's own page." });
			return json(response, 200, reachOf(host));
		}
		const file = await readPageFile(pathname);
		if (file !== undefined) {
			return response
				.writeHead(200, {
					"content-type": file.type,
					"cache-control": "no-store",
					"x-content-type-options": "nosniff",
					// Tells the page that this server does the signaling as well, which no other web server says.
					"p2pmesh-signaling": "here",
				})
				.end(file.content);
		}
		return json(response, 404, { message: `Nothing at ${pathname}. Connect a WebSocket, or open / in a browser.` });
	};

	return (request: IncomingMessage, response: ServerResponse): void => {
		answer(request, response).catch((error: unknown) => {
			if (request.errored || request.destroyed)
				response.destroy(); // the client broke off its request
			else if (error instanceof BadRequestError) json(response, 400, { message: "Bad request." });
			else {
				log.error("http_failed", { method: request.method ?? "" }, error);
				if (response.headersSent) response.destroy();
				else json(response, 500, { message: "Internal server error." });
			}
		});
	};
}

/** @throws BadRequestError */
function pathOf(request: IncomingMessage): string {
	const target = request.url ?? "/";
	if (!URL.canParse(target, "http://local")) throw new BadRequestError("The target is no URL.");
	return new URL(target, "http://local").pathname;
}

/** @throws BadRequestError */
function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch (cause) {
		throw new BadRequestError("The path is not encoded as a URL.", { cause });
	}
}

/**
 * Whether a page of another origin makes the request. Browsers say so: https://www.w3.org/TR/fetch-metadata/ in
 * Sec-Fetch-Site, and in Origin. Other clients send neither.
 */
function isFromElsewhere({ headers }: IncomingMessage): boolean {
	const site = headers["sec-fetch-site"];
	if (site !== undefined && site !== "same-origin" && site !== "none") return true;
	return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

/** @returns the body as text, or undefined if it has more than `limit` bytes */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size <= limit) chunks.push(chunk);
	}
	return size <= limit ? Buffer.concat(chunks).toString("utf8") : undefined;
}

/** @param peer undefined if a fault answers for one that is gone */
function describe(peer: Peer | undefined) {
	if (peer === undefined) return {};
	return {
		connectedAt: new Date(peer.connectedAt).toISOString(),
		lastActiveAt: new Date(Date.now() - (performance.now() - peer.lastActiveAt)).toISOString(),
		identity: { userAgent: "", ...peer.identity },
	};
}

function awsError(response: ServerResponse, error: keyof typeof ERRORS) {
	const [status, name, message] = ERRORS[error];
	response.setHeader("x-amzn-ErrorType", name);
	return json(response, status, { message });
}

function json(response: ServerResponse, status: number, body: unknown) {
	return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
