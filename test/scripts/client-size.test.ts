/** What the client may weigh: at once, and each part that loads later. */
import { describe, expect, it } from "vitest";
import { MAX_CLIENT_BYTES, measureClient, oversized } from "../../scripts/build-client.mjs";

describe("measureClient", () => {
	it("counts apart what loads when it is needed", async () => {
		const { atOnce, parts } = await measureClient();

		expect(Object.keys(parts)).toContain("p2pmesh");
		expect(Object.keys(parts)).not.toContain("core");
		// An application that loads this at once would have the words of p2pmesh in it.
		expect(atOnce).toBeGreaterThan(10_000);
	});
});

describe("oversized", () => {
	const committed = { atOnce: 10_000, parts: { p2pmesh: 1_000 } };

	it("lets the client and each part grow by 3 %", () => {
		expect(oversized({ atOnce: 10_300, parts: { p2pmesh: 1_030 } }, committed)).toEqual([]);
		expect(oversized({ atOnce: 10_301, parts: { p2pmesh: 1_031 } }, committed)).toEqual([
			expect.stringContaining("10300 are allowed"),
			expect.stringContaining("p2pmesh has 1031 bytes gzipped; 1030 are allowed"),
		]);
	});

	it("lets nothing through the ceiling, whatever was committed", () => {
		const measured = { atOnce: MAX_CLIENT_BYTES + 1, parts: {} };

		expect(oversized(measured, { ...measured })).toHaveLength(1);
	});

	it("wants a figure for each part", () => {
		expect(oversized({ atOnce: 1, parts: { files: 1 } }, committed)).toHaveLength(1);
	});
});
