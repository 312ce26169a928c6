/**
 * How near two peers are, by exclusive or, in the first 48 bits of the key space: enough for any room. An id of 40 hexadecimal
 * digits is its own place, as it is for the server. Another id is hashed here, and its place is not the server's: then the
 * nearest peers are others, and ways are found all the same.
 */

type Place = readonly [high: number, low: number];

/** @returns a function that measures from a key */
export function distanceFrom(key: string): (peerId: string) => number {
	const [high, low] = placeOf(key);
	return (peerId) => {
		const [otherHigh, otherLow] = placeOf(peerId);
		return (high ^ otherHigh) * 2 ** 24 + (low ^ otherLow);
	};
}

function placeOf(id: string): Place {
	if (!/^[0-9a-f]{40}$/i.test(id)) return [hash(id, 0x811c9dc5), hash(id, 0x01000193)];
	return [Number.parseInt(id.slice(0, 6), 16), Number.parseInt(id.slice(6, 12), 16)];
}

/** FNV-1a with a last mixing, 24 bits of it. */
function hash(text: string, seed: number): number {
	let value = seed;
	for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
	value = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
	return (value ^ (value >>> 13)) & 0xffffff;
}
