/**
 * Longest that a test waits for one event, in ms. It ends a test that hangs, with a message; it judges no speed. No event
 * takes a tenth of it on a machine that is as busy as it can be, and a test has longer than that.
 */
export const PATIENCE_MS = 100_000;

// The real ones, even while a test holds the time.
const { setTimeout, clearTimeout } = globalThis;

export interface Waiting {
	/** Looks whether the awaited events have come. Call it after everything that may bring one. */
	look(): void;
	/**
	 * Resolves with the first value other than undefined and false that `probe` gives.
	 * @throws if `over` says that it can no longer come, or after {@link PATIENCE_MS}
	 */
	until<T>(event: string, probe: () => T | undefined | false): Promise<T>;
}

/**
 * Waits for events of one source.
 * @param state says in the message of a failed wait how the source is
 * @param over why no further event can come; undefined while one can
 */
export function createWaiting(state: () => string, over: () => string | undefined = () => undefined): Waiting {
	const waits = new Set<() => void>();
	return {
		look() {
			for (const wait of [...waits]) wait();
		},
		until: <T>(event: string, probe: () => T | undefined | false) =>
			new Promise<T>((resolve, reject) => {
				const end = (settle: () => void) => {
					clearTimeout(timer);
					waits.delete(wait);
					settle();
				};
				const fail = (why: string) => end(() => reject(new Error(`${event} did not come${why}. ${state()}`)));
				const timer = setTimeout(() => fail(` within ${PATIENCE_MS} ms`), PATIENCE_MS);
				const wait = () => {
					const value = probe();
					if (value !== undefined && value !== false) return end(() => resolve(value));
					const why = over();
					if (why !== undefined) fail(`: ${why}`);
				};
				waits.add(wait);
				wait();
			}),
	};
}
