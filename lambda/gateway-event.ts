/**
 * The events of an API Gateway WebSocket API, as far as the handler reads them, and its answers.
 *
 * Own types, because @types/aws-lambda promises a messageId on every event and knows neither headers nor the reason of a
 * disconnect. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */
export interface GatewayEvent {
	/** The headers of the upgrade request; only on CONNECT, and in any mixture of upper and lower case. */
	readonly headers?: Readonly<Record<string, string | undefined>>;
	/** The URL's query; only on CONNECT, and only if it has one. */
	readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
	/** The text of the frame; only on MESSAGE. */
	readonly body?: string;
	readonly isBase64Encoded?: boolean;
	readonly requestContext: {
		/** The kind of event. `routeKey` does not tell it, because a client's frame chooses that. */
		readonly eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
		readonly routeKey: string;
		readonly connectionId: string;
		/** ms since the epoch */
		readonly connectedAt?: number;
		readonly requestId?: string;
		/** The client, as the gateway sees it. Behind a proxy such as CloudFront it is the proxy. */
		readonly identity?: { readonly sourceIp?: string };
		/** The WebSocket close code; only on DISCONNECT. */
		readonly disconnectStatusCode?: number;
	};
}

/** On CONNECT a status other than 2xx refuses the connection. API Gateway ignores the others. */
export interface GatewayResult {
	readonly statusCode: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Lambda's view of an invocation. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface InvocationContext {
	/** ms until Lambda ends the invocation and, with it, the execution environment. Absent in some emulators. */
	getRemainingTimeInMillis?(): number;
}

/** The context is absent at the local gateway, which ends no invocation. */
export type GatewayHandler = (event: GatewayEvent, context?: InvocationContext) => Promise<GatewayResult>;
