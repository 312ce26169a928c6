/**
 * A program of this repository as one file of JavaScript, built by esbuild when a source has changed. Starting it takes a fifth
 * of the time that a loader of TypeScript takes, and half the memory.
 *
 * node scripts/bundled.mjs <entry> <folder>    builds into a folder, in a process for itself, so that esbuild is not loaded
 *                                              into the program's process
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders that programs are made of. */
const SOURCES = ["cli", "lambda", "local", "protocol"];

/** Builds that are kept, so that one can go back and forth between two versions. */
const KEPT = 4;

/** @typedef {(entry: string, folder: string, root: string) => void} Build */

/**
 * Runs a program in this process. Sets the exit code if it does not compile.
 * @param {string} entry path of its first source, such as `local/main.ts`
 */
export async function start(entry) {
	let program;
	try {
		program = bundled(entry);
	} catch (error) {
		console.error(/** @type {Error} */ (error).message);
		process.exitCode = 1;
		return;
	}
	readableStacks(program);
	await import(pathToFileURL(program).href);
}

/**
 * @param {string} entry path of the program's first source, such as `local/main.ts`
 * @param {string} [root] of the repository
 * @param {Build} [build]
 * @returns the path of the file to import
 * @throws if it does not compile; the message names the file and the line
 */
export function bundled(entry, root = ROOT, build = buildElsewhere) {
	const file = `${basename(entry, ".ts")}.mjs`;
	const folder = join(root, ".cache", "programs", `${basename(entry, ".ts")}-${hashOf(entry, root)}`);
	if (existsSync(join(folder, file))) return join(folder, file);
	return join(make(entry, root, folder, build), file);
}

/**
 * @param {string} entry
 * @param {string} root
 * @param {string} folder
 * @param {Build} build
 * @returns the folder that it was built into
 */
function make(entry, root, folder, build) {
	const aside = folderAside(folder);
	const remove = () => rmSync(aside, { recursive: true, force: true });
	try {
		build(entry, aside, root);
		if (dirname(aside) !== dirname(folder)) {
			process.once("exit", remove);
			return aside;
		}
		renameSync(aside, folder);
	} catch (error) {
		remove();
		if (!existsSync(folder)) throw error; // otherwise another start has built the same
	}
	forgetOld(dirname(folder));
	return folder;
}

/**
 * A program is built aside and moved, so that an interrupted build leaves nothing that looks complete. If the repository cannot
 * be written to, it stays aside, until the process ends.
 * @param {string} folder
 */
function folderAside(folder) {
	try {
		mkdirSync(dirname(folder), { recursive: true });
		return mkdtempSync(`${folder}.`);
	} catch {
		return mkdtempSync(join(tmpdir(), "p2pmesh-signaling-"));
	}
}

/**
 * The hash of all that shapes the program: sources, packages, this file, and the place of the repository, which the program
 * holds as the place of its files.
 * @param {string} entry
 * @param {string} root
 */
function hashOf(entry, root) {
	const hash = createHash("sha256").update(`${root}\n${entry}\n${process.version}\n`);
	for (const folder of SOURCES.filter((each) => existsSync(join(root, each)))) {
		for (const file of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).sort()) {
			if (/\.(ts|json)$/.test(file)) hash.update(`${folder}/${file}\n`).update(readFileSync(join(root, folder, file)));
		}
	}
	hash.update(readFileSync(join(root, "package-lock.json")));
	return hash
		.update(readFileSync(fileURLToPath(import.meta.url)))
		.digest("hex")
		.slice(0, 20);
}

/** @param {string} cache */
function forgetOld(cache) {
	const builds = readdirSync(cache)
		.map((name) => join(cache, name))
		.map((path) => ({ path, age: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
		.sort((a, b) => b.age - a.age);
	for (const { path } of builds.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** @param {string} entry @param {string} folder @param {string} root */
function buildElsewhere(entry, folder, root) {
	const { status, stderr, error } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), entry, folder, root], {
		encoding: "utf8",
	});
	if (error) throw error;
	if (status !== 0) throw new Error(stderr.trim());
}

/**
 * Makes stack traces name the sources. A map is read when the first error shows its stack; Node's own way reads it at every
 * start, which takes a third more time and 10 MiB.
 * @param {string} file the program's
 */
export function readableStacks(file) {
	/** @type {Map<string, SourceMap>} */
	const maps = new Map();
	const folder = `${pathToFileURL(dirname(file)).href}/`;

	/** @param {string} written @param {string} name @param {number} line @param {number} column */
	const sourceOf = (written, name, line, column) => {
		const path = fileURLToPath(`${folder}${name}.map`);
		let map = maps.get(path);
		if (map === undefined) maps.set(path, (map = new SourceMap(JSON.parse(readFileSync(path, "utf8")))));
		const found = map.findEntry(line - 1, column - 1);
		if (!("originalSource" in found)) return written;
		const source = new URL(found.originalSource, folder).href;
		return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
	};

	Error.prepareStackTrace = (error, frames) => {
		const lines = frames.map((frame) => {
			const written = String(frame);
			const start = written.indexOf(folder);
			const place = start === -1 ? null : /^([^:]+):(\d+):(\d+)/.exec(written.slice(start + folder.length));
			if (place === null) return written;
			const [all, name = "", line, column] = place;
			try {
				const source = sourceOf(folder + all, name, Number(line), Number(column));
				return written.slice(0, start) + source + written.slice(start + folder.length + all.length);
			} catch {
				return written; // without its map a place in the built file is better than none
			}
		});
		return [String(error), ...lines.map((line) => `    at ${line}`)].join("\n");
	};
}

/** @param {string} entry @param {string} folder @param {string} root */
async function build(entry, folder, root) {
	const esbuild = await import("esbuild").catch(() => {
		throw new Error("The packages are not installed. Run: npm ci");
	});
	await esbuild.build({
		absWorkingDir: root,
		entryPoints: [entry],
		outdir: folder,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		splitting: true, // a dynamic import is loaded when it is needed
		platform: "node",
		target: "node20",
		format: "esm",
		mainFields: ["module", "main"],
		// ws uses them if they are installed.
		external: ["bufferutil", "utf-8-validate"],
		// What ws requires, and the place of the program's own files.
		banner: {
			js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
		},
		define: { "import.meta.url": JSON.stringify(pathToFileURL(join(root, entry)).href) },
		sourcemap: "linked",
		sourcesContent: false,
		logLevel: "warning",
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [entry = "", folder = "", root = ROOT] = process.argv.slice(2);
	try {
		await build(entry, folder, root);
	} catch (error) {
		// esbuild has written its own errors already.
		if (!(error instanceof Error && "errors" in error)) console.error(/** @type {Error} */ (error).message);
		process.exitCode = 1;
	}
}
