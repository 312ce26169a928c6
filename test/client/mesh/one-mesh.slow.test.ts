/** The large rooms that one-mesh.test.ts leaves out. */
import { describe, it } from "vitest";
import { AT_ONCE, becomesOne, ONE_BY_ONE } from "../support/become-one.ts";

describe.each([
	{ peers: 50, maxPeers: 4, seeds: [2, 3], ways: [AT_ONCE, ONE_BY_ONE] },
	{ peers: 200, maxPeers: 8, seeds: [1], ways: [ONE_BY_ONE] },
])("$peers peers with at most $maxPeers links", ({ peers, maxPeers, seeds, ways }) => {
	it.each(ways)("become one mesh when they join $way, and again when half of them leave", async ({ gapMs }) => {
		for (const seed of seeds) await becomesOne({ peers, maxPeers, seed, gapMs });
	});
});
