import type { Cache } from "../core/ports.ts";

/** Some 200 bytes each: a few MB of the smallest function. */
const MAX_ENTRIES = 10_000;

/**
 * A cache that forgets entries that have been unused for long. It has two generations: an entry that is used is in the young one,
 * and when that is full, it becomes the old one, and the old one is forgotten. So the last `max / 2` entries that were used are
 * always there, and reading one costs one look-up in a Map. Putting each at the end of a Map when it is read, which would keep the
 * exact order, costs three. The package `lru-cache` makes its lists in their full length at once: with its 18 kB of code that is
 * an eighth of a cold start's processor time.
 */
export function lruCache<V extends object>(max = MAX_ENTRIES): Cache<V> {
	let young = new Map<string, V>();
	let old = new Map<string, V>();
	const set = (key: string, value: V) => {
		young.set(key, value);
		if (young.size < max / 2) return;
		old = young;
		young = new Map();
	};
	return {
		get(key) {
			const value = young.get(key);
			if (value !== undefined) return value;
			const older = old.get(key);
			if (older !== undefined) set(key, older);
			return older;
		},
		set,
		delete(key) {
			young.delete(key);
			old.delete(key);
		},
	};
}
