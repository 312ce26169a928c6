import { describe, expect, it } from "vitest";
import { pickFar } from "../../lambda/core/far-peers.ts";
import type { PeerRecord } from "../../lambda/core/records.ts";
import { aPeer } from "../support/records.ts";

const anyPeer = () => true;
/** Every pick that a random number can make. */
const picksFrom = (window: readonly PeerRecord[], mayPick: (peer: PeerRecord) => boolean = anyPeer) =>
	new Set(
		window.map(
			(_, n) => pickFar({ peers: window }, mayPick, { random: () => n.toString(16).padStart(8, "0") })?.lastSeen,
		),
	);
/** A peer at this place of the key space, known by the time of its arrival. */
const at = (place: bigint, arrival: number, more: Partial<PeerRecord> = {}) =>
	aPeer({ peerId: place.toString(16).padStart(40, "0"), lastSeen: arrival, ...more });
const FAR_APART = 2n ** 150n;

describe("pickFar", () => {
	it("may pick every peer of a window of random ids", () => {
		const window = Array.from({ length: 16 }, (_, n) => at(FAR_APART * BigInt(n + 1), n));

		expect(picksFrom(window).size).toBe(16);
	});

	it("picks the peer that arrived first of ids that sit side by side", () => {
		const window = [
			at(FAR_APART - 1n, 7),
			at(FAR_APART, 3),
			at(FAR_APART + 1n, 8),
			at(2n * FAR_APART, 4),
			at(2n * FAR_APART + 1n, 9),
		];

		expect(picksFrom(window)).toEqual(new Set([3, 4]));
		expect(picksFrom(window.toReversed())).toEqual(new Set([3, 4]));
	});

	it("takes two ids for side by side exactly if less than 2^96 lies between them, wherever they differ", () => {
		const gap = 2n ** 96n;
		for (let bit = 97n; bit < 160n; bit++) {
			for (const [distance, picks] of [
				[gap - 1n, [1]],
				[gap, [1, 2]],
				[gap + 1n, [1, 2]],
			] as const) {
				// The lower id ends in ones up to this bit, so a carry runs up to it.
				const low = 2n ** bit - 1n;
				expect([bit, distance, picksFrom([at(low, 1), at(low + distance, 2)])]).toEqual([
					bit,
					distance,
					new Set(picks),
				]);
			}
		}
	});

	it("goes by the first arrival of a peer that has resumed", () => {
		const window = [at(FAR_APART, 9, { since: 3 }), at(FAR_APART + 1n, 8), at(2n * FAR_APART, 4)];

		expect(picksFrom(window)).toEqual(new Set([9, 4]));
	});

	it("picks only what may be picked, and nothing from nothing", () => {
		const window = [at(FAR_APART, 1), at(2n * FAR_APART, 2)];

		expect(picksFrom(window, ({ lastSeen }) => lastSeen === 2)).toEqual(new Set([2]));
		expect(picksFrom([])).toEqual(new Set());
		expect(pickFar({ peers: window }, () => false, { random: () => "00000000" })).toBeUndefined();
	});
});
