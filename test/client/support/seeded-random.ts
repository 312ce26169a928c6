export { seededRandom } from "../../../local/seeded-random.ts";

/** Hexadecimal digits from such numbers. */
export function seededHex(random: () => number): (digits: number) => string {
	return (digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
}
