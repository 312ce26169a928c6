import type { TestProject } from "vitest/node";
import { build, outfile } from "../../scripts/build.mjs";

/** Builds the function before the tests, so that they run what would ship. */
export default async function setup({ provide }: TestProject): Promise<void> {
	await build();
	provide("bundle", outfile);
}

declare module "vitest" {
	interface ProvidedContext {
		/** The path of the built bundle. */
		bundle: string;
	}
}
