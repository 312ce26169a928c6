import { describe, expect, it } from "vitest";
import { lruCache } from "../../lambda/adapters/lru-cache.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("lruCache", () => {
	it("keeps the half of its entries that were used last", () => {
		const cache = lruCache<{ n: number }>(100);
		const used: number[] = [];
		const use = (n: number) => {
			used.splice(used.includes(n) ? used.indexOf(n) : used.length, 1);
			used.push(n);
		};
		for (const step of numbers(500)) {
			const n = (step * step * 7) % 151;
			use(n);
			if (cache.get(String(n)) === undefined) cache.set(String(n), { n });
			if (step % 10 > 0) continue;

			const recent = used.slice(-49);
			expect(recent.map((one) => cache.get(String(one))?.n)).toEqual(recent);
		}
	});

	it.each(numbers(20))("keeps at most as many as its size after %d more than that", (more) => {
		const isKept = (n: number) => {
			const cache = lruCache<{ n: number }>(10);
			for (const one of numbers(10 + more)) cache.set(String(one), { n: one });
			return cache.get(String(n)) !== undefined;
		};

		expect(numbers(10 + more).filter(isKept).length).toBeLessThanOrEqual(10);
	});

	it("gives the latest value of a key, of whatever age the earlier one is", () => {
		const cache = lruCache<{ n: number }>(4);
		cache.set("a", { n: 1 });
		cache.set("b", { n: 1 });

		cache.set("a", { n: 2 });

		expect(cache.get("a")).toEqual({ n: 2 });
	});

	it("forgets what is deleted, of whatever age it is", () => {
		const cache = lruCache<{ n: number }>(4);
		for (const n of numbers(3)) cache.set(String(n), { n });

		cache.delete("0");
		cache.delete("2");

		expect(numbers(3).map((n) => cache.get(String(n))?.n)).toEqual([undefined, 1, undefined]);
	});
});
