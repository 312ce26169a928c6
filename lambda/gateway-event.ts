/**
 * The events of an API Gateway WebSocket API, as far as the handler reads them, and what it may answer.
 *
 * Own types, because those of @types/aws-lambda promise a messageId on every event and know neither headers nor the
 * reason of a disconnect. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */
export interface GatewayEvent {
	/** The headers of the upgrade request; only on CONNECT, and in whatever case the client or a mapping left them. */
	readonly headers?: Readonly<Record<string, string | undefined>>;
	/** The URL's query; only on CONNECT, and only where it has one. */
	readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
	/** The text of the frame; only on MESSAGE. */
	readonly body?: string;
	readonly isBase64Encoded?: boolean;
	readonly requestContext: {
		/** What happened. Not to be told from `routeKey`, which a client's frame chooses. */
		readonly eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
		readonly routeKey: string;
		readonly connectionId: string;
		/** ms since the epoch */
		readonly connectedAt?: number;
		readonly requestId?: string;
		/** The WebSocket close code; only on DISCONNECT. */
		readonly disconnectStatusCode?: number;
	};
}

/** On CONNECT a status other than 2xx refuses the connection. Elsewhere API Gateway ignores what it says. */
export interface GatewayResult {
	readonly statusCode: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** What Lambda says about an invocation. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface InvocationContext {
	/** ms until Lambda ends the invocation and, with it, the execution environment */
	getRemainingTimeInMillis(): number;
}

/** The context is absent at the local gateway, which ends no invocation. */
export type GatewayHandler = (event: GatewayEvent, context?: InvocationContext) => Promise<GatewayResult>;
