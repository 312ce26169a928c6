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
import { digitAt, toNumber } from "./routing-key.ts";

/**
 * Two ids are crowded if their keys agree in the first 64 bits or so: a smaller gap than this. Among a million random ids
 * that happens about once in twenty million rooms.
 */
const CROWDED_GAP = 2n ** 96n;

/** 32 random bits, as 8 hexadecimal digits. */
const RANDOM_BYTES = 4;

/**
 * @param page peers in the order of their keys, ascending or descending
 * @param mayPick whether a peer may be picked at all
 */
export function pickFar(
	page: RangePage,
	mayPick: (peer: PeerRecord) => boolean,
	{ random }: { random(bytes: number): string },
): PeerRecord | undefined {
	const crowds = firstOfEachCrowd(page);
	// The end of the window may cut a crowd in two, and leave out the peer that arrived first.
	if (page.stoppedAt !== undefined && crowds.length > 1) crowds.pop();
	const oneOf = (peers: readonly PeerRecord[]) => peers[Number.parseInt(random(RANDOM_BYTES), 16) % peers.length];
	// In a large room nearly all may be picked, so only if this one may not, all are looked at. Each has the same chance.
	const first = oneOf(crowds);
	return first === undefined || mayPick(first) ? first : oneOf(crowds.filter(mayPick));
}

function firstOfEachCrowd({ peers, heads }: RangePage): PeerRecord[] {
	const crowds: PeerRecord[] = [];
	for (let n = 0; n < peers.length; n++) {
		const peer = peers[n] as PeerRecord;
		const isFirst = n === 0 || areApart(heads, n) || !isCrowded(peer, peers[n - 1] as PeerRecord);
		if (isFirst) crowds.push(peer);
		else if (arrivalOf(peer) < arrivalOf(crowds.at(-1) as PeerRecord)) crowds[crowds.length - 1] = peer;
	}
	return crowds;
}

/** Whether the heads say already that the nth peer and the one before it are not crowded, as they mostly do. */
function areApart(heads: readonly number[] | undefined, n: number): boolean {
	return heads !== undefined && Math.abs((heads[n] as number) - (heads[n - 1] as number)) > 1;
}

/** Digits of a key above the crowded gap. */
const DIGITS_ABOVE_GAP = 16;
/** Digits that are compared as a number. */
const COMPARED_DIGITS = 8;

function isCrowded(a: PeerRecord, b: PeerRecord): boolean {
	// Spares all pairs of random keys the arithmetic of 160 bits: the first digits that differ say how far apart they are.
	let at = 0;
	while (at < DIGITS_ABOVE_GAP && a.key.charCodeAt(at) === b.key.charCodeAt(at)) at++;
	if (at <= DIGITS_ABOVE_GAP - COMPARED_DIGITS) {
		let gap = 0;
		for (let n = at; n < at + COMPARED_DIGITS; n++) gap = 16 * gap + digitAt(a.key, n) - digitAt(b.key, n);
		if (Math.abs(gap) > 1) return false;
	}
	return distance(a, b) < CROWDED_GAP;
}

function distance(a: PeerRecord, b: PeerRecord): bigint {
	const difference = toNumber(a.key) - toNumber(b.key);
	return difference < 0n ? -difference : difference;
}

function arrivalOf({ since, lastSeen }: PeerRecord): number {
	return since ?? lastSeen;
}
