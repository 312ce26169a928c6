/** Chance, so that peers do not all do the same. @param random a number from 0 up to, not including, 1 */

/** Give or take a quarter, so that peers do not act at the same moment. */
export function jittered(ms: number, random: () => number): number {
	return ms * (0.75 + random() / 2);
}

/** From a random one on, so that each one comes first at times. */
export function rotated<Item>(items: readonly Item[], random: () => number): Item[] {
	const start = Math.floor(random() * items.length);
	return [...items.slice(start), ...items.slice(0, start)];
}
