import type { Cache } from "../core/ports.ts";

/** Some 200 bytes each: a few MB of the smallest function. */
const MAX_ENTRIES = 10_000;

/**
 * A cache that forgets the entry that has been unused the longest. A Map keeps the order in which its keys were set, so it
 * is one. The package `lru-cache` makes its lists in their full length at once: with its 18 kB of code that is an eighth of a
 * cold start's processor time.
 */
export function lruCache<V extends object>(max = MAX_ENTRIES): Cache<V> {
	const entries = new Map<string, V>();
	const set = (key: string, value: V) => {
		entries.delete(key);
		entries.set(key, value);
		if (entries.size <= max) return;
		const [oldest] = entries.keys();
		if (oldest !== undefined) entries.delete(oldest);
	};
	return {
		get(key) {
			const value = entries.get(key);
			if (value !== undefined) set(key, value);
			return value;
		},
		set,
		delete: (key) => void entries.delete(key),
	};
}
