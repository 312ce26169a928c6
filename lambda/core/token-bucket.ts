/** A token bucket lets through `perSecond` on average, and up to `burst` at once. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

export interface Bucket {
	tokens: number;
	/** The time for which `tokens` is right, in ms since the epoch. */
	at: number;
}

export function full(rate: Rate, now: number): Bucket {
	return { tokens: rate.burst, at: now };
}

/**
 * @param debt tokens that the bucket may owe: a request that comes too early takes a token too, until the debt is reached.
 * So clients that share a bucket are told different times, one after the other. With 0 such a request takes nothing.
 * @returns 0, or the time until a token is there, in ms
 */
export function take(bucket: Bucket, rate: Rate, now: number, debt = 0): number {
	refill(bucket, rate, now);
	const wait = bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
	if (wait === 0 || bucket.tokens - 1 >= -debt) bucket.tokens -= 1;
	return wait;
}

export function refill(bucket: Bucket, rate: Rate, now: number): void {
	// The clock may be set back: no token is lost, and none is made twice.
	const seconds = Math.max(0, now - bucket.at) / 1000;
	bucket.tokens = Math.min(rate.burst, bucket.tokens + seconds * rate.perSecond);
	bucket.at = now;
}
