import type { GatewayEvent } from "../../lambda/gateway-event.ts";

type Changes = Partial<Omit<GatewayEvent, "requestContext">> & {
	requestContext?: Partial<GatewayEvent["requestContext"]>;
};

const context = { connectionId: "R0oXAdfD0kwCH6w=", connectedAt: Date.UTC(2030, 0, 1), requestId: "request" };

/** An event as API Gateway sends it when a client connects. */
export function aConnectEvent({ requestContext, ...changes }: Changes = {}): GatewayEvent {
	return {
		headers: { Host: "abc.execute-api.us-east-1.amazonaws.com", "Sec-WebSocket-Version": "13" },
		isBase64Encoded: false,
		requestContext: { ...context, eventType: "CONNECT", routeKey: "$connect", ...requestContext },
		...changes,
	};
}

/** An event as API Gateway sends it for a frame: without headers. */
export function aMessageEvent(body: string, { requestContext, ...changes }: Changes = {}): GatewayEvent {
	return {
		body,
		isBase64Encoded: false,
		requestContext: { ...context, eventType: "MESSAGE", routeKey: "$default", ...requestContext },
		...changes,
	};
}

/** An event as API Gateway sends it after a client has gone. */
export function aDisconnectEvent({ requestContext, ...changes }: Changes = {}): GatewayEvent {
	return {
		headers: { Host: "abc.execute-api.us-east-1.amazonaws.com", "x-api-key": "", "x-restapi": "" },
		isBase64Encoded: false,
		requestContext: {
			...context,
			eventType: "DISCONNECT",
			routeKey: "$disconnect",
			disconnectStatusCode: 1006,
			...requestContext,
		},
		...changes,
	};
}
