import type { GatewayEvent, GatewayHandler, GatewayResult } from "../lambda/gateway-event.ts";

export interface Invocations {
	/** Calls the function. */
	invoke(event: GatewayEvent): Promise<GatewayResult>;
	/** Resolves once no call is under way. */
	settled(): Promise<void>;
}

/** Calls a function and counts the calls that are under way, so that closing can wait for them. */
export function createInvocations(handler: GatewayHandler): Invocations {
	let underWay = 0;
	let waiting: (() => void)[] = [];
	const done = () => {
		underWay -= 1;
		if (underWay > 0) return;
		for (const wake of waiting) wake();
		waiting = [];
	};
	return {
		invoke(event) {
			underWay += 1;
			let invocation: Promise<GatewayResult>;
			try {
				invocation = handler(event);
			} catch (error) {
				invocation = Promise.reject(error); // a handler that throws at once rejects as well
			}
			invocation.then(done, done);
			return invocation;
		},
		async settled() {
			while (underWay > 0) await new Promise<void>((resolve) => waiting.push(resolve));
		},
	};
}
