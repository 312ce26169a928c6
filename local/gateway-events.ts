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

	const context = (caller: GatewayClient, eventType: EventType, text?: string) => {
		requests += 1;
		return new Context(caller, eventType, `${prefix}${requests}=`, domainName, text);
	};

	return {
		/** @throws if the request's target is no URL */
		connect(caller: GatewayClient, request: IncomingMessage) {
			const target = request.url ?? "/";
			const query = target.includes("?") && Object.fromEntries(new URL(target, "http://local").searchParams);
			return {
				requestContext: context(caller, "CONNECT"),
				headers: headersAsSent(request),
				...(query && Object.keys(query).length > 0 && { queryStringParameters: query }),
				isBase64Encoded: false,
			};
		},

		message(caller: GatewayClient, text: string) {
			return { requestContext: context(caller, "MESSAGE", text), body: text, isBase64Encoded: false };
		},

		disconnect: (caller: GatewayClient, host: string | undefined, code: number, reason: string) => ({
			requestContext: Object.assign(context(caller, "DISCONNECT"), {
				disconnectStatusCode: code,
				disconnectReason: reason,
			}),
			headers: { Host: host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
			isBase64Encoded: false,
		}),
	};
}

type EventType = GatewayEvent["requestContext"]["eventType"];

/**
 * The context of a request, as in API Gateway. Every frame makes one, so it is a class without a property that is defined by hand:
 * its objects are made three times as fast.
 */
class Context {
	readonly eventType: EventType;
	readonly connectionId: string;
	readonly connectedAt: number;
	readonly requestId: string;
	readonly extendedRequestId: string;
	/** Only of a frame. */
	readonly messageId: string | undefined;
	readonly requestTimeEpoch = Date.now();
	readonly messageDirection = "IN";
	readonly stage = "local";
	readonly apiId = "local";
	readonly domainName: string;
	readonly identity: GatewayClient["identity"];
	readonly #text: string | undefined;

	constructor(
		{ id, connectedAt, identity }: GatewayClient,
		eventType: EventType,
		requestId: string,
		domainName: string,
		text: string | undefined,
	) {
		this.eventType = eventType;
		this.connectionId = id;
		this.connectedAt = connectedAt;
		this.requestId = requestId;
		this.extendedRequestId = requestId;
		this.messageId = text === undefined ? undefined : requestId;
		this.domainName = domainName;
		this.identity = identity;
		this.#text = text;
	}

	/** Found when it is read, because that takes a parse, and our handler goes by `eventType`. */
	get routeKey(): string {
		if (this.#text !== undefined) return routeOf(this.#text);
		return this.eventType === "CONNECT" ? "$connect" : "$disconnect";
	}

	toJSON() {
		return { ...this, routeKey: this.routeKey };
	}
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
