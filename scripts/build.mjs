/**
 * Builds the Lambda function: dist/lambda/index.mjs with the files that it loads, and dist/lambda.zip with the same bytes
 * for the same sources on every machine. `terraform apply` runs it, and so does `npm run build`.
 *
 * Plain JavaScript without imports from npm at the top, since it starts on a clone with nothing installed yet.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = "dist/lambda";

/**
 * Packages that the local server, the command line and the scripts need and the bundle does not, without their scopes. package.tf
 * leaves them out, too.
 */
export const LOCAL_PACKAGES = ["client-apigatewaymanagementapi", "client-dynamodb", "fsevents", "tsx", "ws"];

/**
 * A package of the lock file.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, dev?: boolean }} Locked
 */

/**
 * Whether the installed packages are the ones in the lock file, so that the bundle is the same everywhere. Packages that
 * only development or other platforms need may be missing.
 */
function dependenciesInstalled() {
	try {
		const installed = readLock(join("node_modules", ".package-lock.json"));
		return Object.entries(readLock("package-lock.json"))
			.filter(([path]) => path !== "")
			.every(([path, { version, optional, dev }]) => {
				const found = installed[path]?.version;
				return found === version || dev || (found === undefined && optional);
			});
	} catch {
		return false; // no node_modules
	}
}

function developmentInstalled() {
	try {
		return Object.values(readLock(join("node_modules", ".package-lock.json"))).some(({ dev }) => dev);
	} catch {
		return false; // no node_modules
	}
}

/**
 * @param {string} path
 * @returns {Record<string, Locked>}
 */
function readLock(path) {
	return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
}

/**
 * Installs the packages that the build needs, and those for development only if some are already there. Scripts of
 * packages are not run otherwise: esbuild's program comes in a separate package, and its script only makes it start
 * faster.
 */
function installDependencies() {
	const command = `npm ci${developmentInstalled() ? "" : " --omit=dev --ignore-scripts"} --no-audit --no-fund`;
	// npm is a .cmd file on Windows, which only a shell can start.
	const { status, error } = spawnSync(command, { cwd: root, stdio: "inherit", shell: true });
	if (error) throw error;
	if (status !== 0) throw new Error(`${command} failed with exit code ${status}.`);
}

/**
 * The hash of everything that shapes the bundle: its sources, this file, and the packages that are not for development
 * alone. function.tf makes the same one, to know whether to redeploy and whether a bundle on the disk is this one.
 */
function sourcesHash() {
	const sources = ["lambda", "protocol"]
		.flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
		)
		.map((file) => file.replaceAll("\\", "/"))
		.filter((file) => /\.(ts|json)$/.test(file) && !basename(file).startsWith("."));
	const lines = [
		...[...sources, "scripts/build.mjs", "tsconfig.json"].map(
			(file) => `${file} ${sha256(readFileSync(join(root, file)))}`,
		),
		...Object.entries(readLock("package-lock.json"))
			.filter(([path, { dev }]) => path !== "" && !dev && !LOCAL_PACKAGES.includes(basename(path)))
			.map(([path, { version, integrity }]) => `${path} ${version} ${integrity}`),
	];
	return sha256(lines.sort().join("\n"));
}

/** @param {string | Uint8Array} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * @param {string} [directory] where to build
 * @returns the paths of the bundle's entry and of the zip, which of the files load when the function starts, and the
 *   packages that are in it
 */
export async function build(directory = join(root, "dist")) {
	const folder = join(directory, "lambda");
	const zip = join(directory, "lambda.zip");
	if (!dependenciesInstalled()) installDependencies();
	const esbuild = await import("esbuild");
	const { zipSync } = await import("fflate");

	const { metafile, outputFiles } = await esbuild.build({
		absWorkingDir: root,
		// node_modules may be a link. The chunks' names and order depend on the paths, and must not on where it leads.
		preserveSymlinks: true,
		entryPoints: ["lambda/index.ts"],
		// The same for every folder that it is written to, because the names of the files depend on it.
		outdir: OUTPUT,
		write: false,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		// A dynamic import stays a separate file: the tokens' code. It costs nothing until it is loaded.
		splitting: true,
		platform: "node",
		target: "node22",
		format: "esm",
		minify: true,
		// The SDK's ES modules: with esbuild's order for node (main first) the bundle is half as large again.
		mainFields: ["module", "main"],
		sourcemap: "external",
		legalComments: "none",
		logLevel: "warning",
		metafile: true,
	});

	// esbuild also writes files for dynamic imports in code that nothing uses.
	const used = reachedFrom(`${OUTPUT}/index.mjs`, metafile, ["import-statement", "dynamic-import"]).map((file) =>
		basename(file),
	);
	const built = outputFiles
		.map(({ path, contents }) => /** @type {const} */ ([basename(path), contents]))
		.filter(([file]) => used.includes(file.replace(/\.map$/, "")));
	writeFolder(folder, new Map(built));

	const bundled = built.filter(([file]) => file.endsWith(".mjs")).sort(([a], [b]) => (a < b ? -1 : 1));
	const bytes = zipSync(
		Object.fromEntries(bundled),
		// fflate compresses in JavaScript, so the bytes do not depend on Node's zlib. DOS time is local time: the date is
		// given in the same parts everywhere. os 3 (Unix) and the mode make the file readable in Lambda.
		{ level: 9, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 },
	);
	writeChanged(zip, bytes);
	writeFileSync(`${zip}.json`, `${JSON.stringify({ sources: sourcesHash(), zip: sha256(bytes) })}\n`);
	const atStart = reachedFrom(`${OUTPUT}/index.mjs`, metafile, ["import-statement"]).map((file) =>
		join(folder, basename(file)),
	);
	const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
	return {
		bundle: join(folder, "index.mjs"),
		zip,
		atStart,
		packages: [...new Set(packages.filter((name) => name !== undefined))],
	};
}

/**
 * Makes a folder hold these files and no others. A file that is there already is not touched: it may be in use, by a test
 * or by another build.
 * @param {string} folder
 * @param {Map<string, Uint8Array>} files
 */
function writeFolder(folder, files) {
	mkdirSync(folder, { recursive: true });
	for (const [file, contents] of files) {
		writeChanged(join(folder, file), contents);
	}
	for (const file of readdirSync(folder)) if (!files.has(file)) rmSync(join(folder, file));
}

/**
 * Writes a file, unless it has these bytes already: Terraform may be reading it for another module.
 * @param {string} path
 * @param {Uint8Array} contents
 */
function writeChanged(path, contents) {
	if (!existsSync(path) || !readFileSync(path).equals(contents)) writeFileSync(path, contents);
}

/**
 * A file and those that it imports in these ways, and so on, as esbuild names them.
 * @param {string} entry
 * @param {import("esbuild").Metafile} metafile
 * @param {readonly string[]} kinds
 */
function reachedFrom(entry, metafile, kinds) {
	const reached = new Set([entry]);
	for (const file of reached) {
		for (const { path, kind } of metafile.outputs[file]?.imports ?? []) {
			if (kinds.includes(kind) && metafile.outputs[path]) reached.add(path);
		}
	}
	return [...reached];
}

/**
 * Waits until no other process builds here: two modules of one configuration are applied at the same time.
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
async function alone(act) {
	const lock = join(root, "dist", "building");
	mkdirSync(dirname(lock), { recursive: true });
	for (;;) {
		try {
			writeFileSync(lock, String(process.pid), { flag: "wx" });
			break;
		} catch (error) {
			if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
			if (isAbandoned(lock)) rmSync(lock, { force: true });
			else await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
	try {
		return await act();
	} finally {
		rmSync(lock, { force: true });
	}
}

/**
 * Whether the process that made a lock has ended without removing it.
 * @param {string} lock
 */
function isAbandoned(lock) {
	try {
		const pid = Number(readFileSync(lock, "utf8"));
		if (pid === 0) return false; // it is being written
		process.kill(pid, 0); // asks only whether the process is there
		return false;
	} catch (error) {
		return /** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH";
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const { zip, atStart } = await alone(() => build());
	/** @param {number} bytes */
	const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
	const contents = atStart.map((file) => readFileSync(file));
	const plain = contents.reduce((sum, content) => sum + content.length, 0);
	const gzipped = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
	console.log(`loaded at start: ${atStart.length} files, ${kB(plain)} (${kB(gzipped)} gzipped)`);
	console.log(`${relative(root, zip)}  ${kB(readFileSync(zip).length)}  sha256 ${sha256(readFileSync(zip))}`);
}
