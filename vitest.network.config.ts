import { defineConfig } from "vitest/config";

/** `npm run test:network`: links across networks that only a TURN server joins. Needs Linux, root, `ip` and `turnserver`. */
export default defineConfig({
	test: {
		include: ["test/network/**/*.test.ts"],
		// By default vitest keeps one core for itself, which only waits while the tests run.
		maxWorkers: "100%",
		testTimeout: 60_000,
		hookTimeout: 30_000,
		maxConcurrency: 12,
	},
});
