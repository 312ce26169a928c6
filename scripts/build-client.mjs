/**
 * Builds the client: dist/client/index.js with its types for programs that install it, index.min.js beside it for pages that
 * have no bundler of their own, and examples/browser/p2pmesh-client.js, which is index.js again, and committed so that the
 * page runs from any web server without a build.
 *
 *     node scripts/build-client.mjs [--check]
 *
 * Fails where the client is larger than it may be, and with --check where the committed file is not what the sources give.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bytes, minified and gzipped. */
export const MAX_CLIENT_BYTES = 12_000;

const PAGE = join(root, "examples", "browser", "p2pmesh-client.js");
const NOTE = "// Made by scripts/build-client.mjs out of client/: change that, then `npm run build`.";

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

/** As bundlers do it that care for size: terser also puts a function that is called once in the place of its call. */
async function minifiedBundle() {
	const bundled = await bundle({ minify: true, banner: {} });
	const { code = "" } = await minify(Buffer.from(bundled).toString(), {
		module: true,
		ecma: 2020,
		// Arrow functions have no `this` of their own: outside of classes the client uses none.
		compress: { passes: 5, unsafe_arrows: true },
	});
	return Buffer.from(code);
}

/** @returns bytes of the minified client, as it is and gzipped */
export async function measureClient() {
	const minified = await minifiedBundle();
	return { minified: minified.length, gzipped: gzipSync(minified, { level: 9 }).length };
}

/**
 * Declarations for whoever imports the bundle: those of the sources, as far as the client's own declaration reaches.
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

/** @param {string} [directory] where to put the module and its types */
export async function buildClient(directory = join(root, "dist", "client")) {
	const contents = await bundle();
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, "index.js"), contents);
	writeFileSync(join(directory, "index.min.js"), await minifiedBundle());
	writeTypes(directory);
	return contents;
}

async function main() {
	const { minified, gzipped } = await measureClient();
	console.log(`client  ${minified} bytes minified, ${gzipped} gzipped; ${MAX_CLIENT_BYTES} gzipped are allowed`);
	const page = relative(root, PAGE);
	if (process.argv.includes("--check")) {
		if (!Buffer.from(await bundle()).equals(readFileSync(PAGE))) {
			throw new Error(`${page} is not what client/ gives: run npm run build.`);
		}
	} else {
		writeFileSync(PAGE, await buildClient());
		console.log(`dist/client/index.js, index.min.js and their types, ${page}`);
	}
	if (gzipped > MAX_CLIENT_BYTES) throw new Error(`The client is ${gzipped - MAX_CLIENT_BYTES} bytes too large.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		await main();
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
