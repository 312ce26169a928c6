/**
 * Messages to one peer through the mesh. A message takes the way that messages of that peer came by. If none is known, a
 * question without the message floods, and its answer makes one. The receiver answers along the same way, so the sender
 * knows whether the message arrived. Loads when this peer first asks for a way; passing on is a matter of routing.ts.
 */
import { MAX_HOPS } from "../limits.ts";
import type { ExtraHost } from "./extras.ts";
import { NO_PAYLOAD, type Payload } from "./payload.ts";

export interface Ways {
	/**
	 * Sends to a peer over its link, or through the mesh along a way that is known or asked for. If no answer comes, it asks for
	 * another way, of everybody, and sends again.
	 * @param payload undefined if only the way is wanted
	 * @param id of the message: with the same id and further attempts it goes on, and the peer takes it once
	 * @returns whether it arrived. Rejects if all links refuse it.
	 */
	reach(to: string, payload?: Payload, id?: string, attempts?: readonly number[]): Promise<boolean>;
}

export function start({ environment, selfId, routing }: ExtraHost): Ways {
	const newId = () => environment.randomHex(16);
	return {
		async reach(to, payload, id = newId(), attempts = [1, 2]) {
			for (const attempt of attempts) {
				const head = { kind: "routed", attempt, from: selfId, to, hops: MAX_HOPS } as const;
				const next = routing.next(to);
				// The way that was known may have ended since.
				const isKnown = next === to || (next !== undefined && attempt === 1);
				if (payload === undefined || !isKnown) {
					if (!(await routing.ask({ ...head, id: newId(), probe: true, ...NO_PAYLOAD }))) continue;
				}
				if (payload === undefined || (await routing.ask({ ...head, id, ...payload }))) return true;
			}
			return false;
		},
	};
}
