import { defineConfig } from "vitest/config";
import { SLOW, shared } from "./vitest.shared.ts";

/** The fast tests, of `npm test`. */
export default defineConfig({
	test: { ...shared, include: ["test/**/*.test.ts"], exclude: [...shared.exclude, SLOW] },
});
