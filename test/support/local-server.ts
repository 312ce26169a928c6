import type { Settings } from "../../lambda/core/settings.ts";
import { createHandler } from "../../lambda/handler.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../local/gateway.ts";
import { someDependencies, someLog } from "./defaults.ts";

/** What `npm start` runs, on any free port. */
export function startLocalServer(
	settings: Partial<Settings> = {},
	options: Partial<GatewayOptions> = {},
): Promise<Gateway> {
	return startGateway({ log: someLog(), ...options }, ({ sender }) =>
		createHandler(someDependencies(sender, settings)),
	);
}
