import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortedRoom } from "../../lambda/adapters/sorted-room.ts";
import { FIRST_POSITION, headOf, LAST_POSITION, positionOf, startOf } from "../../lambda/core/routing-key.ts";
import { aPeer } from "../support/records.ts";

/** Few keys, some of which two ids share: `AB…` and `ab…` do. */
const peerId = fc
	.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean())
	.map(([n, upper]) => (0xabc000 + n).toString(16).padEnd(40, "a")[upper ? "toUpperCase" : "toString"]());

describe("a sorted room", () => {
	it("holds what a sorted list holds, after any changes, for any range in both directions", () => {
		const change = fc.tuple(fc.constantFrom("set", "set", "set", "delete"), fc.array(peerId, { maxLength: 300 }));
		fc.assert(
			fc.property(
				fc.array(change, { maxLength: 6 }),
				peerId,
				peerId,
				fc.integer({ min: 1, max: 40 }),
				(changes, a, b, limit) => {
					const room = sortedRoom();
					let written = 0;
					const expected = new Map<string, ReturnType<typeof aPeer>>();
					for (const [what, ids] of changes) {
						for (const id of ids) {
							const record = aPeer({ peerId: id, expiresAt: 1_000 + (written++ % 7) });
							const position = positionOf(record);
							if (what === "set") {
								room.set(record);
								expected.set(position, record);
							} else {
								room.delete(record);
								expected.delete(position);
							}
						}
					}
					const sorted = [...expected].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, record]) => record);
					const whole = {
						from: FIRST_POSITION,
						to: LAST_POSITION,
						direction: "ascending",
						limit: sorted.length + 1,
					} as const;
					expect(room.walk(whole).records).toEqual(sorted);
					expect(room.size()).toBe(sorted.length);
					for (const record of sorted) expect(room.get(record)).toBe(record);

					expect(room.expiredBy(1_003)).toEqual(sorted.filter(({ expiresAt }) => expiresAt <= 1_003));
					const ends = [
						FIRST_POSITION,
						LAST_POSITION,
						...[a, b].map((id) => positionOf(aPeer({ peerId: id }))),
						startOf(aPeer({ peerId: a }).key),
					];
					for (const from of ends) {
						for (const to of ends) {
							const within = sorted.filter((record) => positionOf(record) >= from && positionOf(record) <= to);
							for (const direction of ["ascending", "descending"] as const) {
								const walked = room.walk({ from, to, direction, limit });
								const ordered = direction === "ascending" ? within : [...within].reverse();
								expect(walked.records).toEqual(ordered.slice(0, limit));
								expect(walked.complete).toBe(within.length <= limit);
								if (walked.plain) for (const { key, peerId } of walked.records) expect(peerId).toBe(key);
								expect(walked.heads).toEqual(walked.records.map(({ key }) => headOf(key)));
								for (const { expiresAt } of walked.records)
									expect(expiresAt).toBeGreaterThanOrEqual(walked.expiresFrom);
							}
						}
					}
				},
			),
			{ numRuns: 60 },
		);
	});
});
