import { defineConfig } from "vitest/config";

/** `npm run test:aws`: the whole stack, deployed by Terraform into an AWS emulator. */
export default defineConfig({
	test: {
		include: ["test/aws/**/*.test.ts"],
		globalSetup: ["test/aws/emulator.ts"],
		testTimeout: 20_000,
		hookTimeout: 60_000,
	},
});
