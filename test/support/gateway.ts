import { onTestFinished } from "vitest";
import type { GatewayEvent } from "../../lambda/gateway-event.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../local/gateway.ts";
import { someLog } from "./defaults.ts";

type Answer = (event: GatewayEvent, gateway: Gateway) => unknown;

/** A gateway with a handler that notes its events and acts as the test says. It closes at the end of the test. */
export async function aGateway(
	answer: Answer = () => ({ statusCode: 200 }),
	options: Partial<GatewayOptions> = {},
): Promise<{ gateway: Gateway; events: GatewayEvent[] }> {
	const events: GatewayEvent[] = [];
	const gateway = await startGateway({ log: someLog(), ...options }, () => async (event) => {
		events.push(event);
		return (await answer(event, gateway)) as { statusCode: number };
	});
	onTestFinished(() => gateway.close());
	return { gateway, events };
}

/** A handler's answer that carries out frames and accepts everything else. */
export const onMessage =
	(carryOut: (event: GatewayEvent, gateway: Gateway) => unknown): Answer =>
	async (event, gateway) => {
		if (event.requestContext.eventType === "MESSAGE") await carryOut(event, gateway);
		return { statusCode: 200 };
	};
