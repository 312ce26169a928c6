/**
 * Builds the client: dist/client/index.js with its types for programs that install it, and index.min.js beside it for pages
 * that have no bundler. Writes to dist/ only, unless an option says otherwise.
 *
 *     node scripts/build-client.mjs [--page | --check] [--size]
 *
 * - `--page` also writes examples/browser/p2pmesh-client.js. That file is index.js again. It is committed, so that the page
 *   runs from any web server without a build.
 * - `--check` writes nothing, and fails if the committed page file differs from the bundle of the sources.
 * - `--size` writes the measured size to scripts/client-size.json.
 *
 * Fails if the client is more than 3 % larger than scripts/client-size.json says, or larger than the ceiling.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The client never gets larger than this, in bytes, minified and gzipped. simple-peer alone has 28 kB. */
export const MAX_CLIENT_BYTES = 18_000;

/** How much larger than the committed figure the client may be. More growth needs a commit that changes the figure. */
const MAX_GROWTH = 1.03;

const SIZE_FILE = join(root, "scripts", "client-size.json");
const PAGE = join(root, "examples", "browser", "p2pmesh-client.js");
const NOTE =
	"// Made by scripts/build-client.mjs from client/. Change the sources, then run `npm run build:client -- --page`.";

/** @param {Partial<esbuild.BuildOptions>} [options] */
async function bundle(options) {
	const { outputFiles } = await esbuild.build({
		absWorkingDir: root,
		entryPoints: ["client/index.ts"],
		bundle: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		banner: { js: NOTE },
		legalComments: "none",
		logLevel: "warning",
		...options,
		write: false,
	});
	const [file] = outputFiles;
	if (file === undefined) throw new Error("esbuild gave no bundle.");
	return file.contents;
}

/** Like bundlers that care for size: terser also inlines a function that is called once. */
async function minifiedBundle() {
	const bundled = await bundle({ minify: true, banner: {} });
	const { code = "" } = await minify(Buffer.from(bundled).toString(), {
		module: true,
		ecma: 2020,
		// Safe, because the client uses `this` in classes only.
		compress: { passes: 5, unsafe_arrows: true },
	});
	return Buffer.from(code);
}

/** @returns bytes of the client: minified, and minified and gzipped */
export async function measureClient() {
	const minified = await minifiedBundle();
	return { minified: minified.length, gzipped: gzipSync(minified, { level: 9 }).length };
}

/**
 * Writes the declarations for programs that import the bundle: only the files that the client's declaration reaches.
 * @param {string} directory
 */
function writeTypes(directory) {
	const types = join(directory, "types");
	rmSync(types, { recursive: true, force: true });
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	const { status, error } = spawnSync(
		process.execPath,
		[tsc, "-p", join(root, "client", "tsconfig.build.json"), "--outDir", types],
		{ stdio: "inherit" },
	);
	if (error) throw error;
	if (status !== 0) throw new Error(`tsc failed with exit code ${status}.`);

	const reached = new Set();
	/** @param {string} path */
	const visit = (path) => {
		if (reached.has(path)) return;
		reached.add(path);
		const text = readFileSync(path, "utf8").replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"');
		writeFileSync(path, text);
		for (const [, target = ""] of text.matchAll(/from "(\.[^"]*)\.js"/g))
			visit(`${resolve(dirname(path), target)}.d.ts`);
	};
	visit(join(types, "client", "index.d.ts"));
	for (const entry of readdirSync(types, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && !reached.has(path)) rmSync(path);
	}
	for (const name of ["index.d.ts", "index.min.d.ts"]) {
		writeFileSync(join(directory, name), 'export * from "./types/client/index.js";\n');
	}
}

/** @param {string} [directory] gets the module and its types */
export async function buildClient(directory = join(root, "dist", "client")) {
	const contents = await bundle();
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, "index.js"), contents);
	writeFileSync(join(directory, "index.min.js"), await minifiedBundle());
	writeTypes(directory);
	return contents;
}

/** @returns bytes of the client, minified and gzipped, when its size was last committed */
export function committedSize() {
	return Number(JSON.parse(readFileSync(SIZE_FILE, "utf8")).gzipped);
}

/** @param {number} gzipped */
function checkSize(gzipped) {
	const limit = Math.min(MAX_CLIENT_BYTES, Math.floor(committedSize() * MAX_GROWTH));
	if (gzipped <= limit) return;
	throw new Error(
		`The client has ${gzipped} bytes gzipped; ${limit} are allowed. If the growth is worth it, ` +
			"run `npm run build:client -- --size` and explain it in the commit.",
	);
}

async function main() {
	const options = new Set(process.argv.slice(2));
	const page = relative(root, PAGE);
	if (options.has("--check")) {
		if (!Buffer.from(await bundle()).equals(readFileSync(PAGE))) {
			throw new Error(`${page} differs from the bundle of client/: run \`npm run build:client -- --page\`.`);
		}
	} else {
		const contents = await buildClient();
		console.log("dist/client/index.js, index.min.js and their types");
		if (options.has("--page")) {
			writeFileSync(PAGE, contents);
			console.log(page);
		}
	}
	const { minified, gzipped } = await measureClient();
	if (options.has("--size")) writeFileSync(SIZE_FILE, `{ "gzipped": ${gzipped} }\n`);
	console.log(`client  ${minified} bytes minified, ${gzipped} gzipped; ${committedSize()} gzipped were committed`);
	checkSize(gzipped);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		await main();
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
