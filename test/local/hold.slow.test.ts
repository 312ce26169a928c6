import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { run } from "../support/command.ts";
import { PATIENCE_MS } from "../support/waiting.ts";

const bench = fileURLToPath(new URL("../../bench/hold.ts", import.meta.url));

it("bench:hold holds a few connections, drops some, and finds nothing lost and no ghosts", async () => {
	const options = ["--connections", "60", "--drops", "15", "--rooms", "3", "--signals-per-second", "500"];

	const { stdout } = await run(process.execPath, ["--import", "tsx", bench, ...options], { timeoutMs: PATIENCE_MS });

	expect(stdout).toMatch(/connections held +\| +60 of 60 /);
	expect(stdout).toMatch(/ghosts left +\| +0 /);
	expect(stdout).toMatch(/- lost +\| +0 /);
});
