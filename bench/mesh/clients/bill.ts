/** What API Gateway bills for: messages in both directions, by their purpose; and the messages for the links of each newcomer. */

/** How long the links that a peer makes count as a newcomer's, in ms. */
export const NEWCOMER_MS = 60_000;

type Frame = Readonly<Record<string, unknown>>;

/** Messages in, and the messages out that answer them or pass them on. */
const PURPOSES = ["connect", "join", "notice", "leave", "signal", "search", "ping", "error"] as const;
export type Purpose = (typeof PURPOSES)[number];

const PURPOSE_OF_TYPE: Readonly<Record<string, Purpose>> = {
	join: "join",
	peer_joined: "notice",
	peer_left: "notice",
	leave: "leave",
	find_peers: "search",
	ping: "ping",
	pong: "ping",
	error: "error",
};

/** What signaling through the mesh can save. The others belong to every stay. */
const FOR_LINKS: ReadonlySet<Purpose> = new Set(["signal", "search", "error"]);

export type Counts = Record<Purpose, number>;

export class Bill {
	readonly counts = Object.fromEntries(PURPOSES.map((purpose) => [purpose, 0])) as Counts;
	readonly #now: () => number;
	readonly #newcomers = new Map<string, { readonly since: number; messages: number }>();

	constructor(now: () => number) {
		this.#now = now;
	}

	/** A peer has joined for the first time. */
	newcomer(peerId: string): void {
		this.#newcomers.set(peerId, { since: this.#now(), messages: 0 });
	}

	/** A peer is gone. If its first minute is not over, its count would be too small, so it is dropped. */
	left(peerId: string): void {
		this.#newcomers.delete(peerId);
	}

	/** Messages for the links of each newcomer that has ended its first minute since the last call. */
	takeNewcomers(): number[] {
		const counts: number[] = [];
		for (const [peerId, { since, messages }] of this.#newcomers) {
			if (this.#now() - since < NEWCOMER_MS) continue;
			this.#newcomers.delete(peerId);
			counts.push(messages);
		}
		return counts;
	}

	connect(): void {
		this.counts.connect++;
	}

	/** A frame of a peer, or one to it. */
	frame(peerId: string, { type, resumeKey, to, from }: Frame): void {
		const isAnswer = type === "bootstrap_peers";
		// The answer to a join has a key, and the answer to a search has none.
		const purpose = isAnswer ? (resumeKey ? "join" : "search") : (PURPOSE_OF_TYPE[String(type)] ?? "signal");
		this.counts[purpose]++;
		if (!FOR_LINKS.has(purpose)) return;
		const own = this.#newcomers.get(peerId);
		const others = this.#newcomers.get(String(to ?? from));
		// Between two newcomers it is for the later one.
		const newcomer = own !== undefined && (others === undefined || others.since < own.since) ? own : others;
		if (newcomer !== undefined) newcomer.messages++;
	}
}
