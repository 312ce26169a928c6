/** The doorway: one event of API Gateway, or of the local gateway, becomes one call of the core. */
import type { Verdict } from "./core/authorization.ts";
import type { Dependencies } from "./core/ports.ts";
import { createSignaling } from "./core/signaling.ts";
import type { GatewayEvent, GatewayHandler, GatewayResult } from "./gateway-event.ts";

const OK: GatewayResult = { statusCode: 200 };

/** What a client that may not connect gets instead of a socket. */
const REFUSED = { unauthorized: 401, forbidden: 403, unavailable: 503 } as const;

/**
 * A subprotocol that carries a token, since a browser's WebSocket can send no header of its own. A token's characters are
 * all such as a subprotocol may have.
 */
const TOKEN_SUBPROTOCOL = "token.";

/**
 * Makes the handler. Its dependencies live as long as it does: make it once for each execution environment.
 *
 * It rejects only where a frame could neither be carried out nor refused, because the gateway then tells the client.
 */
export function createHandler(dependencies: Dependencies): GatewayHandler {
	const { clock, log } = dependencies;
	const signaling = createSignaling(dependencies);

	return async (event) => {
		const { eventType, connectionId, connectedAt, disconnectStatusCode } = event.requestContext;
		const connection = { id: connectionId, connectedAt: connectedAt ?? clock.now() };

		switch (eventType) {
			case "CONNECT": {
				const offered = subprotocols(event);
				const request = { origin: header(event, "origin"), token: tokenOf(event, offered) };
				let verdict: Verdict | "unavailable";
				try {
					verdict = await signaling.connect(connection, request);
				} catch (cause) {
					log.error("connect_failed", { connectionId }, cause);
					verdict = "unavailable";
				}
				log.debug("connect", { connectionId, verdict });
				return verdict === "accepted" ? accept(offered) : { statusCode: REFUSED[verdict] };
			}
			case "MESSAGE":
				await signaling.receive(connection, event.body ?? "");
				return OK;
			case "DISCONNECT":
				log.debug("disconnect", { connectionId, code: disconnectStatusCode });
				try {
					await signaling.disconnect(connectionId);
				} catch (cause) {
					// Nobody is there to be told, and API Gateway does not call again. The lease heals it, and a 410 sooner.
					log.error("disconnect_failed", { connectionId }, cause);
				}
				return OK;
			default:
				log.error("unknown_event", { eventType: String(eventType) });
				return { statusCode: 400 };
		}
	};
}

/**
 * A browser that offers subprotocols ends the connection unless one of them is chosen. They mean nothing here, but one
 * that is a token is chosen only where there is no other, because what is chosen is sent back.
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
	for (const [key, value] of Object.entries(event.headers ?? {})) {
		if (key.toLowerCase() === name) return value;
	}
	return undefined;
}
