/** The doorway: one event of API Gateway, or of the local gateway, becomes one call of the core. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Verdict } from "./core/authorization.ts";
import type { ClientConnection } from "./core/connection.ts";
import type { Dependencies } from "./core/ports.ts";
import { createSignaling } from "./core/signaling.ts";
import { sparingLog } from "./core/sparing-log.ts";
import type { GatewayEvent, GatewayHandler, GatewayResult, InvocationContext } from "./gateway-event.ts";
import { type Deadline, type Patience, patientStore, realPatience } from "./patient-store.ts";

const OK: GatewayResult = { statusCode: 200 };

/** The status that a client gets instead of a socket if it may not connect. */
const REFUSED = { unauthorized: 401, forbidden: 403, limited: 429, unavailable: 503 } as const;

/**
 * How long an invocation on DISCONNECT goes on trying, in ms, and how much of its time it leaves to the last try: one
 * call of the table at its longest (STORE_LIMIT_MS), and the notices after it. The bound keeps an outage from filling the account's concurrency
 * for longer than API Gateway's own limit for an integration, 29 s.
 */
const MAX_PATIENCE_MS = 21_000;
const LAST_TRY_MS = 8_000;

/** Characters of a refused client's origin that the log shows. The client chose them. */
const MAX_LOGGED_ORIGIN = 100;

/**
 * A subprotocol that carries a token, because a page cannot add a header to a WebSocket's request. A subprotocol may have
 * all the characters that a token has.
 */
const TOKEN_SUBPROTOCOL = "token.";

/**
 * Makes the handler. Its dependencies live as long as it does: make it once for each execution environment.
 *
 * It rejects only if a frame could neither be carried out nor refused, because the gateway then tells the client.
 */
export function createHandler(dependencies: Dependencies, patience: Patience = realPatience): GatewayHandler {
	const { clock, log, metrics } = dependencies;
	const report = sparingLog(dependencies);
	const deadline: Deadline = new AsyncLocalStorage();
	const signaling = createSignaling({ ...dependencies, store: patientStore(dependencies.store, deadline, patience) });

	/** No client waits for this, so it waits for a table that fails: nothing else removes the lease before it expires. */
	const disconnect = (connectionId: string, context: InvocationContext | undefined) => {
		const remaining = context?.getRemainingTimeInMillis?.();
		if (remaining === undefined) return signaling.disconnect(connectionId);
		const budget = Math.min(remaining - LAST_TRY_MS, MAX_PATIENCE_MS);
		return deadline.run(patience.now() + budget, () => signaling.disconnect(connectionId));
	};

	const connect = async (connection: ClientConnection, event: GatewayEvent): Promise<GatewayResult> => {
		const { id: connectionId } = connection;
		const offered = subprotocols(event);
		const request = { origin: header(event, "origin"), token: tokenOf(event, offered) };
		let verdict: Verdict | "limited" | "unavailable";
		try {
			verdict = await signaling.connect(connection, request);
		} catch (cause) {
			log.error("connect_failed", { connectionId }, cause);
			verdict = "unavailable";
		}
		if (verdict === "accepted") {
			log.debug("connect", { connectionId });
			return accept(offered);
		}
		metrics?.count("ConnectsRefused");
		metrics?.count(`Refused_${verdict}`);
		// A browser does not tell its page why a connect failed, so the log does.
		report("connect_refused", verdict, { connectionId, reason: verdict, origin: clip(request.origin) });
		return { statusCode: REFUSED[verdict] };
	};

	let isCold = true;

	return async (event, context) => {
		const { eventType, connectionId, connectedAt, disconnectStatusCode, identity } = event.requestContext;
		const connection: ClientConnection = {
			id: connectionId,
			connectedAt: connectedAt ?? clock.now(),
			address: identity?.sourceIp,
		};
		// Before the event what a quiet time held back, and after it what the event added: then the function may freeze for good.
		if (isCold) metrics?.count("ColdStarts");
		else metrics?.report();
		isCold = false;

		try {
			switch (eventType) {
				case "CONNECT":
					return await connect(connection, event);
				case "MESSAGE":
					await signaling.receive(connection, event.body ?? "");
					return OK;
				case "DISCONNECT":
					log.debug("disconnect", { connectionId, code: disconnectStatusCode });
					metrics?.count("Disconnects");
					try {
						await disconnect(connectionId, context);
					} catch (cause) {
						// API Gateway does not call again. The lease stays until a frame to this connection is answered 410, or until it
						// expires.
						log.error("disconnect_failed", { connectionId }, cause);
					}
					return OK;
				default:
					log.error("unknown_event", { eventType: String(eventType) });
					return { statusCode: 400 };
			}
		} finally {
			metrics?.report();
		}
	};
}

function clip(origin: string | undefined): string | undefined {
	return origin?.slice(0, MAX_LOGGED_ORIGIN);
}

/**
 * A browser that offers subprotocols ends the connection unless one of them is chosen. They mean nothing here. The answer
 * shows the chosen one, so one that is a token is chosen only if there is no other.
 */
function accept(offered: readonly string[]): GatewayResult {
	const chosen = offered.find((subprotocol) => !subprotocol.startsWith(TOKEN_SUBPROTOCOL)) ?? offered[0];
	return chosen ? { ...OK, headers: { "Sec-WebSocket-Protocol": chosen } } : OK;
}

function subprotocols(event: GatewayEvent): string[] {
	const offered = header(event, "sec-websocket-protocol")?.split(",") ?? [];
	return offered.map((subprotocol) => subprotocol.trim()).filter((subprotocol) => subprotocol !== "");
}

function tokenOf(event: GatewayEvent, offered: readonly string[]): string | undefined {
	const carrier = offered.find((subprotocol) => subprotocol.startsWith(TOKEN_SUBPROTOCOL));
	const inUrl = event.queryStringParameters?.token;
	// A page that leaves `?token=` empty may send the token as a subprotocol.
	if (carrier === undefined || inUrl) return inUrl;
	return carrier.slice(TOKEN_SUBPROTOCOL.length);
}

/** Behind multi-level API mappings header names arrive in lower case, elsewhere as the client wrote them. */
function header(event: GatewayEvent, name: string): string | undefined {
	const { headers } = event;
	for (const key in headers) if (key.length === name.length && key.toLowerCase() === name) return headers[key];
	return undefined;
}
