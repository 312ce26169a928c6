/**
 * The key space in which peers are near or far. Nearness is by XOR, which is shared prefix, and a shared prefix is a
 * contiguous range of the sorted keys: that is what lets a few range queries find the nearest.
 */
/** 160 bits as 40 lower-case hexadecimal digits: the form of a Kademlia id. */
export type RoutingKey = string;

/**
 * A place in a room's sorted order: a routing key and the id that it belongs to. The id is part of it because two ids
 * can share a key (`AB…` and `ab…`, or a hexadecimal id that is the hash of a free-form one).
 */
export type Position = string;

const KEY_DIGITS = 40;
const KEY_BITS = 160;
/** Stands between the key and the id of a position. */
export const SEPARATOR = "#";

/** Before and after every position. */
export const FIRST_POSITION: Position = "0".repeat(KEY_DIGITS);
export const LAST_POSITION: Position = `${"f".repeat(KEY_DIGITS)}~`;

/** An id of 40 hexadecimal digits is its routing key. Any other id is hashed to one. */
export function routingKey(peerId: string, { sha256 }: { sha256(text: string): string }): RoutingKey {
	if (hasKeyForm(peerId)) return peerId.toLowerCase();
	return sha256(peerId).slice(0, KEY_DIGITS);
}

export function randomRoutingKey({ random }: { random(bytes: number): string }): RoutingKey {
	return random(KEY_BITS / 8);
}

export function positionOf(peer: { readonly key: RoutingKey; readonly peerId: string }): Position {
	return `${peer.key}${SEPARATOR}${peer.peerId}`;
}

/** Before every position with this key, and after every one with a smaller key. */
export function startOf(key: RoutingKey): Position {
	return key;
}

export function keyOf(position: Position): RoutingKey {
	return position.slice(0, KEY_DIGITS);
}

export function peerIdOf(position: Position): string {
	return position.slice(KEY_DIGITS + SEPARATOR.length);
}

/** Digits of a key that a number holds exactly. */
const HEAD_DIGITS = 13;

/** The number that a key begins with. Two keys with different heads are in the order of these. */
export function headOf(key: RoutingKey): number {
	let head = 0;
	for (let at = 0; at < HEAD_DIGITS; at++) head = 16 * head + digitAt(key, at);
	return head;
}

/** Half the digits of a head, which fit the 32 bits of an XOR. */
const HALF_HEAD = 2 ** 26;

/** The XOR distance of two heads. Of two keys, the one with the nearer head is nearer. */
export function headDistance(a: number, b: number): number {
	const highA = Math.floor(a / HALF_HEAD);
	const highB = Math.floor(b / HALF_HEAD);
	return (highA ^ highB) * HALF_HEAD + ((a - highA * HALF_HEAD) ^ (b - highB * HALF_HEAD));
}

/** The largest power of two that is not above a distance of heads. All keys on the far side of a head are at least so far away. */
export function leastBeyond(distance: number): number {
	const high = Math.floor(distance / HALF_HEAD);
	if (high > 0) return 2 ** (31 - Math.clz32(high)) * HALF_HEAD;
	return distance === 0 ? 0 : 2 ** (31 - Math.clz32(distance));
}

export function toNumber(key: RoutingKey): bigint {
	return BigInt(`0x${key}`);
}

/**
 * Compares by XOR distance from `target`: negative if `a` is nearer. Keys are compared digit by digit, because numbers of 160
 * bits cost far more, and random keys differ in their first digits.
 */
export function compareDistance(target: RoutingKey, a: RoutingKey, b: RoutingKey): number {
	if (a === b) return 0;
	let at = 0;
	while (at < KEY_DIGITS && a.charCodeAt(at) === b.charCodeAt(at)) at++;
	const digit = digitAt(target, at);
	return (digitAt(a, at) ^ digit) - (digitAt(b, at) ^ digit);
}

/**
 * The key in [low, high] that is nearest to `target` by XOR: digit by digit from the top, the digit nearest to the target's
 * that the bounds leave. Once it lies strictly between the bounds, the rest is the target's.
 */
export function closestInRange(low: RoutingKey, high: RoutingKey, target: RoutingKey): RoutingKey {
	let closest = "";
	let onLow = true; // so far equal to low, so the next digit must not fall below it
	let onHigh = true;
	for (let at = 0; at < KEY_DIGITS; at++) {
		if (!onLow && !onHigh) return closest + target.slice(at);
		const least: number = onLow ? digitAt(low, at) : 0;
		const most: number = onHigh ? digitAt(high, at) : 15;
		const wanted = digitAt(target, at);
		let digit: number = least;
		for (let other = least + 1; other <= most; other++) {
			if ((other ^ wanted) < (digit ^ wanted)) digit = other;
		}
		closest += digit.toString(16);
		onLow &&= digit === least;
		onHigh &&= digit === most;
	}
	return closest;
}

/** The value of a hexadecimal digit in lower case. */
export function digitAt(key: RoutingKey, at: number): number {
	const code = key.charCodeAt(at);
	return code < 58 ? code - 48 : code - 87;
}

/** Whether an id has the form of a routing key: exactly 40 hexadecimal digits. */
export function hasKeyForm(peerId: string): boolean {
	return peerId.length === KEY_DIGITS && /^[0-9a-f]+$/i.test(peerId);
}
