/** The client as a program has it that installed the packed package. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient } from "../../../scripts/build-client.mjs";
import { run } from "../../support/command.ts";
import { ROOT } from "../../support/repository.ts";

const TIMEOUT_MS = 60_000;

export interface PackedClient {
	readonly tarball: string;
	/** The files in it. */
	readonly files: readonly string[];
	/** The folder of a program that has the package and nothing else. */
	readonly program: string;
	/** The installed package. */
	readonly installed: string;
	remove(): void;
}

export async function packClient(): Promise<PackedClient> {
	const home = mkdtempSync(join(tmpdir(), "packed-client-"));
	const built = join(home, "built");
	const program = join(home, "program");
	mkdirSync(program);
	await buildClient(built);
	const { stdout } = await npm(["pack", built, "--json"], home);
	// Older versions of npm print a list, newer ones an object by the package's name.
	const [pack] = Object.values(JSON.parse(stdout) as Record<string, { filename: string; files: { path: string }[] }>);
	if (pack === undefined) throw new Error(`npm packed nothing: ${stdout}`);
	const tarball = join(home, pack.filename);

	writeFileSync(join(program, "package.json"), '{ "type": "module" }');
	await npm(["install", "--offline", "--no-audit", "--no-fund", tarball], program);
	return {
		tarball,
		files: pack.files.map(({ path }) => path).sort(),
		program,
		installed: join(program, "node_modules", "p2pmesh-signaling-client"),
		remove: () => rmSync(home, { recursive: true }),
	};
}

/** Gives the program a package that this repository has installed. */
export function lend(program: string, name: string): void {
	const target = join(program, "node_modules", name);
	mkdirSync(join(target, ".."), { recursive: true });
	symlinkSync(join(ROOT, "node_modules", name), target, "junction");
}

/** The built package under a clone's name, as `p2pmesh-signaling/client`. */
export function cloneInto(program: string, built: string): void {
	const clone = join(program, "node_modules", "p2pmesh-signaling");
	mkdirSync(clone, { recursive: true });
	cpSync(join(ROOT, "package.json"), join(clone, "package.json"));
	cpSync(built, join(clone, "dist", "client"), { recursive: true });
}

function npm(args: readonly string[], cwd: string) {
	// npm is a .cmd file on Windows, which only a shell can start.
	return process.platform === "win32"
		? run("cmd", ["/c", "npm", ...args], { cwd, timeoutMs: TIMEOUT_MS })
		: run("npm", args, { cwd, timeoutMs: TIMEOUT_MS });
}
