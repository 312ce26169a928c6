/** Packages from npm that few checks need and that would make `npm ci` large. They stay in .cache/. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), ".cache");

/** npm has no such package, or not for this platform. */
export class NoPackageError extends Error {
	/** @override */
	name = "NoPackageError";
}

/**
 * Installs packages, unless they are there. Their scripts are not run.
 * @param {string} name of the folder in .cache/, with the versions in it: a folder that is there is complete
 * @param {readonly string[]} packages each with its exact version
 * @returns the path of their `node_modules`
 */
export function cachedPackages(name, packages) {
	const home = join(cache, name);
	if (existsSync(home)) return join(home, "node_modules");

	// Made aside and moved, so that an interrupted installation leaves nothing that looks complete.
	mkdirSync(cache, { recursive: true });
	const building = mkdtempSync(`${home}.`);
	try {
		const options = `--no-save --no-audit --no-fund --ignore-scripts --prefix "${building}"`;
		// npm is a .cmd file on Windows, which only a shell can start.
		const install = spawnSync(`npm install ${options} ${packages.join(" ")}`, {
			cwd: building,
			encoding: "utf8",
			shell: true,
		});
		if (install.status !== 0) {
			const what = packages.join(", ");
			if (/E404|ETARGET/.test(install.stderr)) throw new NoPackageError(`npm has no ${what}.`);
			throw new Error(`${what} could not be installed:\n${install.stderr}`);
		}
		renameSync(building, home);
	} finally {
		rmSync(building, { recursive: true, force: true });
	}
	return join(home, "node_modules");
}
