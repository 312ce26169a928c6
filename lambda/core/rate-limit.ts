/**
 * How much one connection may send: a token bucket for all its frames, and a tighter one for the frames that search the
 * table.
 *
 * The buckets are in the instance's memory, so a frame costs no call. But each instance sees only its share of a flood,
 * and more instances see smaller shares. So an instance that has let `REPORTED_FRAMES` of a connection through adds them
 * to a count in the table, one for each minute. It refuses the rest of the minute when all instances together have let
 * through the allowed number. Few sessions ever cause that one write.
 */
import { type ClientFrameType, FRAME_TYPES, type Refusal } from "../../protocol/index.ts";
import { MAX_DEFIANCES, RATE_CALM_MS, RATE_WINDOW_MS, REPORTED_FRAMES } from "./limits.ts";
import type { Dependencies } from "./ports.ts";
import { tooManyFrames } from "./refusals.ts";

export interface RateLimit {
	/**
	 * Counts a frame.
	 * @returns undefined if it may pass. `ended`: the client was told already that it is cut off.
	 */
	admit(connectionId: string, type: ClientFrameType | undefined): Refusal | "ended" | undefined;

	/** Tells the other instances of the frames that passed, if that is due, and learns of theirs. Never rejects. */
	report(connectionId: string): Promise<void> | undefined;
}

/** A token bucket lets through `perSecond` on average, and up to `burst` at once. */
interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

interface Bucket {
	tokens: number;
	/** The time for which `tokens` is right, in ms since the epoch. */
	at: number;
}

/** How much a connection may still send. Times are in ms since the epoch. */
interface Flow {
	readonly frames: Bucket;
	readonly searches: Bucket;
	/** Frames that passed and that the other instances have not been told of. */
	unreported: number;
	/** Until then all instances together have let through the allowed number. */
	exhaustedUntil: number;
	/** Frames that came earlier than the last refusal allowed. */
	defiances: number;
	/** The time that the last refusal named. */
	retryAt: number;
	/** The time of the last frame. */
	seenAt: number;
}

export function createRateLimit({ store, clock, log, createCache, settings }: Dependencies): RateLimit {
	const frameRate: Rate = { perSecond: settings.clientRateLimit, burst: settings.clientBurstLimit };
	const searchRate: Rate = { perSecond: settings.searchRateLimit, burst: settings.searchBurstLimit };
	const perWindow = (frameRate.perSecond * RATE_WINDOW_MS) / 1000 + frameRate.burst;
	/** The number of frames that a search counts as, so that the count of all instances bounds searches as well. */
	const searchWeight = frameRate.perSecond / searchRate.perSecond;

	/** connection id -> its flow */
	const flows = createCache<Flow>();

	const flowOf = (connectionId: string, now: number): Flow => {
		let flow = flows.get(connectionId);
		if (flow === undefined) {
			flow = {
				frames: full(frameRate, now),
				searches: full(searchRate, now),
				unreported: 0,
				exhaustedUntil: 0,
				defiances: 0,
				retryAt: 0,
				seenAt: now,
			};
			flows.set(connectionId, flow);
		}
		if (now < flow.seenAt) setBack(flow, flow.seenAt - now);
		flow.seenAt = now;
		return flow;
	};

	const count = async (connectionId: string, flow: Flow): Promise<void> => {
		const now = clock.now();
		const frames = flow.unreported;
		flow.unreported = 0;
		const window = Math.floor(now / RATE_WINDOW_MS);
		try {
			const total = await store.countFrames(connectionId, window, frames, Math.ceil((2 * RATE_WINDOW_MS + now) / 1000));
			if (total > perWindow) flow.exhaustedUntil = (window + 1) * RATE_WINDOW_MS;
		} catch (cause) {
			// The instance's buckets still hold.
			log.warn("frames_not_counted", { connectionId }, cause);
		}
	};

	/** @returns 0 if the frame may pass, or the time until one may, in ms */
	const delay = (flow: Flow, searches: boolean, now: number): number => {
		if (flow.exhaustedUntil > now) return flow.exhaustedUntil - now;
		const wait = take(flow.frames, frameRate, now);
		return wait === 0 && searches ? take(flow.searches, searchRate, now) : wait;
	};

	return {
		admit(connectionId, type) {
			const now = clock.now();
			const flow = flowOf(connectionId, now);
			const searches = type !== undefined && FRAME_TYPES[type].price === "search";

			const retryAfter = delay(flow, searches, now);
			if (retryAfter === 0) {
				flow.unreported += searches ? searchWeight : 1;
				return undefined;
			}

			// A client that waits as long as it was told to may be refused any number of times.
			if (now - flow.retryAt > RATE_CALM_MS) flow.defiances = 0;
			if (now < flow.retryAt) flow.defiances += 1;
			flow.retryAt = now + retryAfter;
			if (flow.defiances > MAX_DEFIANCES) return "ended";
			return tooManyFrames(retryAfter, flow.defiances === MAX_DEFIANCES);
		},

		report(connectionId) {
			const flow = flows.get(connectionId);
			return flow !== undefined && flow.unreported >= REPORTED_FRAMES ? count(connectionId, flow) : undefined;
		},
	};
}

/** The clock was set back: every remembered time moves with it, so that no bucket loses tokens and no wait grows. */
function setBack(flow: Flow, ms: number): void {
	flow.frames.at -= ms;
	flow.searches.at -= ms;
	flow.retryAt -= ms;
	flow.exhaustedUntil -= ms;
}

function full(rate: Rate, now: number): Bucket {
	return { tokens: rate.burst, at: now };
}

/** @returns 0, or the time until a token is there, in ms */
function take(bucket: Bucket, rate: Rate, now: number): number {
	bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond);
	bucket.at = now;
	if (bucket.tokens >= 1) {
		bucket.tokens -= 1;
		return 0;
	}
	return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
}
