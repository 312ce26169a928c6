import { defineConfig } from "vitest/config";
import { SLOW, shared } from "./vitest.shared.ts";

/** `npm run test:slow`: the tests that take long. */
export default defineConfig({
	test: { ...shared, include: [SLOW] },
});
