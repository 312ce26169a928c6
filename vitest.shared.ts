import { configDefaults } from "vitest/config";

/** Files that take long. `npm test` leaves them to `npm run test:slow`. */
const SLOW = "test/**/*.slow.test.ts";

/** Files that both sets run: `npm test` a part of them, `npm run test:slow` the rest. They read `inject("thorough")`. */
const BOTH = [
	"test/adapters/dynamodb-items.test.ts",
	"test/client/members/room.test.ts",
	"test/client/mesh/tree.test.ts",
	"test/contract/faults.test.ts",
	"test/core/instances.test.ts",
	"test/cost.test.ts",
	"test/model/model.test.ts",
];

/** Suites that need more than Node.js, each with its own command and configuration. */
const SUITES = ["test/aws/**", "test/browser/**", "test/network/**"];

declare module "vitest" {
	interface ProvidedContext {
		/** Whether this is `npm run test:slow`. */
		thorough: boolean;
	}
}

const shared = {
	globalSetup: ["test/support/build-once.ts"],
	// The AWS SDK warns at every start on Node.js 20, which the tools still run on. The function runs on a current runtime.
	env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
	// Far more than any test takes: a machine may be busy, and then a test that is slow has not failed.
	testTimeout: 120_000,
	hookTimeout: 120_000,
	// By default vitest keeps one core for itself, which only waits while the tests run.
	maxWorkers: "100%",
};

export const fast = {
	...shared,
	include: ["test/**/*.test.ts"],
	exclude: [...configDefaults.exclude, ...SUITES, SLOW],
	provide: { thorough: false },
};

export const slow = {
	...shared,
	include: [SLOW, ...BOTH],
	exclude: [...configDefaults.exclude, ...SUITES],
	provide: { thorough: true },
};
