/** How `npm start` gets from sources to one file. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { bundled } from "../../scripts/bundled.mjs";

const BUNDLED = new URL("../../scripts/bundled.mjs", import.meta.url);

/** A repository with a program of two files. */
function aRepository() {
	const root = mkdtempSync(join(tmpdir(), "starting-"));
	onTestFinished(() => rmSync(root, { recursive: true, force: true }));
	const write = (path: string, content: string) => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content);
	};
	write("package-lock.json", "{}");
	write("local/main.ts", 'import { greet } from "../lambda/greet.ts";\ngreet("hello");\n');
	write("lambda/greet.ts", "export function greet(text: string): void {\n\tconsole.log(text);\n}\n");
	let builds = 0;
	const build = (_entry: string, folder: string) => {
		builds += 1;
		writeFileSync(join(folder, "main.mjs"), "");
	};
	return { root, write, builds: () => builds, bundle: () => bundled("local/main.ts", root, build) };
}

/** Runs the program of a repository as `npm start` does. */
function run(root: string) {
	const program = `import { pathToFileURL } from "node:url";
		import { bundled, readableStacks } from ${JSON.stringify(BUNDLED.href)};
		const file = bundled("local/main.ts", ${JSON.stringify(root)});
		readableStacks(file);
		await import(pathToFileURL(file).href);`;
	return spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
}

describe("the program of npm start", () => {
	it("is built once for the same sources, and again after a change of one", () => {
		const { root, write, builds, bundle } = aRepository();

		const first = bundle();
		expect(bundle()).toBe(first);
		expect(builds()).toBe(1);

		const before = readFileSync(join(root, "lambda/greet.ts"), "utf8");
		write("lambda/greet.ts", `${before}// changed\n`);
		expect(bundle()).not.toBe(first);
		expect(builds()).toBe(2);

		write("lambda/greet.ts", before);
		expect(bundle()).toBe(first);
		expect(builds()).toBe(2);
	});

	it("is built again after a change of the packages", () => {
		const { write, builds, bundle } = aRepository();
		bundle();

		write("package-lock.json", '{ "packages": {} }');
		bundle();

		expect(builds()).toBe(2);
	});

	it("leaves a few builds and nothing half-built", () => {
		const { root, write, bundle } = aRepository();

		for (let n = 0; n < 7; n++) {
			write("lambda/greet.ts", `export const greet = console.log; // ${n}\n`);
			bundle();
		}

		expect(readdirSync(join(root, ".cache/programs"))).toHaveLength(4);
	});

	it("runs without a loader: one file that imports modules of Node.js only", () => {
		const file = bundled("local/main.ts");

		const imports = [...readFileSync(file, "utf8").matchAll(/^import .* from "([^"]+)";$/gm)].map((match) => match[1]);
		expect(imports.filter((name) => !name?.startsWith("node:") && !name?.startsWith("./"))).toEqual([]);
		expect(imports).toContain("node:http");
	});

	it("shows the sources in its stack traces", () => {
		const { root, write } = aRepository();
		write("lambda/greet.ts", "export function greet(text: string): void {\n\n\n\tthrow new Error(text);\n}\n");

		const { stderr, status } = run(root);

		expect(status).toBe(1);
		expect(stderr).toContain("Error: hello");
		expect(stderr).toContain(`at greet (${pathToFileURL(join(root, "lambda/greet.ts"))}:4:8)`);
		expect(stderr).toContain(`at ${pathToFileURL(join(root, "local/main.ts"))}:2:1`);
	});

	it("says in which line of which file it does not compile", () => {
		const { root, write } = aRepository();
		write("lambda/greet.ts", "export function greet(text: string): void {\n\tconsole.log(text;\n}\n");

		const { stderr, status } = run(root);

		expect(status).toBe(1);
		expect(stderr).toContain("lambda/greet.ts:2:17");
	});

	// Root may write anywhere, so the folder is none.
	it("runs from a repository that cannot be written to", () => {
		const { root, write } = aRepository();
		write(".cache/programs", "");

		const { stdout, stderr } = run(root);

		expect(stdout, stderr).toBe("hello\n");
	});
});
