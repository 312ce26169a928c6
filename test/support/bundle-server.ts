import { pathToFileURL } from "node:url";
import { inject } from "vitest";
import type { GatewayHandler } from "../../lambda/gateway-event.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../local/gateway.ts";
import { someLog } from "./defaults.ts";

let instances = 0;

/** The bundle that ships, in a new execution environment, behind a new gateway. */
export function startBundle(
	tableName: string,
	options: Partial<GatewayOptions> = {},
	variables: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
	return startGateway({ log: someLog(), ...options }, async ({ callbackEndpoint }) => {
		process.env.TABLE_NAME = tableName;
		process.env.CALLBACK_ENDPOINT = callbackEndpoint;
		process.env.LOG_LEVEL = "error";
		process.env.METRICS = "off";
		Object.assign(process.env, variables);
		instances += 1;
		// Another query makes another module, with its own clients and memory.
		const url = `${pathToFileURL(inject("bundle")).href}?behind-gateway=${instances}`;
		return ((await import(/* @vite-ignore */ url)) as { handler: GatewayHandler }).handler;
	});
}
