import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	BROADCAST_BLOCK,
	BROADCAST_IDLE_MS,
	BROADCAST_REORDER,
	MAX_BROADCAST_BLOCKS,
	MAX_ORIGINS,
} from "../../../client/limits.ts";
import { BroadcastMemory } from "../../../client/mesh/broadcast-memory.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { seededRandom } from "../support/seeded-random.ts";

const RUN = "0123456789abcdef";
const WINDOW = BROADCAST_BLOCK * MAX_BROADCAST_BLOCKS;

function aMemory() {
	const timers = fakeTimers();
	const memory = new BroadcastMemory(timers);
	const take = (number: number, { run = RUN, via = "a" } = {}) => memory.take(`${run}.${number}`, via)?.isNew;
	return { timers, memory, take };
}

describe("a broadcast", () => {
	it("is new once, among 12,000 that a slow link brings again at the end", () => {
		const { take } = aMemory();
		const numbers = Array.from({ length: 12_000 }, (_, n) => n + 1);
		expect(numbers.filter((number) => take(number))).toHaveLength(12_000);
		expect(numbers.filter((number) => take(number, { via: "slow" }))).toEqual([]);
	});

	it("is new out of order, within the window", () => {
		const { take } = aMemory();
		take(1);
		const random = seededRandom(1);
		const numbers = Array.from({ length: WINDOW - BROADCAST_BLOCK }, (_, n) => n + 2);
		const shuffled = numbers.map((number) => [random(), number] as const).sort(([a], [b]) => a - b);
		expect(shuffled.filter(([, number]) => take(number))).toHaveLength(numbers.length);
	});

	it("is old far below the newest, though it was never here", () => {
		const { take } = aMemory();
		take(1);
		for (let number = 3; number < 2 * WINDOW; number++) take(number);
		expect(take(2)).toBe(false);
	});

	it("is new a little below the first one from its origin, and not further below", () => {
		const { take } = aMemory();
		take(1_000);
		expect(take(1_000 - BROADCAST_REORDER)).toBe(true);
		expect(take(1_000 - BROADCAST_REORDER - 1)).toBe(false);
	});

	it("is new with the same number from another run", () => {
		const { take } = aMemory();
		take(7);
		expect(take(7, { run: "f".repeat(16) })).toBe(true);
	});

	it("is new after its origin was silent for longer than any copy takes", async () => {
		const { take, timers } = aMemory();
		take(1_000_000);
		expect(take(5)).toBe(false);
		await timers.advance(BROADCAST_IDLE_MS);
		expect(take(5)).toBe(true);
	});
});

describe("a hostile neighbour", () => {
	it("does not make an origin's numbers old with forged ones far ahead", () => {
		const { take } = aMemory();
		take(1);
		for (let n = 1; n < MAX_BROADCAST_BLOCKS; n++) take(10 ** 6 * n, { via: "hostile" });
		const numbers = Array.from({ length: 5_000 }, (_, n) => n + 2);
		expect(numbers.filter((number) => take(number))).toHaveLength(numbers.length);
	});

	it("does not make us forget the origins that others brought, with as many as it invents", () => {
		const { take } = aMemory();
		const runOf = (n: number) => n.toString(16).padStart(16, "0");
		for (let n = 0; n < MAX_ORIGINS / 4; n++) take(100, { run: runOf(n), via: "a" });
		for (let n = 0; n < 3 * MAX_ORIGINS; n++) take(1, { run: runOf(10 ** 6 + n), via: "hostile" });
		for (let n = 0; n < MAX_ORIGINS / 4; n++) expect(take(100, { run: runOf(n), via: "b" })).toBe(false);
	});

	it("throws nowhere, with any id", () => {
		const { memory } = aMemory();
		const ids = ["", ".", `${RUN}.`, `${RUN}.-1`, `${RUN}.1.5`, `${RUN}.1e3`, "msg-abc-1", "__proto__"];
		for (const id of ids) expect(memory.take(id, "a")).toBeUndefined();
		expect(memory.take(`${RUN}.999999999999999`, "a")?.isNew).toBe(true);
	});
});

it("no number is ever new twice, in any order, from any origins and neighbours", () => {
	const aCopy = fc.record({
		run: fc.constantFrom(RUN, "f".repeat(16)),
		via: fc.constantFrom("a", "b"),
		number: fc.oneof(fc.nat(3 * WINDOW), fc.nat(200), fc.integer({ min: 0, max: 999_999_999_999_999 })),
	});
	fc.assert(
		fc.property(fc.array(aCopy, { maxLength: 400 }), (copies) => {
			const { take } = aMemory();
			const taken = new Set<string>();
			for (const { run, via, number } of [...copies, ...copies]) {
				if (!take(number, { run, via })) continue;
				expect(taken.has(`${run} ${number}`)).toBe(false);
				taken.add(`${run} ${number}`);
			}
		}),
		{ numRuns: 200, seed: 11 },
	);
});
