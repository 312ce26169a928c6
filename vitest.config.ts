import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		exclude: ["test/aws/**", "test/browser/**", "test/network/**"],
		globalSetup: ["test/support/build-once.ts"],
		// The tools run on Node 20, of which the AWS SDK warns at every start; the function runs on a current runtime.
		env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
