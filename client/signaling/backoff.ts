import { BACKOFF_BASE_MS, BACKOFF_MAX_MS } from "../limits.ts";

/** The longest that the next try waits after so many failures, in ms. */
export function backoffLimit(failures: number): number {
	return Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** failures);
}

/**
 * How long the next try waits, in ms: any time up to the limit ("full jitter"). With less of it, the clients that a
 * restart of the server has cut off would come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(failures: number, random: () => number): number {
	return random() * backoffLimit(failures);
}
