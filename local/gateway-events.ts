/** The events of the local gateway, in the form of API Gateway's. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { GatewayEvent } from "../lambda/gateway-event.ts";
import { FRAME_TYPES, isClientFrameType } from "../protocol/index.ts";
import type { GatewayClient } from "./connections.ts";

/** @param domainName the gateway's host as clients see it, with the port */
export function createEvents(domainName: string) {
	// Random once and then counted: fresh random bytes for every frame took a quarter of the relay's time.
	const prefix = randomBytes(6).toString("base64url");
	let requests = 0;

	/** @param route asked for only when the event's `routeKey` is read: our handler goes by `eventType` */
	const context = (
		caller: GatewayClient,
		eventType: GatewayEvent["requestContext"]["eventType"],
		route: () => string,
	) => {
		requests += 1;
		const requestId = `${prefix}${requests.toString(36)}=`;
		const { id, connectedAt, sourceIp, userAgent } = caller;
		return {
			eventType,
			get routeKey() {
				return route();
			},
			connectionId: id,
			connectedAt,
			requestId,
			extendedRequestId: requestId,
			requestTimeEpoch: Date.now(),
			messageDirection: "IN",
			stage: "local",
			apiId: "local",
			domainName,
			identity: { sourceIp, ...(userAgent !== undefined && { userAgent }) },
		};
	};

	return {
		/** @throws if the request's target is no URL */
		connect(caller: GatewayClient, request: IncomingMessage) {
			const query = Object.fromEntries(new URL(request.url ?? "/", "http://local").searchParams);
			return {
				requestContext: context(caller, "CONNECT", () => "$connect"),
				headers: headersAsSent(request),
				...(Object.keys(query).length > 0 && { queryStringParameters: query }),
				isBase64Encoded: false,
			};
		},

		message(caller: GatewayClient, text: string) {
			// No spread here, because every frame comes this way.
			const requestContext: ReturnType<typeof context> & { messageId?: string } = context(caller, "MESSAGE", () =>
				routeOf(text),
			);
			requestContext.messageId = requestContext.requestId;
			return { requestContext, body: text, isBase64Encoded: false };
		},

		disconnect: (caller: GatewayClient, host: string | undefined, code: number, reason: string) => ({
			requestContext: {
				...context(caller, "DISCONNECT", () => "$disconnect"),
				disconnectStatusCode: code,
				disconnectReason: reason,
			},
			headers: { Host: host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
			isBase64Encoded: false,
		}),
	};
}

/** The route that `$request.body.type` selects, as API Gateway evaluates it. */
export function routeOf(text: string): string {
	try {
		const type: unknown = JSON.parse(text)?.type;
		if (isClientFrameType(type) && FRAME_TYPES[type].route) return type;
	} catch {
		// Text that is not JSON goes to `$default`, and the handler refuses it.
	}
	return "$default";
}

/** Whether the gateway answers a frame itself. A frame without the word, also none in escapes, is not parsed for it. */
export function isPing(text: string): boolean {
	return (text.includes('"ping"') || text.includes("\\u")) && routeOf(text) === "ping";
}

function headersAsSent(request: IncomingMessage): Record<string, string> {
	const headers: Record<string, string> = {};
	for (let i = 0; i < request.rawHeaders.length; i += 2) {
		headers[request.rawHeaders[i] as string] = request.rawHeaders[i + 1] as string;
	}
	return headers;
}
