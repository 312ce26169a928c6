import { describe, expect, it } from "vitest";
import { explore } from "./explore.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Bounds } from "./scheduler.ts";

/** Small enough for seconds. `npm run explore` goes further. */
const BOUNDS: Readonly<Record<string, Bounds>> = {
	"with one preemption": { preemptions: 1, crashes: 0, failures: 0 },
	"with one preemption and stale reads": { preemptions: 1, crashes: 0, failures: 0, staleReads: true },
	"with one invocation that dies": { preemptions: 0, crashes: 1, failures: 0 },
	"with one call that fails": { preemptions: 0, crashes: 0, failures: 1 },
};
const MAX_RUNS = 100;

describe.each(Object.entries(BOUNDS))("keeps its promises %s", (_, bounds) => {
	it.each(SCENARIOS)("$name", async (scenario) => {
		const { violations } = await explore(scenario, { ...bounds, maxRuns: MAX_RUNS });

		expect(violations).toEqual([]);
	});
});
