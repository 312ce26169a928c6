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
const SEPARATOR = "#";

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

export function toNumber(key: RoutingKey): bigint {
	return BigInt(`0x${key}`);
}

export function fromNumber(number: bigint): RoutingKey {
	return number.toString(16).padStart(KEY_DIGITS, "0");
}

/**
 * The number in [low, high] that is nearest to `target` by XOR: bit by bit from the top, the target's bit if the
 * bounds leave a choice.
 */
export function closestInRange(low: bigint, high: bigint, target: bigint): bigint {
	let closest = 0n;
	let onLow = true; // so far equal to low, so the next bit must not fall below it
	let onHigh = true;
	for (let shift = BigInt(KEY_BITS - 1); shift >= 0n; shift--) {
		const lowBit = (low >> shift) & 1n;
		const highBit = (high >> shift) & 1n;
		let bit = (target >> shift) & 1n;
		if (bit === 0n && onLow && lowBit === 1n) bit = 1n;
		else if (bit === 1n && onHigh && highBit === 0n) bit = 0n;
		closest |= bit << shift;
		onLow &&= bit === lowBit;
		onHigh &&= bit === highBit;
	}
	return closest;
}

/** Whether an id has the form of a routing key: exactly 40 hexadecimal digits. */
export function hasKeyForm(peerId: string): boolean {
	return peerId.length === KEY_DIGITS && /^[0-9a-f]+$/i.test(peerId);
}
