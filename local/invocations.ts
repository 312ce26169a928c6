import type { GatewayEvent, GatewayHandler, GatewayResult } from "../lambda/gateway-event.ts";

export interface Invocations {
	/** Calls the function. */
	invoke(event: GatewayEvent): Promise<GatewayResult>;
	/** Resolves once no call is under way. */
	settled(): Promise<void>;
}

/** Calls a function and keeps the calls that are under way, so that closing can wait for them. */
export function createInvocations(handler: GatewayHandler): Invocations {
	const underWay = new Set<Promise<unknown>>();
	return {
		invoke(event) {
			const invocation = (async () => handler(event))(); // a handler that throws at once rejects as well
			underWay.add(invocation);
			const done = () => underWay.delete(invocation);
			invocation.then(done, done);
			return invocation;
		},
		async settled() {
			while (underWay.size > 0) await Promise.allSettled(underWay);
		},
	};
}
