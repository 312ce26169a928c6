/** Questions to the server, and which of its answers belongs to which. */
import type { ListedPeer } from "../../protocol/frames.ts";
import type { Timers } from "../environment.ts";
import { passing } from "../errors.ts";
import { CALL_TIMEOUT_MS } from "../limits.ts";
import type { Outbox } from "./outbox.ts";

export interface Calls {
	findPeers(query?: { readonly target?: string; readonly count?: number }): Promise<readonly ListedPeer[]>;
	/** Takes a `bootstrap_peers` that is no welcome. */
	answer(target: unknown, peers: readonly ListedPeer[]): void;
}

interface Call {
	readonly target: string | undefined;
	readonly answered: (peers: readonly ListedPeer[]) => void;
}

export function createCalls(timers: Timers, outbox: Outbox): Calls {
	const calls = new Set<Call>();
	return {
		findPeers: (query = {}) =>
			new Promise((resolve, reject) => {
				const settleBy =
					<Value>(settle: (value: Value) => void) =>
					(value: Value) => {
						cancel();
						calls.delete(call);
						outbox.settle(id);
						settle(value);
					};
				const failed = settleBy(reject);
				const call = { target: query.target, answered: settleBy(resolve) };
				calls.add(call);
				const cancel = timers.after(CALL_TIMEOUT_MS, () => failed(passing("TIMEOUT", "The server does not answer.")));
				const id = outbox.post({ ...query, type: "find_peers" }, failed);
			}),

		answer(target, peers) {
			// An answer repeats the target and not the id. Of two equal questions, either may take it.
			for (const call of calls) {
				if (call.target === target) return call.answered(peers);
			}
		},
	};
}
