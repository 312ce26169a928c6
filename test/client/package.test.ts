/** The client as a program gets it that installs the package. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildClient } from "../../scripts/build-client.mjs";
import { run } from "../support/command.ts";
import { ROOT } from "../support/repository.ts";

describe("p2pmesh-signaling/client", () => {
	let program: string;

	beforeAll(async () => {
		program = mkdtempSync(join(tmpdir(), "program-"));
		const installed = join(program, "node_modules", "p2pmesh-signaling");
		mkdirSync(installed, { recursive: true });
		cpSync(join(ROOT, "package.json"), join(installed, "package.json"));
		await buildClient(join(installed, "dist", "client"));
		writeFileSync(join(program, "package.json"), JSON.stringify({ type: "module" }));
	});
	afterAll(() => rmSync(program, { recursive: true }));

	it("is found by its name", async () => {
		writeFileSync(
			join(program, "program.js"),
			`import { createMesh, MeshError } from "p2pmesh-signaling/client";
			createMesh({ url: 1 }).catch((error) => console.log(error instanceof MeshError, error.code));`,
		);

		const { stdout } = await run(process.execPath, ["program.js"], { cwd: program, timeoutMs: 30_000 });

		expect(stdout).toBe("true BAD_OPTIONS\n");
	});

	it("uses nothing that is newer than the browsers that docs/client.md names", () => {
		const built = readFileSync(
			join(program, "node_modules", "p2pmesh-signaling", "dist", "client", "index.js"),
			"utf8",
		);
		// Chrome and Edge 94, Firefox 93 and Safari 15.4 have ES2022, and lack these.
		const newer =
			/\.(canParse|toSorted|toReversed|toSpliced|with|findLast|findLastIndex|withResolvers|groupBy|isWellFormed|toWellFormed|fromAsync|union|intersection|difference)\(|AbortSignal\.(any|timeout)|Iterator\.from|structuredClone|scheduler\./;
		expect(newer.exec(built)?.[0]).toBeUndefined();
	});

	it("has types that fit the README's example", async () => {
		const readme = readFileSync(join(ROOT, "README.md"), "utf8");
		const [, example = ""] = /```js\n(import \{ createMesh \}[\s\S]*?)```/.exec(readme) ?? [];
		expect(example).toContain("mesh.broadcast(data)");
		const given = "declare const url: string, peerId: string, data: { text: string };\n";
		writeFileSync(join(program, "example.ts"), `${given}${example}`);
		const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom"];

		const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
		await run(process.execPath, [tsc, ...options, "--types", "", "example.ts"], { cwd: program, timeoutMs: 60_000 });
	});
});
