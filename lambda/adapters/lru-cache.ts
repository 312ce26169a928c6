import { LRUCache } from "lru-cache";
import type { Cache } from "../core/ports.ts";

/** Some 200 bytes each: a few MB of the smallest function. */
const MAX_ENTRIES = 10_000;

/** A cache that forgets the entry that has been unused the longest. */
export function lruCache<V extends object>(max = MAX_ENTRIES): Cache<V> {
	return new LRUCache<string, V>({ max });
}
