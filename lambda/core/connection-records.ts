/** What is the same for every record of a connection: how long it is kept, and when it is past acting. */
import { LEASE_MARGIN_MS } from "./limits.ts";
import type { ConnectionState, EndedState, Settings } from "./ports.ts";

/** When what is written of a connection goes, in epoch seconds: after the oldest that the connection can get. */
export function expiryOf({ connectedAt }: { readonly connectedAt: number }, settings: Settings): number {
	return Math.ceil((connectedAt + settings.maxConnectionAgeMs + LEASE_MARGIN_MS) / 1000);
}

/** Whether a connection in this state may not act as its peer any more. */
export function hasEnded(state: ConnectionState): state is EndedState {
	return state === "barred" || state === "left";
}
