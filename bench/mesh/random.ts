/** Repeatable randomness: all random choices of a simulation come from one seed. */
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { Crypto } from "../../lambda/core/ports.ts";
import { seededRandom as seededNumbers } from "../../local/seeded-random.ts";

export interface Random {
	/** A whole number, at least 0 and less than `limit`. */
	below(limit: number): number;
	/** `bytes` random bytes, as lower-case hexadecimal. */
	hexadecimal(bytes: number): string;
	/** `count` of the items in a random order; all of them without `count`. */
	pick<T>(items: readonly T[], count?: number): T[];
}

/** 32 bits of state are plenty for these simulations, and every machine draws the same numbers. */
export function seededRandom(seed: number): Random {
	const number = seededNumbers(seed);
	const below = (limit: number) => Math.floor(number() * limit);

	return {
		below,
		hexadecimal: (bytes) => Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, "0")).join(""),
		pick<T>(items: readonly T[], count = items.length) {
			const rest = [...items];
			const picked: T[] = [];
			while (picked.length < count && rest.length > 0) {
				const index = below(rest.length);
				picked.push(rest[index] as T);
				rest[index] = rest.at(-1) as T;
				rest.pop();
			}
			return picked;
		},
	};
}

/** The crypto port with its randomness taken from a seed. */
export function seededCrypto(random: Random): Crypto {
	return { ...nodeCrypto, random: random.hexadecimal };
}
