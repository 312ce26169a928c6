/**
 * Looks for known weaknesses: in the Terraform module with checkov, and in the packages that ship with npm's list of
 * advisories.
 *
 *     npm run scan               both
 *     npm run scan:module        checkov; needs Python 3, and installs checkov into .cache/
 *     npm run scan:packages      npm audit
 *
 * Fails on a finding, and if a tool breaks. Ends with the exit code `NOT_RUN` if nothing was found, but a scan could not
 * look: many mirrors of the npm registry serve packages without advisories. A comment in a .tf file, with its reason,
 * skips a finding that is intended.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NOT_RUN } from "./not-run.mjs";
import { pythonWith, run } from "./python-tools.mjs";

/** Pinned: every version brings its own checks. */
const CHECKOV_VERSION = "3.3.30";

/** Whether a policy allows writes without limits. checkov skips it in silence if it cannot read a policy. */
const POLICY_CHECK = "CKV_AWS_111";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {{ check_id: string, check_name: string, resource: string, file_path: string, file_line_range: number[],
 *   check_result: { suppress_comment?: string } }} Finding
 */

/** @typedef {"clean" | "findings" | "not run"} Result */

/** @returns {Promise<Result>} */
async function scanModule() {
	const python = await pythonWith("checkov", CHECKOV_VERSION);

	// The module's files only. Settings of this machine for checkov or for a deployment must not change the result.
	const folder = mkdtempSync(join(tmpdir(), "scan-"));
	try {
		for (const file of readdirSync(root).filter((name) => name.endsWith(".tf"))) {
			copyFileSync(join(root, file), join(folder, file));
		}
		const { status, stdout, output } = await run(
			python,
			// The last two stop it from asking its vendor's server for descriptions, and from fetching modules.
			[
				"-m",
				"checkov.main",
				"--directory",
				".",
				"--framework",
				"terraform",
				"--output",
				"json",
				"--compact",
				"--skip-download",
				"--download-external-modules",
				"false",
			],
			{
				cwd: folder,
				env: { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT, HOME: folder, USERPROFILE: folder },
			},
		);
		return report(status, stdout, output) ? "clean" : "findings";
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/**
 * @param {number | null} status
 * @param {string} stdout
 * @param {string} output
 * @returns whether checkov could judge everything, and every finding is skipped with a reason
 */
function report(status, stdout, output) {
	/** @type {{ results?: { passed_checks: Finding[], failed_checks: Finding[], skipped_checks: Finding[], parsing_errors: string[] }, summary?: { passed: number, failed: number, skipped: number } }} */
	let found;
	try {
		found = JSON.parse(stdout);
	} catch {
		throw new Error(`checkov exited with ${status} and printed no report:\n${output}`);
	}
	// If it finds nothing to check, the report has no results, and the exit code is 0.
	if (found.results === undefined || found.summary === undefined || found.summary.passed === 0) {
		throw new Error("checkov checked nothing.");
	}

	const {
		passed_checks: passed,
		failed_checks: failed,
		skipped_checks: skipped,
		parsing_errors: unread,
	} = found.results;
	const checks = [...passed, ...failed, ...skipped];
	const reasons = skipped.map((check) => `${check.check_id}: ${check.check_result.suppress_comment}`);
	for (const reason of new Set(reasons)) {
		console.log(`skipped ${reasons.filter((other) => other === reason).length} x ${reason}`);
	}
	for (const check of failed) {
		console.error(`FAILED ${check.check_id}: ${check.check_name}`);
		console.error(`       ${check.resource}, ${check.file_path.slice(1)}:${check.file_line_range.join("-")}`);
	}
	for (const file of unread) console.error(`FAILED to read ${basename(file)}`);
	const unjudged = policies().filter(
		(name) => !checks.some((check) => check.check_id === POLICY_CHECK && check.resource === name),
	);
	for (const policy of unjudged)
		console.error(`FAILED to judge ${policy}: expressions such as \`for\` belong into locals.`);

	const { summary } = found;
	console.log(
		`checkov ${CHECKOV_VERSION}: ${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped.`,
	);
	// The exit code too: checkov may count something as a failure that is not in these lists.
	return status === 0 && failed.length === 0 && unread.length === 0 && unjudged.length === 0;
}

/** The policy documents that checkov has to judge. */
function policies() {
	const sources = readdirSync(root)
		.filter((name) => name.endsWith(".tf"))
		.map((name) => readFileSync(join(root, name), "utf8"));
	return [...sources.join("\n").matchAll(/^data "(aws_iam_policy_document)" "(\w+)"/gm)].map(
		([, type, name]) => `${type}.${name}`,
	);
}

/** @returns {Promise<Result>} `findings` if a package that ships has an advisory of level high or above */
async function auditPackages() {
	const npm = process.env.npm_execpath; // npm's own script; its command is a .cmd on Windows, which cannot be spawned
	const args = ["audit", "--omit=dev", "--json"];
	const { status, stdout, output } = await (npm ? run(process.execPath, [npm, ...args]) : run("npm", args));

	/** @type {{ statusCode?: number, metadata?: { vulnerabilities: Record<string, number>, dependencies: { prod: number } } }} */
	let found;
	try {
		found = JSON.parse(stdout);
	} catch {
		throw new Error(`npm audit exited with ${status} and printed no report:\n${output}`);
	}
	if ([404, 405, 501].includes(found.statusCode ?? 0)) {
		console.warn(`NOT RUN: npm audit. This npm registry has no advisories (it answered ${found.statusCode}).`);
		return "not run";
	}
	if (found.metadata === undefined) throw new Error(`npm audit could not look:\n${output}`);

	const { vulnerabilities, dependencies } = found.metadata;
	const counts = ["critical", "high", "moderate", "low"].map((level) => `${vulnerabilities[level] ?? 0} ${level}`);
	console.log(`npm audit: ${counts.join(", ")} in ${dependencies.prod} packages that ship.`);
	return (vulnerabilities.critical ?? 0) + (vulnerabilities.high ?? 0) === 0 ? "clean" : "findings";
}

/** @type {Readonly<Record<string, () => Promise<Result>>>} */
const SCANS = { packages: auditPackages, module: scanModule };

const chosen = process.argv.slice(2);
for (const name of chosen.filter((each) => SCANS[each] === undefined)) {
	console.error(`There is no scan "${name}". Usage: node scripts/scan.mjs [${Object.keys(SCANS).join("] [")}]`);
	process.exit(2);
}
/** @type {Set<Result | "broken">} */
const results = new Set();
for (const [name, scan] of Object.entries(SCANS)) {
	if (chosen.length > 0 && !chosen.includes(name)) continue;
	try {
		results.add(await scan());
	} catch (error) {
		console.error(`FAILED: ${error instanceof Error ? error.message : error}`);
		results.add("broken");
	}
}
if (results.has("findings") || results.has("broken")) process.exitCode = 1;
else if (results.has("not run")) process.exitCode = NOT_RUN;
