import { onTestFinished } from "vitest";
import type { Settings } from "../../lambda/core/settings.ts";
import type { GatewayHandler } from "../../lambda/gateway-event.ts";
import { createHandler } from "../../lambda/handler.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../local/gateway.ts";
import { aRoom, connect, type Frame, type TestClient } from "./client.ts";
import { someDependencies, someLog } from "./defaults.ts";

export interface ServerOptions extends Partial<GatewayOptions> {
	/** Execution environments: they share the store, and each remembers for itself. @default 1 */
	readonly instances?: number;
	readonly settings?: Partial<Settings>;
	/** Called after each `$disconnect`. */
	readonly onDisconnect?: () => void;
}

/** The local server, perhaps with several instances of the function, which take turns. */
export function startServer({ instances = 1, settings, onDisconnect, ...options }: ServerOptions): Promise<Gateway> {
	return startGateway({ log: someLog(), ...options }, ({ sender }) => {
		const { store } = someDependencies(sender);
		const handlers = Array.from({ length: instances }, () =>
			createHandler({ ...someDependencies(sender, settings), store }),
		);
		let turn = 0;
		return async (event) => {
			const result = await (handlers[turn++ % instances] as GatewayHandler)(event);
			if (event.requestContext.eventType === "DISCONNECT") onDisconnect?.();
			return result;
		};
	});
}

export type JoinedClient = TestClient & { readonly welcome: Frame };

/** A server for one test, and a new room. */
export async function aServer(options: ServerOptions) {
	let disconnects = 0;
	const gateway = await startServer({ ...options, onDisconnect: () => disconnects++ });
	onTestFinished(() => gateway.close());
	const room = aRoom();
	return {
		gateway,
		room,
		/** How many calls of `$disconnect` have been handled. */
		disconnects: () => disconnects,
		/** A client that has joined the room. */
		async joined(peerId: string, fields: Record<string, unknown> = {}): Promise<JoinedClient> {
			const client = await connect(gateway.url);
			const welcome = await client.join(peerId, { room, ...fields });
			if (welcome.type !== "bootstrap_peers") throw new Error(`It was not welcomed: ${JSON.stringify(welcome)}`);
			return Object.assign(client, { welcome });
		},
	};
}

/** The ids in a list of peers. */
export const idsIn = (frame: Frame) => (frame.peers as { id: string }[]).map((peer) => peer.id);

/** The ids that a peer finds in its room. */
export async function found(client: TestClient): Promise<string[]> {
	client.send({ type: "find_peers" });
	return idsIn(await client.next());
}
