/** Starts the emulator before the tests and stops it after them, even if they fail. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { succeeds } from "../support/command.ts";
import { startMinistack } from "../support/ministack.ts";

export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
	const missing = await whatIsMissing();
	provide("missing", missing);
	if (missing !== undefined) {
		if (process.env.CI) throw new Error(`The deployment cannot be tested: ${missing}`);
		console.warn(`\n*** SKIPPED: the deployment is not tested. ${missing}\n`);
		return undefined;
	}

	const folder = await mkdtemp(join(tmpdir(), "p2pmesh-signaling-"));
	const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	// One for this folder and one for the emulator, of each file: Node.js would warn of so many.
	process.setMaxListeners(process.getMaxListeners() + 2);
	process.once("exit", remove); // interrupted, vitest does not call the function that is returned here

	const ministack = await startMinistack(folder);
	provide("endpoint", ministack.endpoint);
	provide("python", ministack.python);
	provide("folder", folder);
	return async () => {
		await ministack.stop();
		remove();
	};
}

async function whatIsMissing(): Promise<string | undefined> {
	if (process.platform === "win32") return "It takes pseudo-terminals as Linux and macOS have them.";
	if (!(await succeeds("terraform", ["version"]))) {
		return "Terraform is not installed: https://developer.hashicorp.com/terraform/install";
	}
	if (!(await succeeds("python3", ["-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))"]))) {
		return "Python 3.10 or later is not installed, or lacks venv (on Debian and Ubuntu the package python3-venv).";
	}
	return undefined;
}

declare module "vitest" {
	interface ProvidedContext {
		/** Why the deployment cannot be tested here, as a sentence. */
		missing: string | undefined;
		/** The emulator's URL. */
		endpoint: string;
		/** The emulator's Python. */
		python: string;
		/** A folder for the files that the tests leave behind. It is removed with them. */
		folder: string;
	}
}
