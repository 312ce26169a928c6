/**
 * Builds the client's package, dist/client/:
 *
 * - index.js and the parts beside it: ES modules for bundlers and Node.js. What a program reaches by `import()` only is a
 *   part of its own, which loads when it is needed
 * - index.min.js and index.iife.js: everything in one file, for pages that have no bundler, as a module and as a script
 * - index.d.ts: the types of all three
 * - what makes it a package: `npm pack ./dist/client`
 *
 *     node scripts/build-client.mjs [--page | --check] [--size]
 *
 * - `--page` also writes examples/browser/p2pmesh-client.js: everything in one file, not minified. It is committed, so that
 *   the page runs from any web server without a build.
 * - `--check` writes nothing, and fails if the committed page file differs from the bundle of the sources.
 * - `--size` writes the measured sizes to scripts/client-size.json.
 *
 * Fails if the client is more than 3 % larger than scripts/client-size.json says, or larger than the ceiling.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { rollUpTypes } from "./roll-up-types.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What an application loads at once never gets larger than this, in bytes, minified and gzipped. */
export const MAX_CLIENT_BYTES = 18_000;

/** How much larger than the committed figures the client may be. More growth needs a commit that changes them. */
const MAX_GROWTH = 1.03;

/** The name that a script gives the client. */
const GLOBAL = "p2pmeshClient";

const SIZE_FILE = join(root, "scripts", "client-size.json");
const PAGE = join(root, "examples", "browser", "p2pmesh-client.js");
const NOTE =
	"// Made by scripts/build-client.mjs from client/. Change the sources, then run `npm run build:client -- --page`.";

/**
 * Vite's bundler, so that the figures are what an application of Vite's loads.
 * @param {import("rolldown").OutputOptions} options
 */
async function bundle(options) {
	const bundler = await rolldown({
		cwd: root,
		input: { index: "client/index.ts" },
		platform: "browser",
		tsconfig: join(root, "client", "tsconfig.json"),
		transform: { target: "es2022" },
		// Numbers and short texts of limits.ts stand where they are used.
		optimization: { inlineConst: { mode: "all", pass: 3 } },
	});
	const { output } = await bundler.generate({
		...options,
		// A bundler that minifies drops the marks for tree shaking, too.
		comments: { legal: false, annotation: !options.minify, jsdoc: false },
	});
	await bundler.close();
	return output.filter((file) => file.type === "chunk");
}

/** Everything in one file. @param {import("rolldown").OutputOptions} [options] */
async function oneFile(options) {
	const [file] = await bundle({ format: "esm", codeSplitting: false, ...options });
	return file?.code ?? "";
}

/**
 * What loads at once is one file, `core`. Without that rule each set of modules that a part shares with it is a file.
 * @param {import("rolldown").OutputOptions} [options]
 */
function inParts(options) {
	return bundle({
		format: "esm",
		entryFileNames: "[name].js",
		chunkFileNames: "[name].js",
		codeSplitting: { groups: [{ name: "core", tags: ["$initial"] }] },
		...options,
	});
}

/** @param {string} code */
const gzipped = (code) => gzipSync(code, { level: 9 }).length;

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @returns bytes of the client, minified and gzipped: of what an application loads at once, and of each part that loads later */
export async function measureClient() {
	const files = await inParts({ minify: true });
	const entry = files.filter(({ isEntry }) => isEntry);
	const atOnce = new Set(entry);
	for (const { imports } of atOnce) {
		for (const file of files) if (imports.includes(file.fileName)) atOnce.add(file);
	}
	const codes = [...atOnce].map(({ code }) => code);
	return {
		minified: sum(codes.map((code) => code.length)),
		atOnce: sum(codes.map(gzipped)),
		parts: Object.fromEntries(files.filter((file) => !atOnce.has(file)).map(({ name, code }) => [name, gzipped(code)])),
	};
}

/** @returns the declarations of what the package exports, in one file */
export function clientTypes() {
	const tree = mkdtempSync(join(tmpdir(), "client-types-"));
	try {
		const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
		const project = join(root, "client", "tsconfig.build.json");
		const { status, error } = spawnSync(process.execPath, [tsc, "-p", project, "--outDir", tree], { stdio: "inherit" });
		if (error) throw error;
		if (status !== 0) throw new Error(`tsc failed with exit code ${status}.`);

		// Scripts find the client under its global name.
		return `${rollUpTypes(join(tree, "client", "index.d.ts"))}export as namespace ${GLOBAL};\n`;
	} finally {
		rmSync(tree, { recursive: true, force: true });
	}
}

/** @param {string} [directory] gets the package, ready to be packed */
export async function buildClient(directory = join(root, "dist", "client")) {
	mkdirSync(directory, { recursive: true });
	const written = new Set();
	/** @type {(name: string, code: string) => void} */
	const write = (name, code) => {
		writeFileSync(join(directory, name), code);
		written.add(name);
	};
	const parts = await inParts({ sourcemap: true });
	for (const { fileName, code, map } of parts) {
		write(fileName, code);
		if (map) write(`${fileName}.map`, map.toString());
	}
	write("index.min.js", await oneFile({ minify: true }));
	write("index.iife.js", await oneFile({ minify: true, format: "iife", name: GLOBAL }));
	write("index.d.ts", clientTypes());
	for (const file of ["package.json", "README.md"]) write(file, readFileSync(join(root, "client", file), "utf8"));
	write("LICENSE", readFileSync(join(root, "LICENSE"), "utf8"));
	for (const name of readdirSync(directory)) if (!written.has(name)) rmSync(join(directory, name), { recursive: true });
	return parts.map(({ fileName }) => fileName);
}

const pageFile = async () => `${NOTE}\n${await oneFile()}`;

/**
 * @typedef {{ readonly atOnce: number, readonly parts: Readonly<Record<string, number>> }} Sizes
 * @returns {Sizes} of the client when they were last committed
 */
export function committedSizes() {
	return JSON.parse(readFileSync(SIZE_FILE, "utf8"));
}

/**
 * @param {Sizes} measured
 * @param {Sizes} committed
 * @returns {string[]} what is too large
 */
export function oversized(measured, committed) {
	/** @param {number} bytes */
	const grown = (bytes) => Math.floor(bytes * MAX_GROWTH);
	const limit = Math.min(MAX_CLIENT_BYTES, grown(committed.atOnce));
	const faults = Object.entries(measured.parts).flatMap(([part, bytes]) => {
		const allowed = grown(committed.parts[part] ?? 0);
		return bytes > allowed ? [`The part ${part} has ${bytes} bytes gzipped; ${allowed} are allowed.`] : [];
	});
	if (measured.atOnce <= limit) return faults;
	return [`An application loads ${measured.atOnce} bytes gzipped at once; ${limit} are allowed.`, ...faults];
}

/** @param {Sizes & { minified: number }} measured @param {Sizes} committed */
function report({ minified, atOnce, parts }, committed) {
	console.log(`at once  ${minified} bytes minified, ${atOnce} gzipped; ${committed.atOnce} gzipped were committed`);
	for (const [part, bytes] of Object.entries(parts)) {
		console.log(`later    ${part}: ${bytes} gzipped; ${committed.parts[part] ?? "none"} were committed`);
	}
}

async function main() {
	const options = new Set(process.argv.slice(2));
	const page = relative(root, PAGE);
	if (options.has("--check")) {
		if ((await pageFile()) !== readFileSync(PAGE, "utf8")) {
			throw new Error(`${page} differs from the bundle of client/: run \`npm run build:client -- --page\`.`);
		}
	} else {
		const parts = await buildClient();
		console.log(`dist/client/: ${parts.join(", ")}, index.min.js, index.iife.js, index.d.ts`);
		if (options.has("--page")) {
			writeFileSync(PAGE, await pageFile());
			console.log(page);
		}
	}
	const measured = await measureClient();
	const { minified: _, ...sizes } = measured;
	if (options.has("--size")) writeFileSync(SIZE_FILE, `${JSON.stringify(sizes, undefined, "\t")}\n`);
	const committed = committedSizes();
	report(measured, committed);
	const faults = oversized(measured, committed);
	if (faults.length === 0) return;
	throw new Error(
		`${faults.join("\n")}\nIf the growth is worth it, run \`npm run build:client -- --size\` and explain it in the commit.`,
	);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		await main();
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
