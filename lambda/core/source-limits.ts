/**
 * How much all clients of one source may do together. A source is a network address or the subject of a token: the limits
 * of a connection say nothing to a client that opens the next connection.
 *
 * The buckets are in the instance's memory, as those of a connection are (rate-limit.ts). An instance adds to a count in
 * the table when it has let a batch through, and waits if all instances together are ahead of the pace. So a client that
 * is alone behind its address causes no call.
 *
 * Addresses are never stored or logged. A keyed hash, with another value each day, stands for them.
 */
import { subjectOf } from "./access.ts";
import {
	DAY_MS,
	REPORTED_BY_SOURCE,
	REPORTED_FRAMES_BY_SOURCE,
	SOURCE_PATIENCE_MS,
	SOURCE_WINDOW_MS,
} from "./limits.ts";
import type { Dependencies, TokenVerifier } from "./ports.ts";
import { type Bucket, full, type Rate, refill, take } from "./token-bucket.ts";

/** `connect`: a connection, or a token that is shown. `search`: a join or a search. `frame`: any frame. */
export type Action = "connect" | "search" | "frame";

/** The name that stands for a source. */
export type Source = string & { readonly brand: "source" };

/** A source has used up its share. The client can try again after `retryAfter` ms. */
export class SourceLimitError extends Error {
	override readonly name = "SourceLimitError";
	readonly retryAfter: number;

	constructor(retryAfter: number) {
		super(`The source has to wait ${retryAfter} ms.`);
		this.retryAfter = retryAfter;
	}
}

export interface SourceLimits {
	/** The source of a network address. Undefined: it is not limited. */
	ofAddress(address: string | undefined): Source | undefined;

	/** The source of a token's subject. Undefined: it is not limited, or there is none. */
	ofSubject(subject: string | undefined): Source | undefined;

	/**
	 * Counts one action.
	 * @returns 0 if it may pass, or the time until one may, in ms. Infinity: the source does not wait when it is told to.
	 */
	take(source: Source | undefined, action: Action): number;

	/** Tells the other instances of the actions that passed, if that is due, and learns of theirs. Never rejects. */
	report(source: Source | undefined): Promise<unknown> | undefined;

	/** Whether a source has searched so much lately that less than half of its burst is left. */
	searchesMuch(source: Source | undefined): boolean;
}

/** How often a source takes one kind of action. */
interface Gauge {
	readonly bucket: Bucket;
	/** Actions that the other instances have not been told of. */
	unreported: number;
	/** Until then all instances together are ahead of the pace. In ms since the epoch. */
	aheadUntil: number;
}

type Gauges = Record<Action, Gauge | undefined>;

/** The name that a value has on one day. */
interface Name {
	readonly day: number;
	readonly source: Source | undefined;
}

const ACTIONS: readonly Action[] = ["connect", "search", "frame"];

/** So many actions are told to the other instances at a time. */
const BATCHES: Readonly<Record<Action, number>> = {
	connect: REPORTED_BY_SOURCE,
	search: REPORTED_BY_SOURCE,
	frame: REPORTED_FRAMES_BY_SOURCE,
};

export function createSourceLimits(dependencies: Dependencies): SourceLimits {
	const { store, clock, crypto, log, createCache, settings } = dependencies;
	const rates = ratesOf(settings);
	/** Without a key of the deployment each instance counts by itself. */
	const key = dependencies.sourceKey || crypto.random(16);
	/** source -> its gauges */
	const gauges = createCache<Gauges>();
	/** value -> the name for it. Every frame asks for one, and a keyed hash costs more than the rest of the limit. */
	const names = { address: createCache<Name>(), subject: createCache<Name>() };

	/** @param reduce gives the part of the value that counts, or undefined if it is not limited */
	const nameOf = (
		kind: "address" | "subject",
		value: string,
		reduce: (value: string) => string | undefined,
	): Source | undefined => {
		if (settings.sourceRateLimit === 0) return undefined;
		const day = Math.floor(clock.now() / DAY_MS);
		const known = names[kind].get(value);
		if (known?.day === day) return known.source;
		const counted = reduce(value);
		const source =
			counted === undefined ? undefined : (`source#${crypto.hmacSha1(key, `${day}#${kind}#${counted}`)}` as Source);
		names[kind].set(value, { day, source });
		return source;
	};

	const gaugeOf = (source: Source, action: Action): Gauge => {
		let ofSource = gauges.get(source);
		if (ofSource === undefined)
			gauges.set(source, (ofSource = { connect: undefined, search: undefined, frame: undefined }));
		return (ofSource[action] ??= { bucket: full(rates[action], clock.now()), unreported: 0, aheadUntil: 0 });
	};

	const count = async (source: Source, action: Action, gauge: Gauge): Promise<void> => {
		const now = clock.now();
		const { perSecond, burst } = rates[action];
		const window = Math.floor(now / SOURCE_WINDOW_MS);
		const added = gauge.unreported;
		gauge.unreported = 0;
		try {
			const expiresAt = Math.ceil((now + 2 * SOURCE_WINDOW_MS) / 1000);
			const total = await store.countFrames(`${source}#${action}`, window, added, expiresAt);
			const excess = total - burst - ((now - window * SOURCE_WINDOW_MS) / 1000) * perSecond;
			if (excess > 0) {
				gauge.aheadUntil = Math.min((window + 1) * SOURCE_WINDOW_MS, now + (excess / perSecond) * 1000);
			}
		} catch (cause) {
			// The instance's buckets still hold.
			log.warn("source_not_counted", { action }, cause);
		}
	};

	return {
		ofAddress: (address) => (address === undefined ? undefined : nameOf("address", address, networkOf)),
		ofSubject: (subject) => (subject ? nameOf("subject", subject, (whole) => whole) : undefined),

		take(source, action) {
			if (source === undefined) return 0;
			const now = clock.now();
			const gauge = gaugeOf(source, action);
			const rate = rates[action];
			// A refused frame costs as much as one that passes, so it takes its share too.
			const debt = action === "frame" ? (rate.perSecond * SOURCE_PATIENCE_MS) / 1000 : 0;
			const ahead = Math.ceil(gauge.aheadUntil - now);
			// A wait that is longer than a window comes from a clock that was set back.
			const wait = ahead > 0 && ahead <= SOURCE_WINDOW_MS ? ahead : take(gauge.bucket, rate, now, debt);
			if (action === "frame" && wait > SOURCE_PATIENCE_MS) return Number.POSITIVE_INFINITY;
			if (wait === 0 || action === "frame") gauge.unreported += 1;
			return wait;
		},

		report(source) {
			if (source === undefined) return undefined;
			const ofSource = gauges.get(source);
			if (ofSource === undefined) return undefined;
			let counted: Promise<unknown> | undefined;
			for (const action of ACTIONS) {
				const gauge = ofSource[action];
				if (gauge === undefined || gauge.unreported < BATCHES[action]) continue;
				counted = Promise.all([counted, count(source, action, gauge)]);
			}
			return counted;
		},

		searchesMuch(source) {
			if (source === undefined) return false;
			const { bucket } = gaugeOf(source, "search");
			refill(bucket, rates.search, clock.now());
			return bucket.tokens < rates.search.burst / 2;
		},
	};
}

/** A source may send as many frames for each of its joins as a connection may. */
function ratesOf({
	sourceRateLimit: perSecond,
	sourceBurstLimit: burst,
	clientRateLimit,
	searchRateLimit,
}: Dependencies["settings"]): Readonly<Record<Action, Rate>> {
	const framesPerJoin = clientRateLimit / searchRateLimit;
	const joins = { perSecond, burst };
	return {
		connect: joins,
		search: joins,
		frame: { perSecond: perSecond * framesPerJoin, burst: burst * framesPerJoin },
	};
}

/**
 * Counts each token that is shown under its subject.
 * @throws SourceLimitError from `verify` if the subject has shown too many
 */
export function countSubjects(tokens: TokenVerifier, sources: SourceLimits): TokenVerifier {
	return {
		async verify(token) {
			const verification = await tokens.verify(token);
			if (!verification.ok) return verification;
			const source = sources.ofSubject(subjectOf(verification.claims));
			const wait = sources.take(source, "connect");
			if (wait > 0) throw new SourceLimitError(wait);
			await sources.report(source);
			return verification;
		},
	};
}

/**
 * The network of an address: the address itself, or the first 56 bits of an IPv6 address, since providers give a subscriber
 * at least that much. https://datatracker.ietf.org/doc/html/rfc6177
 * @returns undefined for this machine, which is no stranger: it may be a proxy in front of all clients
 */
export function networkOf(address: string): string | undefined {
	const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (ipv4 !== undefined) return ipv4.startsWith("127.") ? undefined : ipv4;
	if (address === "::1" || address === "") return undefined;
	if (!address.includes(":")) return address;
	const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
	const groups = head === "" ? [] : head.split(":");
	const rest = tail === undefined || tail === "" ? [] : tail.split(":");
	const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
	const all = [...groups, ...Array<string>(zeros).fill("0"), ...rest].map((group) => group.padStart(4, "0"));
	return `${all.slice(0, 3).join(":")}:${all[3]?.slice(0, 2) ?? ""}`;
}
