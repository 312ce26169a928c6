/** Programs from PyPI for the tests and the scan, each in a separate virtual environment under .cache/. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TIMEOUT_MS = 600_000;

/**
 * Runs a program to its end. Any exit code is fine.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ status: number | null, stdout: string, output: string }>}
 */
export function run(program, args, { cwd = root, env = process.env } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
		let stdout = "";
		let output = "";
		child.stdout.setEncoding("utf8").on("data", (text) => {
			stdout += text;
			output += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text) => {
			output += text;
		});
		child.on("error", (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
		child.on("close", (status) => resolve({ status, stdout, output }));
	});
}

/**
 * @param {string} name of the package on PyPI
 * @param {string} version pinned, because the output of such a tool differs between versions
 * @returns {Promise<string>} the Python of a virtual environment that holds the package; the first call installs it
 */
export async function pythonWith(name, version) {
	const windows = process.platform === "win32";
	/** @param {string} environment */
	const pythonIn = (environment) => join(environment, ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));
	const cache = join(root, ".cache");
	const home = join(cache, `${name}-${version}`);
	const complete = join(home, "complete");
	if (existsSync(complete)) {
		const { status } = await run(pythonIn(home), ["--version"]).catch(() => ({ status: null }));
		if (status === 0) return pythonIn(home);
		// It was made with a Python that is no longer there.
		rmSync(home, { recursive: true, force: true });
	}

	// Made in another folder and moved: an interrupted installation never looks complete, and two runs do not collide.
	mkdirSync(cache, { recursive: true });
	const building = mkdtempSync(`${home}.`);
	/** @param {[string, ...string[]]} command */
	const step = async ([program, ...args]) => {
		const { status, output } = await run(program, args);
		if (status !== 0) throw new Error(`${name} ${version} could not be installed:\n${output}`);
	};
	try {
		await step([windows ? "python" : "python3", "-m", "venv", building]);
		await step([pythonIn(building), "-m", "pip", "install", "--disable-pip-version-check", `${name}==${version}`]);
		writeFileSync(join(building, "complete"), "");
		try {
			renameSync(building, home);
		} catch (error) {
			if (!existsSync(complete)) throw error;
		}
	} finally {
		rmSync(building, { recursive: true, force: true });
	}
	return pythonIn(home);
}
