import type { MemoryPeerStore } from "../lambda/adapters/memory-store.ts";
import type { GatewayHandler } from "../lambda/gateway-event.ts";

/**
 * Forgets a connection once its end has been handled. Without this its record would stay for two hours after a `leave`, so
 * that a frame which comes before the end of the socket cannot join again. After the end no frame comes. A join that is
 * still being handled finds the socket closed and gives its lease back, as it does after any client that vanished.
 */
export function forgetful(handler: GatewayHandler, store: Pick<MemoryPeerStore, "forget">): GatewayHandler {
	const disconnect: GatewayHandler = async (event) => {
		const result = await handler(event);
		store.forget(event.requestContext.connectionId);
		return result;
	};
	return (event) => (event.requestContext.eventType === "DISCONNECT" ? disconnect(event) : handler(event));
}
