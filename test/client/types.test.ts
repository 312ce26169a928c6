/** The client's declarations, as `npm run build:client` writes them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, onTestFinished } from "vitest";
import { clientTypes } from "../../scripts/build-client.mjs";
import { run } from "../support/command.ts";
import { ROOT } from "../support/repository.ts";

it("need neither the browser's types nor Node's", async () => {
	const folder = mkdtempSync(join(tmpdir(), "client-types-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const types = join(folder, "index.d.ts");
	writeFileSync(types, clientTypes());

	const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022", "--types", ""];
	const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
	await run(process.execPath, [tsc, ...options, types], { cwd: folder, timeoutMs: 60_000 });
});
