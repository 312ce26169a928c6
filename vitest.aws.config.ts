import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const FOLDER = "test/aws";
const TEST = ".test.ts";

/** `npm run test:aws`: the whole stack, deployed by Terraform into an AWS emulator. */
export default defineConfig({
	test: {
		// Terraform often waits for seconds, and the provider for up to a minute: two cores are busy with more files than two.
		maxWorkers: 4,
		// Each file has its own emulator, because some look at everything that it holds.
		projects: readdirSync(FOLDER).flatMap((file) =>
			file.endsWith(TEST)
				? [
						{
							test: {
								name: file.slice(0, -TEST.length),
								include: [`${FOLDER}/${file}`],
								globalSetup: ["test/aws/emulator.ts"],
								// The tools run on Node 20, of which the AWS SDK warns at every start; the function runs on a current runtime.
								env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
								// Far more than any test takes: a machine may be busy, and then a test that is slow has not failed.
								testTimeout: 120_000,
								hookTimeout: 240_000,
							},
						},
					]
				: [],
		),
	},
});
