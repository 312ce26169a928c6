/** A value that comes from elsewhere, is kept for a while, and stays in force while it cannot be read again. */
import { type Clock, DependencyError } from "../core/ports.ts";

export interface CachedValue<T> {
	/** The value, read again if it is too old. Rejects with a {@link DependencyError} if there is none and none can be read. */
	current(): Promise<T>;
	/** For a caller that the value in force does not satisfy: reads again, unless that was done moments ago. */
	reread(): Promise<T>;
}

export interface CachedValueOptions<T> {
	/** @param known the value in force, to return again if nothing has changed */
	readonly read: (known: T | undefined) => Promise<T>;
	/** The name of a reading in the log, e.g. `jwks:fetch`. */
	readonly operation: string;
	/** How long a value is used before it is read again, in ms: a withdrawn value stays good for so long. */
	readonly maxAgeMs: number;
	/** Least time between two readings, in ms. */
	readonly cooldownMs: number;
	/** Time after a failed reading in which the known value is used and no other reading begins, in ms. */
	readonly retryMs: number;
	/** The same if no value is known: so long every caller gets the last failure at once. */
	readonly firstRetryMs: number;
	readonly clock: Clock;
	/** Notes that a reading failed and that the known value stays in force. */
	readonly onKept: (cause: unknown) => void;
}

export function cachedValue<T>(options: CachedValueOptions<T>): CachedValue<T> {
	const { read, operation, maxAgeMs, cooldownMs, retryMs, firstRetryMs, clock, onKept } = options;
	let known: { readonly value: T; readonly readAt: number } | undefined;
	let failed: { readonly cause: unknown; readonly at: number } | undefined;
	let reading: Promise<T> | undefined;

	// The wall clock and not a monotonic one: the latter may stand still while a function is frozen, and a withdrawn value
	// would stay in force. If the wall clock was set back, the time in between is unknown and counts as long.
	const elapsedSince = (time: number) => {
		const elapsed = clock.now() - time;
		return elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed;
	};

	const readNow = async (): Promise<T> => {
		const readAt = clock.now();
		try {
			known = { value: await read(known?.value), readAt };
			failed = undefined;
		} catch (cause) {
			failed = { cause, at: clock.now() };
			if (known === undefined) throw new DependencyError(operation, { cause });
			onKept(cause);
		}
		return known.value;
	};

	/** At most one reading at a time: every caller in that time gets its result. */
	const refresh = () => (reading ??= readNow().finally(() => (reading = undefined)));

	const get = async (isTooOld: (ageMs: number) => boolean): Promise<T> => {
		if (failed !== undefined && elapsedSince(failed.at) < (known === undefined ? firstRetryMs : retryMs)) {
			if (known === undefined) throw new DependencyError(operation, { cause: failed.cause });
			return known.value;
		}
		return known === undefined || isTooOld(elapsedSince(known.readAt)) ? refresh() : known.value;
	};

	return {
		current: () => get((ageMs) => ageMs > maxAgeMs),
		reread: () => get((ageMs) => ageMs >= cooldownMs),
	};
}
