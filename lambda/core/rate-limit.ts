/**
 * How much one connection may send: a token bucket for all its frames, and a tighter one for the frames that search the
 * table. Its source's buckets (source-limits.ts) are asked as well.
 *
 * The buckets are in the instance's memory, so a frame costs no call. But each instance sees only its share of a flood,
 * and more instances see smaller shares. So an instance that has let `REPORTED_FRAMES` of a connection through adds them
 * to a count in the table, one for each minute. It refuses the rest of the minute when all instances together have let
 * through the allowed number. Few sessions ever cause that one write.
 */
import { type ClientFrameType, FRAME_TYPES, type Refusal } from "../../protocol/index.ts";
import type { ClientConnection } from "./connection.ts";
import { MAX_DEFIANCES, RATE_CALM_MS, RATE_WINDOW_MS, REPORTED_FRAMES } from "./limits.ts";
import type { Dependencies } from "./ports.ts";
import { TOO_MUCH_BY_SOURCE, tooManyFrames } from "./refusals.ts";
import type { SourceLimits } from "./source-limits.ts";
import { type Bucket, full, type Rate, refill, take } from "./token-bucket.ts";

export interface RateLimit {
	/**
	 * Counts a frame.
	 * @returns undefined if it may pass. `ended`: the client was told already that it is cut off.
	 */
	admit(connection: ClientConnection, type: ClientFrameType | undefined): Refusal | "ended" | undefined;

	/** Tells the other instances of the frames that passed, if that is due, and learns of theirs. Never rejects. */
	report(connection: ClientConnection): Promise<unknown> | undefined;

	/** Whether a client has searched so much lately that less than half of its burst, or of its source's, is left. */
	searchesMuch(connection: ClientConnection): boolean;
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
	/** Whether its client was told that the connection is closed because of its source. */
	closing: boolean;
	/** The time that the last refusal named. */
	retryAt: number;
	/** The time of the last frame. */
	seenAt: number;
}

export function createRateLimit(
	{ store, clock, log, createCache, settings }: Dependencies,
	sources: SourceLimits,
): RateLimit {
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
			flow = newFlow(full(frameRate, now), full(searchRate, now), now);
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
		admit({ id, address }, type) {
			const now = clock.now();
			const flow = flowOf(id, now);
			const searches = type !== undefined && FRAME_TYPES[type].price === "search";

			const own = delay(flow, searches, now);
			const source = sources.ofAddress(address);
			const ofSource = Math.max(
				sources.take(source, "frame"),
				searches && own === 0 ? sources.take(source, "search") : 0,
			);
			const retryAfter = Math.max(own, ofSource);
			if (retryAfter === 0) {
				flow.unreported += searches ? searchWeight : 1;
				return undefined;
			}
			if (ofSource === Number.POSITIVE_INFINITY) {
				if (flow.closing) return "ended";
				flow.closing = true;
				return TOO_MUCH_BY_SOURCE;
			}

			// A client that waits as long as it was told to may be refused any number of times.
			if (now - flow.retryAt > RATE_CALM_MS) flow.defiances = 0;
			if (now < flow.retryAt) flow.defiances += 1;
			flow.retryAt = now + retryAfter;
			if (flow.defiances > MAX_DEFIANCES) return "ended";
			return tooManyFrames(retryAfter, flow.defiances === MAX_DEFIANCES);
		},

		report({ id, address }) {
			const flow = flows.get(id);
			const own = flow !== undefined && flow.unreported >= REPORTED_FRAMES ? count(id, flow) : undefined;
			const ofSource = sources.report(sources.ofAddress(address));
			return own === undefined ? ofSource : Promise.all([own, ofSource]);
		},

		searchesMuch({ id, address }) {
			const flow = flows.get(id);
			if (flow !== undefined) refill(flow.searches, searchRate, clock.now());
			const own = flow !== undefined && flow.searches.tokens < searchRate.burst / 2;
			return own || sources.searchesMuch(sources.ofAddress(address));
		},
	};
}

function newFlow(frames: Bucket, searches: Bucket, now: number): Flow {
	return {
		frames,
		searches,
		unreported: 0,
		exhaustedUntil: 0,
		defiances: 0,
		closing: false,
		retryAt: 0,
		seenAt: now,
	};
}

/** The clock was set back: every remembered time moves with it, so that no bucket loses tokens and no wait grows. */
function setBack(flow: Flow, ms: number): void {
	flow.frames.at -= ms;
	flow.searches.at -= ms;
	flow.retryAt -= ms;
	flow.exhaustedUntil -= ms;
}
