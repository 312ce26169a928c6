/**
 * How much one connection may send: a token bucket for all its frames, and a tighter one for those that search the
 * table.
 *
 * It is kept in the instance's memory, so a frame costs no call, and an instance counts only what it handled itself: a
 * client may send as often the rate as there are instances among which its frames are spread. An instance handles one
 * frame at a time, so whoever floods keeps about as many busy as its rate takes, each of them as fast as it can work;
 * that is above the rate, and the first one that cuts the client off does so for all.
 */
import { MAX_DEFIANCES, RATE_CALM_MS, type Rate } from "./limits.ts";
import type { Bucket, Dependencies, Flow } from "./ports.ts";
import type { Refusal } from "./protocol.ts";

export interface RateLimit {
	/**
	 * Counts a frame. Gives undefined where it may pass, and `ended` for one that comes after the client was told that it
	 * is cut off.
	 */
	admit(connectionId: string, type: string | undefined): Refusal | "ended" | undefined;
}

export function createRateLimit({ clock, caches, settings }: Dependencies): RateLimit {
	const flowOf = (connectionId: string, now: number): Flow => {
		let flow = caches.flows.get(connectionId);
		if (flow === undefined) {
			flow = {
				frames: full(settings.frameRate, now),
				searches: full(settings.searchRate, now),
				defiances: 0,
				retryAt: 0,
			};
			caches.flows.set(connectionId, flow);
		}
		return flow;
	};

	return {
		admit(connectionId, type) {
			const now = clock.now();
			const flow = flowOf(connectionId, now);
			const searches = type === "join" || type === "find_peers";

			refill(flow.frames, settings.frameRate, now);
			let retryAfter = take(flow.frames, settings.frameRate);
			if (retryAfter === 0 && searches) {
				refill(flow.searches, settings.searchRate, now);
				retryAfter = take(flow.searches, settings.searchRate);
			}
			if (retryAfter === 0) return undefined;

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
	};
}

function full(rate: Rate, now: number): Bucket {
	return { tokens: rate.burst, at: now };
}

function refill(bucket: Bucket, rate: Rate, now: number): void {
	bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond);
	bucket.at = now;
}

/** @returns 0, or in how many ms there will be one to take */
function take(bucket: Bucket, rate: Rate): number {
	if (bucket.tokens >= 1) {
		bucket.tokens -= 1;
		return 0;
	}
	return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
}
