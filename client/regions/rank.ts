/** Which deployment is the home of a room: the same for every client, for any order of its list. */
import { encodeText } from "../json.ts";

/**
 * The deployments of a room, its home first: by rendezvous hashing. Each has a weight for the room, and the heaviest is the
 * home. So a deployment that joins the list or goes moves only the rooms that it wins or had.
 * https://en.wikipedia.org/wiki/Rendezvous_hashing
 */
export function ranked<Place extends { readonly id: string }>(places: readonly Place[], room: string): Place[] {
	return places
		.map((place) => ({ place, weight: hash(`${place.id}\n${room}`) }))
		.sort((a, b) => b.weight - a.weight || (a.place.id < b.place.id ? -1 : 1))
		.map(({ place }) => place);
}

/**
 * 32 bits that depend on each bit of the text: FNV-1a, and a finalizer, because FNV alone leaves texts with one beginning
 * near each other. No attacker gains by a collision, so it needs no cryptography, and works on pages without `crypto.subtle`.
 */
export function hash(text: string): number {
	let sum = 0x811c9dc5;
	for (const byte of encodeText(text)) sum = Math.imul(sum ^ byte, 0x01000193);
	sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
	sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
	return (sum ^ (sum >>> 16)) >>> 0;
}
