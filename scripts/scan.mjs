/**
 * Looks for what is known to be insecure: in the Terraform module by checkov, and in the packages that ship by npm's list
 * of advisories. Fails on a finding, and where it could not look. A finding that is meant to be is skipped in the .tf file
 * itself, by a comment with the reason.
 *
 * Python 3 is needed; checkov is installed into .cache/.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWith, run } from "./python-tools.mjs";

/** Pinned: every version brings checks of its own. */
const CHECKOV_VERSION = "3.3.30";

/** Whether a policy allows writing without limits. One of those that checkov leaves out in silence where it cannot read a policy. */
const POLICY_CHECK = "CKV_AWS_111";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {{ check_id: string, check_name: string, resource: string, file_path: string, file_line_range: number[],
 *   check_result: { suppress_comment?: string } }} Finding
 */

/** @returns {Promise<boolean>} whether the module has no finding but those that are skipped with a reason */
async function scanModule() {
	const python = await pythonWith("checkov", CHECKOV_VERSION);

	// The module's files alone, and nothing that somebody set for checkov or for a deployment: neither may decide.
	const folder = mkdtempSync(join(tmpdir(), "scan-"));
	try {
		for (const file of readdirSync(root).filter((name) => name.endsWith(".tf"))) {
			copyFileSync(join(root, file), join(folder, file));
		}
		const { status, stdout, output } = await run(
			python,
			// Without the last two it asks its maker's server for descriptions, and fetches modules.
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
		return report(status, stdout, output);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/**
 * @param {number | null} status
 * @param {string} stdout
 * @param {string} output
 */
function report(status, stdout, output) {
	/** @type {{ results?: { passed_checks: Finding[], failed_checks: Finding[], skipped_checks: Finding[], parsing_errors: string[] }, summary?: { passed: number, failed: number, skipped: number } }} */
	let found;
	try {
		found = JSON.parse(stdout);
	} catch {
		throw new Error(`checkov exited with ${status} and printed no report:\n${output}`);
	}
	// Where it finds nothing to check, the report has no results, and the exit code is 0.
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
	// The exit code as well: it says so where checkov itself takes for a failure what is not in these lists.
	return status === 0 && failed.length === 0 && unread.length === 0 && unjudged.length === 0;
}

/** The policy documents that are to be judged. */
function policies() {
	const sources = readdirSync(root)
		.filter((name) => name.endsWith(".tf"))
		.map((name) => readFileSync(join(root, name), "utf8"));
	return [...sources.join("\n").matchAll(/^data "(aws_iam_policy_document)" "(\w+)"/gm)].map(
		([, type, name]) => `${type}.${name}`,
	);
}

/** @returns {Promise<boolean>} whether no package that ships has an advisory of level high or above */
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
	// Mirrors serve packages, and many no advisories.
	if ([404, 405, 501].includes(found.statusCode ?? 0)) {
		console.warn(`\n*** NOT CHECKED: the npm registry offers no advisories (it answered ${found.statusCode}). ***\n`);
		return true;
	}
	if (found.metadata === undefined) throw new Error(`npm audit could not look:\n${output}`);

	const { vulnerabilities, dependencies } = found.metadata;
	const counts = ["critical", "high", "moderate", "low"].map((level) => `${vulnerabilities[level] ?? 0} ${level}`);
	console.log(`npm audit: ${counts.join(", ")} in ${dependencies.prod} packages that ship.`);
	return (vulnerabilities.critical ?? 0) + (vulnerabilities.high ?? 0) === 0;
}

let failed = 0;
for (const scan of [auditPackages, scanModule]) {
	try {
		if (!(await scan())) failed += 1;
	} catch (error) {
		console.error(`FAILED: ${error instanceof Error ? error.message : error}`);
		failed += 1;
	}
}
if (failed > 0) process.exitCode = 1;
