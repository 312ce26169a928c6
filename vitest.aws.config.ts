import { defineConfig } from "vitest/config";

/** `npm run test:aws`: the whole stack, deployed by Terraform into an AWS emulator. */
export default defineConfig({
	test: {
		include: ["test/aws/**/*.test.ts"],
		globalSetup: ["test/aws/emulator.ts"],
		// The files share the emulator, and deployment.test.ts looks at everything that it holds.
		fileParallelism: false,
		// The tools run on Node 20, of which the AWS SDK warns at every start; the function runs on a current runtime.
		env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
		testTimeout: 20_000,
		hookTimeout: 60_000,
	},
});
