/** What API Gateway bills for: messages in both directions, by their purpose; and the messages for the links of each newcomer. */

/** How long the links that a peer makes count as a newcomer's, in ms. */
export const NEWCOMER_MS = 60_000;

type Frame = Readonly<Record<string, unknown>>;

const PURPOSES = ["connect", "join", "notice", "leave", "link", "repair", "search", "ping"] as const;
/**
 * `link` and `repair`: signals in and out, and the errors that answer them, for a link in the making and for one that has been
 * open. `search`, `join` and `ping`: with their answers.
 */
export type Purpose = (typeof PURPOSES)[number];

const PURPOSE_OF_TYPE: Readonly<Record<string, Purpose>> = {
	join: "join",
	peer_joined: "notice",
	peer_left: "notice",
	leave: "leave",
	find_peers: "search",
	ping: "ping",
	pong: "ping",
};

export type Counts = Record<Purpose, number>;

export class Bill {
	/** How often the function was called. */
	invocations = 0;
	readonly counts = Object.fromEntries(PURPOSES.map((purpose) => [purpose, 0])) as Counts;
	readonly #now: () => number;
	readonly #newcomers = new Map<string, { readonly since: number; messages: number }>();
	/** Peers that have joined. A later join is no newcomer's. */
	readonly #known = new Set<string>();
	/** By sender and receiver: whether the last signal was for a repair. An error does not say what it answers. */
	readonly #repairs = new Map<string, boolean>();

	constructor(now: () => number) {
		this.#now = now;
	}

	get total(): number {
		return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
	}

	/** A peer is gone. If its first minute is not over, its count would be too small, so it is dropped. */
	left(peerId: string): void {
		this.#newcomers.delete(peerId);
		this.#known.delete(peerId);
	}

	/** Messages for the links and searches of each newcomer whose first minute has ended since the last call. */
	takeNewcomers(): number[] {
		const counts: number[] = [];
		for (const [peerId, { since, messages }] of this.#newcomers) {
			if (this.#now() - since < NEWCOMER_MS) continue;
			this.#newcomers.delete(peerId);
			counts.push(messages);
		}
		return counts;
	}

	/** The server is away or is back: the newcomers of that time are no measure. */
	dropNewcomers(): void {
		this.#newcomers.clear();
	}

	connect(): void {
		this.counts.connect++;
	}

	/** A frame of a peer, or one to it. */
	frame(peerId: string, frame: Frame): void {
		const purpose = this.#purposeOf(peerId, frame);
		this.counts[purpose]++;
		if (frame.type === "join" && !this.#known.has(peerId)) {
			this.#known.add(peerId);
			this.#newcomers.set(peerId, { since: this.#now(), messages: 0 });
		}
		if (purpose !== "link" && purpose !== "search") return;
		const own = this.#newcomers.get(peerId);
		const others = this.#newcomers.get(String(frame.from ?? frame.to));
		// Between two newcomers it is for the later one.
		const newcomer = own !== undefined && (others === undefined || others.since < own.since) ? own : others;
		if (newcomer !== undefined) newcomer.messages++;
	}

	#purposeOf(peerId: string, frame: Frame): Purpose {
		const { type, resumeKey, to, from } = frame;
		// The answer to a join has a key, and the answer to a search has none.
		if (type === "bootstrap_peers") return resumeKey ? "join" : "search";
		const known = PURPOSE_OF_TYPE[String(type)];
		if (known !== undefined) return known;
		const way = `${peerId} ${to}`;
		if (type === "error") return this.#repairs.get(way) ? "repair" : "link";
		const repairs = signalsOf(frame).some(isForRepair);
		if (from === undefined) this.#repairs.set(way, repairs);
		return repairs ? "repair" : "link";
	}
}

function signalsOf({ signal, signals }: Frame): readonly Frame[] {
	return (Array.isArray(signals) ? signals : [signal]).filter((one) => typeof one === "object" && one !== null);
}

/** A restart of ICE has a further round, and its answer repeats the number. */
function isForRepair({ type, round }: Frame): boolean {
	return type === "renegotiate" || Number(round) > 1;
}
