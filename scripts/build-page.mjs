/**
 * Writes the libraries of the page, each as one module beside the page's own, so that the page runs from any web server
 * without a build and without the internet.
 *
 *     node scripts/build-page.mjs [--check]     --check writes nothing, and fails if a file is not what would be written
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "examples", "browser");

/** By the name of the file: the package, the part of it that the page needs, and the license, which asks to be copied too. */
const LIBRARIES = {
	"sha256.js": { from: "@noble/hashes/sha2.js", package: "@noble/hashes", license: "LICENSE", name: "sha256" },
	"qr.js": { from: "qr", package: "qr", license: "LICENSE-MIT", name: "encodeQR" },
};

/** @returns {Promise<[path: string, content: string][]>} */
export async function pageLibraries() {
	return Promise.all(
		Object.entries(LIBRARIES).map(async ([file, library]) => {
			const read = (/** @type {string} */ name) =>
				readFileSync(join(root, "node_modules", library.package, name), "utf8");
			const { version } = JSON.parse(read("package.json"));
			const note = `${library.package} ${version}, by scripts/build-page.mjs. Do not change it here.`;
			const { outputFiles } = await esbuild.build({
				stdin: { contents: `export { ${library.name} } from "${library.from}";`, resolveDir: root },
				bundle: true,
				format: "esm",
				platform: "browser",
				target: "es2022",
				minify: true,
				legalComments: "none",
				banner: { js: `/* ${note}\n\n${read(library.license).trim()} */` },
				logLevel: "warning",
				write: false,
			});
			return /** @type {[string, string]} */ ([join(folder, file), outputFiles[0]?.text ?? ""]);
		}),
	);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const check = process.argv.includes("--check");
	for (const [path, content] of await pageLibraries()) {
		if (!check) writeFileSync(path, content);
		else if (readFileSync(path, "utf8") !== content) {
			console.error(`${relative(root, path)} is not what its package gives: run node scripts/build-page.mjs.`);
			process.exitCode = 1;
		}
	}
}
