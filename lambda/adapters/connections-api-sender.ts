import {
	ApiGatewayManagementApiClient,
	DeleteConnectionCommand,
	GetConnectionCommand,
	PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { DependencyError, type Log, type PeerSender } from "../core/ports.ts";

/** Waits before each further attempt, in ms; a random share of up to half is added. */
const BACKOFF_MS = [50, 150, 400];

export interface ConnectionsApiOptions {
	/** The API's callback URL, with the stage. */
	readonly endpoint: string;
	/** How long one call may take, in ms. @default 3000 */
	readonly timeoutMs?: number;
	readonly log: Log;
}

/** Sends frames through the gateway's @connections API. */
export function connectionsApiSender({ endpoint, timeoutMs = 3_000, log }: ConnectionsApiOptions): PeerSender {
	const client = new ApiGatewayManagementApiClient({
		endpoint,
		// The SDK would repeat a post after a timeout or a 5xx as well, and those may have been delivered.
		maxAttempts: 1,
		// Without `throwOnRequestTimeout` the SDK only warns when the time is over.
		requestHandler: { connectionTimeout: 1_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
	});

	let forbidden = 0;
	/** 403 is a fault of the deployment, which every call repeats: one error says it, and the lines after it count. */
	const reportForbidden = (operation: string, error: unknown) => {
		forbidden += 1;
		const fields = { operation, endpoint, count: forbidden };
		if (forbidden === 1) log.error("callback_forbidden", fields, error);
		else log.warn("callback_forbidden", fields);
	};

	/** @returns false if the connection is gone */
	const attempt = async (
		operation: string,
		send: () => Promise<unknown>,
		mayRepeat: (error: unknown) => boolean,
	): Promise<boolean> => {
		for (const wait of [...BACKOFF_MS, undefined]) {
			try {
				await send();
				return true;
			} catch (error) {
				if (isGone(error)) return false;
				const reported = statusOf(error) === 403;
				if (reported) reportForbidden(operation, error);
				if (wait === undefined || !mayRepeat(error)) {
					throw new DependencyError(operation, { cause: error, reported });
				}
				await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 2)));
			}
		}
		return true; // not reached: the last turn returns or throws
	};

	return {
		async post(ConnectionId, Data) {
			const sent = await attempt(
				"execute-api:PostToConnection",
				() => client.send(new PostToConnectionCommand({ ConnectionId, Data })),
				certainlyNotDelivered,
			);
			return sent ? "sent" : "gone";
		},
		async close(ConnectionId) {
			await attempt(
				"execute-api:DeleteConnection",
				() => client.send(new DeleteConnectionCommand({ ConnectionId })),
				isPassing,
			);
		},
		isOpen: (ConnectionId) =>
			attempt("execute-api:GetConnection", () => client.send(new GetConnectionCommand({ ConnectionId })), isPassing),
	};
}

/** 410 is a connection that has ended, 400 an id that never was one. */
function isGone(error: unknown): boolean {
	const status = statusOf(error);
	return (error instanceof Error && error.name === "GoneException") || status === 410 || status === 400;
}

/**
 * 429 refuses the post (rate limit, or the client reads too slowly). A connection error means that a kept-alive socket
 * had been closed at the other end, as happens while an idle function is frozen.
 */
function certainlyNotDelivered(error: unknown): boolean {
	const code = (error as { code?: unknown }).code;
	return statusOf(error) === 429 || code === "ECONNRESET" || code === "EPIPE" || code === "ECONNREFUSED";
}

/** A call that does no harm when it is repeated is repeated after every failure but a refusal. */
function isPassing(error: unknown): boolean {
	return statusOf(error) !== 403;
}

function statusOf(error: unknown): number | undefined {
	return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
