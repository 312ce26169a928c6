/**
 * `npm run test:aws`: the tests of the deployed stack in two groups at the same time, each with its own emulator, because
 * Terraform leaves the processors idle most of the time. Arguments go to vitest, and then there is one group.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runShell } from "./run-shell.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

/** Together they take about as long as all the others. */
const HALF = ["recovery", "upgrade", "watching"].map((name) => `test/aws/${name}.test.ts`);

const vitest = "npx --no-install vitest run --config vitest.aws.config.ts";

/** @param {readonly string[]} options */
const command = (options) => [vitest, ...options.map((option) => JSON.stringify(option))].join(" ");

if (args.length > 0) {
	process.exitCode = (await runShell(command(args), root, "inherit")).code ?? 1;
} else {
	const half = runShell(command(HALF), root, "pipe");
	const others = await runShell(command(HALF.flatMap((file) => ["--exclude", file])), root, "inherit");
	const { code, text } = await half;
	// Together they would be hard to read, so the output of one waits.
	process.stdout.write(text);
	process.exitCode = others.code || code || 0;
}
