import { configDefaults } from "vitest/config";

/** Tests that take long. `npm test` leaves them to `npm run test:slow`. */
export const SLOW = "test/**/*.slow.test.ts";

/** Suites that need more than Node.js, each with a command and a configuration of its own. */
export const SUITES = ["test/aws/**", "test/browser/**", "test/network/**"];

/** What the fast and the slow tests share. */
export const shared = {
	exclude: [...configDefaults.exclude, ...SUITES],
	globalSetup: ["test/support/build-once.ts"],
	// The AWS SDK warns at every start on Node.js 20, which the tools still run on. The function runs on a current runtime.
	env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
	// Far more than any test takes: a machine may be busy, and then a test that is slow has not failed.
	testTimeout: 120_000,
	hookTimeout: 120_000,
	// vitest leaves a core to itself otherwise, and waits for the tests on it.
	maxWorkers: "100%",
};
