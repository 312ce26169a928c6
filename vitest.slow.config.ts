import { defineConfig } from "vitest/config";
import { slow } from "./vitest.shared.ts";

/** `npm run test:slow`: the tests that take long. */
export default defineConfig({ test: slow });
