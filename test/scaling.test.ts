/** The arithmetic of docs/performance.md: which limit is reached at how many peers, and how busy one room can be. */
import { describe, expect, it } from "vitest";
import { boundsOf, DEFAULT_LOAD, demandOf, limitsInForce } from "../bench/scaling/bounds.ts";
import { joinsPerSecond, throttledShare } from "../bench/scaling/hot-room.ts";

const load = { ...DEFAULT_LOAD, peers: 10_000 };

describe("the bounds of a deployment", () => {
	it("are met exactly at the number of peers that they name", () => {
		for (const { limit, most, reachedAt } of boundsOf(load)) {
			expect(demandOf({ ...load, peers: reachedAt })[limit], limit).toBeLessThanOrEqual(most);
			expect(demandOf({ ...load, peers: reachedAt + 1 })[limit], limit).toBeGreaterThan(most);
		}
	});

	it("name the limit first that is reached first", () => {
		const reached = boundsOf(load).map(({ reachedAt }) => reachedAt);

		expect(reached).toEqual([...reached].sort((a, b) => a - b));
	});

	it("come later for a room that holds a tenth of the peers", () => {
		const at = (largestRoom: number) =>
			boundsOf({ ...load, largestRoom }).find(({ limit }) => limit === "partitionReads")?.reachedAt ?? 0;

		expect(at(0.1)).toBeGreaterThan(9.9 * at(1));
	});
});

describe("a hot room", () => {
	it("takes fewer joins than its partition has units for, and more with more partitions", () => {
		const one = joinsPerSecond({ partitions: 1, departures: 0 });

		expect(one).toBeLessThan(limitsInForce().partitionReads / 3.5);
		expect(one).toBeGreaterThan(700);
		expect(joinsPerSecond({ partitions: 2, departures: 0 })).toBeGreaterThan(1.8 * one);
	});

	it("throttles nothing far below its bound, and much far above it", () => {
		const room = { partitions: 1, departures: 1 };

		expect(throttledShare(100, room)).toBe(0);
		expect(throttledShare(1_000, room)).toBeGreaterThan(0.2);
	});
});
