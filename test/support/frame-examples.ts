/** A well-formed frame of each type that the server handles itself, and the type of its answer. */
import type { OwnType } from "../../protocol/index.ts";

interface Example {
	/** The fields beside `type`, from a peer in a room. */
	readonly fields: (own: { peerId: string; room: string }) => object;
	/** The type of the server's answer. Absent: the server closes the connection. */
	readonly answer?: string;
	/** How often the fuzz sends it, beside the other types. */
	readonly weight: number;
	/** The longest list of random fields that the fuzz adds. */
	readonly extraFields?: number;
}

export const OWN_EXAMPLES: { readonly [T in OwnType]: Example } = {
	join: { fields: (own) => own, answer: "bootstrap_peers", weight: 5 },
	leave: { fields: () => ({}), weight: 1, extraFields: 1 },
	ping: { fields: () => ({}), answer: "pong", weight: 2 },
	find_peers: { fields: () => ({ count: 3 }), answer: "bootstrap_peers", weight: 4 },
};
