import { defineConfig } from "vitest/config";

/**
 * `npm run test:fuzz`: the fuzz of `npm test` with many more frames; FUZZ_FRAMES says how many. FUZZ_SEED makes it the same
 * ones each time.
 * A failure prints its seed and path: give them to `fc.assert` in test/fuzz/check.ts to see it again.
 */
export default defineConfig({
	test: {
		include: ["test/fuzz/**/*.test.ts"],
		provide: {
			fuzzFrames: Number(process.env.FUZZ_FRAMES ?? 120_000),
			fuzzSeed: process.env.FUZZ_SEED ? Number(process.env.FUZZ_SEED) : undefined,
		},
		disableConsoleIntercept: true,
		// By default vitest keeps one core for itself, which only waits while the tests run.
		maxWorkers: "100%",
		testTimeout: 1_200_000,
		hookTimeout: 60_000,
	},
});
