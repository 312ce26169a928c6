import type { MemoryPeerStore } from "../lambda/adapters/memory-peer-store.ts";
import type { GatewayHandler } from "../lambda/gateway-event.ts";

/**
 * Forgets a connection once its end has been handled. Its record stays after a `leave`, for two hours, so that a frame
 * which comes before the end of the socket cannot join again. After the end no frame can come. One that is still being
 * handled finds the socket closed, and what it wrote is cleared up as after any join whose client vanished.
 */
export function forgetful(handler: GatewayHandler, store: Pick<MemoryPeerStore, "forget">): GatewayHandler {
	return async (event) => {
		const result = await handler(event);
		const { eventType, connectionId } = event.requestContext;
		if (eventType === "DISCONNECT") store.forget(connectionId);
		return result;
	};
}
