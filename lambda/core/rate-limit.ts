/**
 * How much one connection may send: a token bucket for all its frames, and a tighter one for those that search the
 * table.
 *
 * The buckets are in the instance's memory, so a frame costs no call; but each instance sees only its share of a flood,
 * and the more of them there are the less each sees. So an instance that has let `REPORTED_FRAMES` of a connection
 * through adds them to a count in the table, one for each minute, and refuses the rest of the minute once all instances
 * together have let through what the rate allows. Few sessions ever come to that one write.
 */

import { type ClientFrameType, FRAME_TYPES, type Refusal } from "../../protocol/index.ts";
import { MAX_DEFIANCES, RATE_CALM_MS, RATE_WINDOW_MS, type Rate, REPORTED_FRAMES } from "./limits.ts";
import type { Bucket, Dependencies, Flow } from "./ports.ts";

export interface RateLimit {
	/**
	 * Counts a frame. Gives undefined where it may pass, and `ended` for one that comes after the client was told that it
	 * is cut off.
	 */
	admit(connectionId: string, type: ClientFrameType | undefined): Refusal | "ended" | undefined;

	/** Tells the other instances of what was let through, where that is due, and hears from them. Never rejects. */
	report(connectionId: string): Promise<void> | undefined;
}

export function createRateLimit({ store, clock, log, caches, settings }: Dependencies): RateLimit {
	const { frameRate, searchRate } = settings;
	const perWindow = (frameRate.perSecond * RATE_WINDOW_MS) / 1000 + frameRate.burst;
	/** How many frames a search stands for in the count of all instances, so that it bounds searches as well. */
	const searchWeight = frameRate.perSecond / searchRate.perSecond;

	const flowOf = (connectionId: string, now: number): Flow => {
		let flow = caches.flows.get(connectionId);
		if (flow === undefined) {
			flow = {
				frames: full(frameRate, now),
				searches: full(searchRate, now),
				unreported: 0,
				exhaustedUntil: 0,
				defiances: 0,
				retryAt: 0,
			};
			caches.flows.set(connectionId, flow);
		}
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
			// The instance's own buckets hold meanwhile.
			log.warn("frames_not_counted", { connectionId }, cause);
		}
	};

	/** @returns 0 where the frame may pass, or in how many ms one may */
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

			// Who waits as long as it was told to may be refused as often as it likes.
			if (now - flow.retryAt > RATE_CALM_MS) flow.defiances = 0;
			if (now < flow.retryAt) flow.defiances += 1;
			flow.retryAt = now + retryAfter;
			if (flow.defiances > MAX_DEFIANCES) return "ended";
			const final = flow.defiances === MAX_DEFIANCES;
			return {
				code: "RATE_LIMITED",
				message: final ? "Too many messages. The connection is closed." : `Too many messages. Wait ${retryAfter} ms.`,
				retryAfter,
				final,
			};
		},

		report(connectionId) {
			const flow = caches.flows.get(connectionId);
			return flow !== undefined && flow.unreported >= REPORTED_FRAMES ? count(connectionId, flow) : undefined;
		},
	};
}

function full(rate: Rate, now: number): Bucket {
	return { tokens: rate.burst, at: now };
}

/** @returns 0, or in how many ms there will be one to take */
function take(bucket: Bucket, rate: Rate, now: number): number {
	bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond);
	bucket.at = now;
	if (bucket.tokens >= 1) {
		bucket.tokens -= 1;
		return 0;
	}
	return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
}
