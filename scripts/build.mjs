/**
 * Builds the Lambda function: dist/lambda/index.mjs, and dist/lambda.zip with the same bytes for the same sources on
 * every machine. `terraform apply` runs it, and so does `npm run build`.
 *
 * Plain JavaScript without imports from npm at the top, since it starts on a clone where nothing is installed yet.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Whether what is installed is what the lock file says, so that the bundle is the same everywhere. Packages that only
 * other platforms need may be missing.
 */
function dependenciesInstalled() {
	try {
		const wanted = readLock("package-lock.json");
		const installed = readLock(join("node_modules", ".package-lock.json"));
		return Object.entries(wanted)
			.filter(([path]) => path !== "")
			.every(([path, { version, optional, dev }]) => {
				const found = installed[path]?.version;
				return found === version || (found === undefined && (optional || dev));
			});
	} catch {
		return false; // no node_modules
	}
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean, dev?: boolean }>}
 */
function readLock(path) {
	return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
}

function installDependencies() {
	// npm is a .cmd file on Windows, which only a shell can start.
	const { status, error } = spawnSync("npm ci --no-audit --no-fund", { cwd: root, stdio: "inherit", shell: true });
	if (error) throw error;
	if (status !== 0) throw new Error(`npm ci failed with exit code ${status}.`);
}

/**
 * @param {string} [directory] where to build
 * @returns the paths of the bundle and of the zip
 */
export async function build(directory = join(root, "dist")) {
	const bundle = join(directory, "lambda", "index.mjs");
	const zip = join(directory, "lambda.zip");
	if (!dependenciesInstalled()) installDependencies();
	const esbuild = await import("esbuild");
	const { zipSync } = await import("fflate");

	await esbuild.build({
		absWorkingDir: root,
		entryPoints: ["lambda/index.ts"],
		outfile: bundle,
		bundle: true,
		platform: "node",
		target: "node22",
		format: "esm",
		minify: true,
		// The SDK's ES modules: with esbuild's order for node (main first) the bundle is half as large again.
		mainFields: ["module", "main"],
		sourcemap: "external",
		legalComments: "none",
		logLevel: "warning",
	});

	const bytes = zipSync(
		{ "index.mjs": readFileSync(bundle) },
		// fflate compresses in JavaScript, so the bytes do not depend on Node's zlib. DOS time is local time: the date is
		// given in the same parts everywhere. os 3 (Unix) and the mode make the file readable in Lambda.
		{ level: 9, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 },
	);
	writeFileSync(zip, bytes);
	return { bundle, zip };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const { bundle, zip } = await build();
	/** @param {Uint8Array} bytes */
	const size = (bytes) => `${(bytes.length / 1000).toFixed(1)} kB`;
	const content = readFileSync(bundle);
	console.log(`${relative(root, bundle)}  ${size(content)} (${size(gzipSync(content, { level: 9 }))} gzipped)`);
	console.log(`${relative(root, zip)}  ${size(readFileSync(zip))}`);
}
