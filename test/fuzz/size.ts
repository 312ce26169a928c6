import { inject } from "vitest";

declare module "vitest" {
	interface ProvidedContext {
		/** How many frames the fuzz sends to the handler. It sends another quarter of that over sockets. */
		fuzzFrames?: number;
		/** The seed of the first property, counted up from there. Absent: of `npm run test:fuzz`, ever new ones. */
		fuzzSeed?: number | undefined;
	}
}

/** What `npm test` sends. */
const SMALL = 4_000;

export const FRAMES = inject("fuzzFrames") ?? SMALL;

/** Whether this is `npm run test:fuzz`, which prints its tallies, and reaches the rare outcomes. */
export const IS_LARGE = FRAMES >= 100_000;

/** The seed of the first property; undefined where each run is to have its own. */
export const FIRST_SEED = inject("fuzzSeed") ?? (IS_LARGE ? undefined : 1);

/** The outcomes that a run of this size has to have: the `rare` ones only in a large run. */
export function due(frequent: readonly string[], rare: readonly string[]): string[] {
	return IS_LARGE ? [...frequent, ...rare] : [...frequent];
}
