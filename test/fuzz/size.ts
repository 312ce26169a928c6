import { inject } from "vitest";

declare module "vitest" {
	interface ProvidedContext {
		/** How many frames the fuzz sends to the handler; a quarter of it goes over sockets besides. */
		fuzzFrames?: number;
	}
}

/** What `npm test` sends. */
const SMALL = 4_000;

export const FRAMES = inject("fuzzFrames") ?? SMALL;

/** Whether this is `npm run test:fuzz`, which prints what it did and reaches what only many frames reach. */
export const IS_LARGE = FRAMES >= 100_000;

/** What has to happen in a run of this size: what is `rare` only in a large one. */
export function due(frequent: readonly string[], rare: readonly string[]): string[] {
	return IS_LARGE ? [...frequent, ...rare] : [...frequent];
}
