import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { NOT_RUN } from "../../scripts/not-run.mjs";
import { run } from "../../scripts/python-tools.mjs";

const script = fileURLToPath(new URL("../../scripts/scan.mjs", import.meta.url));

/** Scans the packages with an npm that prints this report. */
async function scanPackages(report: string) {
	const folder = await mkdtemp(join(tmpdir(), "scan-"));
	onTestFinished(() => rm(folder, { recursive: true }));
	const npm = join(folder, "npm.mjs");
	await writeFile(npm, `console.log(${JSON.stringify(report)});`);
	return run(process.execPath, [script, "packages"], { env: { ...process.env, npm_execpath: npm } });
}

const audited = (vulnerabilities: object) =>
	JSON.stringify({ metadata: { vulnerabilities, dependencies: { prod: 9 } } });

it.each([
	["passes if no package has an advisory that matters", audited({ moderate: 1 }), 0, "0 critical, 0 high, 1 moderate"],
	["fails on an advisory of level high", audited({ high: 1 }), 1, "1 high"],
	["does not pass if the registry has no advisories", '{"statusCode":405}', NOT_RUN, "NOT RUN: npm audit."],
	["fails if the registry answers with an error", '{"statusCode":503}', 1, "npm audit could not look"],
	["fails if npm prints no report", "ENOTFOUND", 1, "printed no report"],
])("the scan of the packages %s", async (_rule, report, status, text) => {
	const result = await scanPackages(report);

	expect(result.output).toContain(text);
	expect(result.status).toBe(status);
});
