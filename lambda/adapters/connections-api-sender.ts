import { awsService, type ServiceCall } from "../aws/service.ts";
import { CALLBACK_LIMIT_MS } from "../core/limits.ts";
import type { CountName } from "../core/metrics.ts";
import { DependencyError, type Log, type Metrics, type PeerSender } from "../core/ports.ts";

/** Waits before each further attempt, in ms; a random share of up to half is added. */
const WAITS_MS = {
	/** A client whose buffer is full for longer than this does not read, and its invocation must not wait for it. */
	post: [50],
	/** A close that fails leaves a connection open that may not act. */
	close: [50, 150],
	isOpen: [50],
};

/** Longest time for one attempt to reach the endpoint, in ms. */
const CONNECT_MS = 500;

const OCTETS = { "content-type": "application/octet-stream" };

export interface ConnectionsApiOptions {
	/** The API's callback URL, with the stage. */
	readonly endpoint: string;
	/** How long one call may take with its repetitions, in ms. @default CALLBACK_LIMIT_MS */
	readonly timeoutMs?: number;
	readonly log: Log;
	/** Absent: nothing is counted. */
	readonly metrics?: Metrics | undefined;
}

/** Sends frames through the gateway's @connections API. */
export function connectionsApiSender({
	endpoint,
	timeoutMs = CALLBACK_LIMIT_MS,
	log,
	metrics,
}: ConnectionsApiOptions): PeerSender {
	const callbacks = awsService({ service: "execute-api", endpoint, connectMs: CONNECT_MS, answerMs: timeoutMs });

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
		waits: readonly number[],
		call: ServiceCall,
		mayRepeat: (error: unknown) => boolean,
	): Promise<boolean> => {
		const startedAt = performance.now();
		let outcome: CountName = "Callback_failed";
		// One limit for all attempts: the limits of the request handler are for each of them.
		const limit = new AbortController();
		const timer = setTimeout(() => limit.abort(), timeoutMs);
		try {
			for (const wait of [...waits, undefined]) {
				try {
					await callbacks(call, { abortSignal: limit.signal });
					outcome = "Callback_ok";
					return true;
				} catch (error) {
					if (isGone(error)) {
						outcome = "Callback_gone";
						return false;
					}
					const reported = statusOf(error) === 403;
					if (reported) reportForbidden(operation, error);
					if (wait === undefined || limit.signal.aborted || !mayRepeat(error)) {
						outcome = outcomeOf(error);
						throw new DependencyError(operation, { cause: error, reported, busy: statusOf(error) === 429 });
					}
					await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 2)));
				}
			}
			return true; // not reached: the last turn returns or throws
		} finally {
			clearTimeout(timer);
			metrics?.count(outcome);
			metrics?.time("CallbackLatency", performance.now() - startedAt);
		}
	};

	return {
		async post(connectionId, frame, urgency) {
			const sent = await attempt(
				"execute-api:PostToConnection",
				WAITS_MS.post,
				{ method: "POST", path: pathOf(connectionId), headers: OCTETS, body: frame },
				urgency === "notice" ? isStale : certainlyNotDelivered,
			);
			return sent ? "sent" : "gone";
		},
		async close(connectionId) {
			await attempt(
				"execute-api:DeleteConnection",
				WAITS_MS.close,
				{ method: "DELETE", path: pathOf(connectionId) },
				isPassing,
			);
		},
		isOpen: (connectionId) =>
			attempt("execute-api:GetConnection", WAITS_MS.isOpen, { method: "GET", path: pathOf(connectionId) }, isPassing),
	};
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html */
function pathOf(connectionId: string): string {
	return `/@connections/${encodeURIComponent(connectionId)}`;
}

function outcomeOf(error: unknown): CountName {
	const status = statusOf(error);
	if (status === 403) return "Callback_forbidden";
	return status === 429 ? "Callback_busy" : "Callback_failed";
}

/** 410 is a connection that has ended, 400 an id that never was one. */
function isGone(error: unknown): boolean {
	const status = statusOf(error);
	return (error instanceof Error && error.name === "GoneException") || status === 410 || status === 400;
}

/** 429 refuses the post: too many of them, or the client reads too slowly. */
function certainlyNotDelivered(error: unknown): boolean {
	return statusOf(error) === 429 || isStale(error);
}

/** A kept-alive socket had been closed at the other end, as happens while an idle function is frozen. */
function isStale(error: unknown): boolean {
	const code = (error as { code?: unknown }).code;
	return code === "ECONNRESET" || code === "EPIPE" || code === "ECONNREFUSED";
}

/** A call that does no harm when it is repeated is repeated after every failure but a refusal. */
function isPassing(error: unknown): boolean {
	return statusOf(error) !== 403;
}

function statusOf(error: unknown): number | undefined {
	return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
