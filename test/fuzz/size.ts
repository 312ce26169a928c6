import { inject } from "vitest";

declare module "vitest" {
	interface ProvidedContext {
		/** How many frames the fuzz sends to the handler; a quarter of it goes over sockets besides. */
		fuzzFrames?: number;
		/** The seed of the first property, counted up from there. Absent: of `npm run test:fuzz`, ever new ones. */
		fuzzSeed?: number | undefined;
	}
}

/** What `npm test` sends. */
const SMALL = 4_000;

export const FRAMES = inject("fuzzFrames") ?? SMALL;

/** Whether this is `npm run test:fuzz`, which prints what it did and reaches what only many frames reach. */
export const IS_LARGE = FRAMES >= 100_000;

/** The seed of the first property; undefined where each run is to have its own. */
export const FIRST_SEED = inject("fuzzSeed") ?? (IS_LARGE ? undefined : 1);

/** What has to happen in a run of this size: what is `rare` only in a large one. */
export function due(frequent: readonly string[], rare: readonly string[]): string[] {
	return IS_LARGE ? [...frequent, ...rare] : [...frequent];
}
