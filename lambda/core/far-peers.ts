/**
 * Picks a far peer from a window of neighbours in the key space, so that chosen ids buy little.
 *
 * Clients choose their ids. A pick of the next peer after a random key would always take an id that sits right before an
 * honest one. So the pick is random within the window, and of ids that are much closer together than chance puts them, only
 * the peer that arrived first counts: to sit beside an id, an attacker must know it. Then chosen ids get at most their share
 * of the window.
 */
import type { RangePage } from "./ports.ts";
import type { PeerRecord } from "./records.ts";
import { toNumber } from "./routing-key.ts";

/**
 * Two ids are crowded if the gap between them is this many times smaller than the largest gap of the window. Among 16
 * random ids that happens about once in ten thousand windows.
 */
const CROWDED = 2n ** 20n;

/** 32 random bits, as 8 hexadecimal digits. */
const RANDOM_BYTES = 4;

/**
 * @param page peers in the order of their keys, ascending or descending
 * @param mayPick whether a peer may be picked at all
 */
export function pickFar(
	{ peers, stoppedAt }: RangePage,
	mayPick: (peer: PeerRecord) => boolean,
	{ random }: { random(bytes: number): string },
): PeerRecord | undefined {
	const crowds = firstOfEachCrowd(peers);
	// The end of the window may cut a crowd in two, and leave out the peer that arrived first.
	if (stoppedAt !== undefined && crowds.length > 1) crowds.pop();
	const candidates = crowds.filter(mayPick);
	if (candidates.length === 0) return undefined;
	return candidates[Number.parseInt(random(RANDOM_BYTES), 16) % candidates.length];
}

function firstOfEachCrowd(window: readonly PeerRecord[]): PeerRecord[] {
	const gaps = window.slice(1).map((peer, n) => distance(peer, window[n] as PeerRecord));
	const largest = gaps.reduce((most, gap) => (gap > most ? gap : most), 0n);
	const crowds: PeerRecord[] = [];
	for (const [n, peer] of window.entries()) {
		const isCrowded = n > 0 && (gaps[n - 1] as bigint) * CROWDED < largest;
		const before = crowds.at(-1);
		if (!isCrowded || before === undefined) crowds.push(peer);
		else if (arrivalOf(peer) < arrivalOf(before)) crowds[crowds.length - 1] = peer;
	}
	return crowds;
}

function distance(a: PeerRecord, b: PeerRecord): bigint {
	const difference = toNumber(a.key) - toNumber(b.key);
	return difference < 0n ? -difference : difference;
}

function arrivalOf({ since, lastSeen }: PeerRecord): number {
	return since ?? lastSeen;
}
