/**
 * The types of frames that a client may send, each declared once.
 *
 * The parser (`parse.ts`), the dispatch (`lambda/core/signaling.ts`), the rate limit, the page `docs/protocol.md`, and the
 * fuzz, contract and cost tests all read this table. A type that one of them does not cover fails to compile or fails a
 * test (test/protocol/frame-types.test.ts).
 */
export interface FrameType {
	/** `relayed` frames are passed on to the peer in `to`; the server handles `own` frames itself. */
	readonly kind: "own" | "relayed";
	/** What the frame takes from the sender's rate limits: `frame` one frame, `search` one frame and one search. */
	readonly price: "frame" | "search";
	/**
	 * DynamoDB calls of one such frame on an instance that remembers nothing, if no call fails. The number must not depend
	 * on the size of the room: test/cost.test.ts counts the calls in a small and in a large one.
	 */
	readonly storeCalls: number;
	/** Whether API Gateway has a separate route for it. Other types arrive on `$default`. */
	readonly route: boolean;
	/** One sentence for the documentation. */
	readonly summary: string;
}

const relayed = (summary: string, route = false): FrameType => ({
	kind: "relayed",
	price: "frame",
	storeCalls: 2,
	route,
	summary,
});

export const FRAME_TYPES = {
	join: {
		kind: "own",
		price: "search",
		storeCalls: 8,
		route: true,
		summary: "Registers this connection as `peerId` in `room`.",
	},
	leave: {
		kind: "own",
		price: "frame",
		storeCalls: 5,
		route: false,
		summary: "Ends the session: the neighbours get `peer_left`, then the server closes the socket.",
	},
	ping: {
		kind: "own",
		price: "frame",
		storeCalls: 0,
		route: true,
		summary: "Asks for a `pong`. API Gateway answers it without the function.",
	},
	find_peers: {
		kind: "own",
		price: "search",
		storeCalls: 6,
		route: false,
		summary: "Asks for the peers that are nearest to an id in the sender's room.",
	},
	signal: relayed("Session descriptions and candidates, in any form that the peers agree on.", true),
	batched_signals: relayed("Several signals in one frame."),
	offer: relayed("A session description that opens a negotiation."),
	answer: relayed("The session description that replies to an offer."),
	candidate: relayed("An ICE candidate."),
	ack: relayed("The receipt of a signal."),
	connection_rejected: relayed("The refusal of a connection."),
	signal_rejected: relayed("The refusal of a signal."),
	connect_request: relayed("A request that the other peer calls."),
	kademlia_rpc_request: relayed("A request of p2pmesh's distributed hash table."),
	kademlia_rpc_response: relayed("The reply to such a request."),
} as const satisfies Readonly<Record<string, FrameType>>;

/** A type that a client may send. */
export type ClientFrameType = keyof typeof FRAME_TYPES;

/** A type that the server passes from peer to peer. Its content is opaque to the server. */
export type RelayedType = {
	[T in ClientFrameType]: (typeof FRAME_TYPES)[T]["kind"] extends "own" ? never : T;
}[ClientFrameType];
/** A type that the server handles itself. */
export type OwnType = Exclude<ClientFrameType, RelayedType>;

export const CLIENT_FRAME_TYPES = Object.keys(FRAME_TYPES) as ClientFrameType[];
export const RELAYED_TYPES = CLIENT_FRAME_TYPES.filter(isRelayed);

export function isClientFrameType(type: unknown): type is ClientFrameType {
	return typeof type === "string" && Object.hasOwn(FRAME_TYPES, type);
}

export function isRelayed(type: ClientFrameType): type is RelayedType {
	return FRAME_TYPES[type].kind === "relayed";
}
