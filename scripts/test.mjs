/**
 * `npm test`: the fast tests of the code and of the Terraform module, at the same time, because each of them leaves a
 * processor idle now and then. Arguments go to vitest, and then the module is not tested.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runShell } from "./run-shell.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

const module = args.length === 0 ? runShell("node scripts/test-terraform.mjs", root, "pipe") : { code: 0, text: "" };
const vitest = ["npx --no-install vitest run", ...args.map((arg) => JSON.stringify(arg))].join(" ");
const code = await runShell(vitest, root, "inherit");
const { code: moduleCode, text } = await module;
// Together they would be hard to read, so the module's output waits.
process.stdout.write(text);
process.exitCode = code.code || moduleCode || 0;
