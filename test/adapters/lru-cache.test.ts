import { describe, expect, it } from "vitest";
import { lruCache } from "../../lambda/adapters/lru-cache.ts";

describe("lruCache", () => {
	it("forgets the entry that has been unused the longest", () => {
		const cache = lruCache<{ n: number }>(3);
		for (const n of [1, 2, 3]) cache.set(String(n), { n });

		cache.get("1");
		cache.set("2", { n: 22 });
		cache.set("4", { n: 4 });

		expect(["1", "2", "3", "4"].map((key) => cache.get(key)?.n)).toEqual([1, 22, undefined, 4]);
	});

	it("forgets what is deleted, and has place again", () => {
		const cache = lruCache<{ n: number }>(2);
		for (const n of [1, 2]) cache.set(String(n), { n });

		cache.delete("1");
		cache.set("3", { n: 3 });

		expect(["1", "2", "3"].map((key) => cache.get(key)?.n)).toEqual([undefined, 2, 3]);
	});
});
