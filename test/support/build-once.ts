import type { TestProject } from "vitest/node";
import { build } from "../../scripts/build.mjs";

/** Builds the function before the tests, so that they run what would ship. */
export default async function setup({ provide }: TestProject): Promise<void> {
	const { bundle, zip, atStart } = await build();
	provide("bundle", bundle);
	provide("zip", zip);
	provide("atStart", atStart);
}

declare module "vitest" {
	interface ProvidedContext {
		/** The path of the built bundle's entry. */
		bundle: string;
		/** The path of the zip that Lambda gets. */
		zip: string;
		/** The paths of the files that load when the function starts. */
		atStart: string[];
	}
}
