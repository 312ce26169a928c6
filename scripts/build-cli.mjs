/**
 * Builds the package of the command line, dist/cli/, for `npm pack ./dist/cli`: the program as bundled JavaScript, the page that
 * `serve` shows, and the licenses of the packages that are in the bundle. It depends on no package.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} [folder] is replaced
 * @returns {Promise<string>} the folder
 */
export async function buildCli(folder = join(root, "dist", "cli")) {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const { metafile } = await esbuild.build({
		absWorkingDir: root,
		entryPoints: ["cli/main.ts"],
		// The program looks for ../package.json and ../examples/browser/, as its sources do.
		outdir: join(folder, "program"),
		outExtension: { ".js": ".mjs" },
		chunkNames: "[name]-[hash]",
		bundle: true,
		splitting: true, // each command loads what it needs
		platform: "node",
		target: "node20",
		format: "esm",
		mainFields: ["module", "main"],
		// Names stay, so that a stack trace in a report says something.
		minifySyntax: true,
		minifyWhitespace: true,
		// ws uses them if they are installed.
		external: ["bufferutil", "utf-8-validate"],
		// ws and its like call `require`.
		banner: {
			js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
		},
		legalComments: "none",
		logLevel: "warning",
		metafile: true,
	});
	addShebang(join(folder, "program", "main.mjs"));
	cpSync(join(root, "examples", "browser"), join(folder, "examples", "browser"), {
		recursive: true,
		filter: (path) => !path.endsWith(".d.ts") && !path.endsWith(".md"),
	});
	for (const file of ["LICENSE", "cli/README.md"]) cpSync(join(root, file), join(folder, basename(file)));
	writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licenses(Object.keys(metafile.inputs)));
	const manifest = JSON.parse(readFileSync(join(root, "cli", "package.json"), "utf8"));
	const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...manifest, version }, null, "\t")}\n`);
	return folder;
}

/** @param {string} file */
function addShebang(file) {
	writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, "utf8")}`, { mode: 0o755 });
}

/**
 * The licenses of bundled packages. Packages with the same text share it.
 * @param {readonly string[]} inputs of the bundle, as paths from the root
 */
function licenses(inputs) {
	const packages = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
	/** @type {Map<string, string[]>} */
	const byText = new Map();
	for (const folder of [...packages].sort()) {
		const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
		const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
		const text = file === undefined ? `License: ${license}` : readFileSync(join(root, folder, file), "utf8").trim();
		byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
	}
	return [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const folder = await buildCli();
	const sizes = readdirSync(join(folder, "program")).map((file) => readFileSync(join(folder, "program", file)).length);
	const kB = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000);
	console.log(`dist/cli  ${sizes.length} files of the program, ${kB} kB`);
}
