/** The doorway: one event of API Gateway, or of the local gateway, becomes one call of the core. */
import type { Dependencies } from "./core/ports.ts";
import { createSignaling } from "./core/signaling.ts";
import type { GatewayEvent, GatewayHandler, GatewayResult } from "./gateway-event.ts";

const OK: GatewayResult = { statusCode: 200 };

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

		switch (eventType) {
			case "CONNECT": {
				const verdict = signaling.connect(header(event, "origin"));
				log.debug("connect", { connectionId, verdict });
				if (verdict === "forbidden") return { statusCode: 403 };
				return accept(event);
			}
			case "MESSAGE": {
				const connection = { id: connectionId, connectedAt: connectedAt ?? clock.now() };
				await signaling.receive(connection, event.body ?? "");
				return OK;
			}
			case "DISCONNECT": {
				log.debug("disconnect", { connectionId, code: disconnectStatusCode });
				try {
					await signaling.disconnect(connectionId);
				} catch (cause) {
					// Nobody is there to be told, and API Gateway does not call again. The lease heals it, and a 410 sooner.
					log.error("disconnect_failed", { connectionId }, cause);
				}
				return OK;
			}
			default:
				log.error("unknown_event", { eventType: String(eventType) });
				return { statusCode: 400 };
		}
	};
}

/** A browser that offers subprotocols ends the connection unless one of them is chosen. They mean nothing here. */
function accept(event: GatewayEvent): GatewayResult {
	const offered = header(event, "sec-websocket-protocol")?.split(",")[0]?.trim();
	return offered ? { ...OK, headers: { "Sec-WebSocket-Protocol": offered } } : OK;
}

/** Behind multi-level API mappings header names arrive in lower case, elsewhere as the client wrote them. */
function header(event: GatewayEvent, name: string): string | undefined {
	for (const [key, value] of Object.entries(event.headers ?? {})) {
		if (key.toLowerCase() === name) return value;
	}
	return undefined;
}
