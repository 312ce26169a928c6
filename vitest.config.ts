import { defineConfig } from "vitest/config";
import { fast } from "./vitest.shared.ts";

/** The fast tests, of `npm test`. */
export default defineConfig({ test: fast });
