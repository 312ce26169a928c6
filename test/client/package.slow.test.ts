/** The client as a program gets it that installs the package. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
		const folder = join(program, "node_modules", "p2pmesh-signaling", "dist", "client");
		const built = readdirSync(folder).flatMap((file) =>
			file.endsWith(".js") ? [readFileSync(join(folder, file), "utf8")] : [],
		);
		// Chrome and Edge 94, Firefox 93 and Safari 15.4 have ES2022, and lack these.
		const newer =
			/\.(canParse|toSorted|toReversed|toSpliced|with|findLast|findLastIndex|withResolvers|groupBy|isWellFormed|toWellFormed|fromAsync|union|intersection|difference)\(|AbortSignal\.(any|timeout)|Iterator\.from|structuredClone|scheduler\./;
		expect(built.length).toBeGreaterThan(3);
		expect(built.flatMap((code) => newer.exec(code)?.[0] ?? [])).toEqual([]);
	});

	it("has types that fit the README's examples", async () => {
		const readme = readFileSync(join(ROOT, "README.md"), "utf8");
		const examples = [...readme.matchAll(/```js\n(import \{ createMesh \}[\s\S]*?)```/g)].map(
			([, example = ""]) => example,
		);
		expect(examples.join("")).toContain("mesh.broadcast(data)");
		const given = "declare const url: string, peerId: string, data: { text: string };\n";
		const files = examples.map((_, index) => `example-${index}.ts`);
		for (const [index, file] of files.entries()) writeFileSync(join(program, file), `${given}${examples[index]}`);
		const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom"];

		const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
		await run(process.execPath, [tsc, ...options, "--types", "", ...files], { cwd: program, timeoutMs: 60_000 });
	});
});
