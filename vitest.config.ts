import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		exclude: ["test/aws/**", "test/browser/**"],
		globalSetup: ["test/support/build-once.ts"],
		testTimeout: 20_000,
		hookTimeout: 60_000,
	},
});
