/**
 * Measures this server beside others in one run: a bare relay on the same WebSocket library, a relay that also introduces, and
 * four servers from npm. Each server is a process, and so is the load. The servers take turns in short rounds, and the ratios are
 * those within a round, so that other work on the machine strikes all of them alike.
 *
 * npm run bench [-- --quick] [-- --only relay,latency,storm,start,memory] [-- --dry]
 *
 * Writes bench/results.json, the table of docs/performance.md and docs/performance.svg; with `--only` the rest stays as it was. A
 * quick run takes less than two minutes and writes nothing, and `--dry` writes nothing either.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chartOf } from "./compare/chart.ts";
import { type AllSeries, type Extent, measure, SUBJECTS, type Subject } from "./compare/measure.ts";
import { isPresent, type Results, tableOf } from "./compare/results.ts";
import { replaceBetweenMarkers } from "./report.ts";

const FULL: Extent = {
	relayRounds: 12,
	relayMs: 800,
	latencyRounds: 10,
	latencyMs: 600,
	stormRounds: 5,
	stormPeers: 3_000,
	startRounds: 10,
	memoryRounds: 1,
	memoryPeers: 10_000,
};
const QUICK: Extent = {
	relayRounds: 4,
	relayMs: 400,
	latencyRounds: 3,
	latencyMs: 300,
	stormRounds: 2,
	stormPeers: 600,
	startRounds: 3,
	memoryRounds: 1,
	memoryPeers: 1_000,
};

const RESULTS = new URL("results.json", import.meta.url);
const folder = fileURLToPath(new URL(".", import.meta.url));

/** Installs the other servers. Their scripts do not run, since no server needs them. */
function installPeers(): void {
	if (existsSync(new URL("node_modules/.package-lock.json", import.meta.url))) return;
	console.error("Installing the servers to compare with, about 100 MB, into bench/node_modules.");
	// npm is a .cmd file on Windows, which only a shell can start.
	const { status } = spawnSync("npm ci --ignore-scripts --no-audit --no-fund", {
		cwd: folder,
		stdio: ["ignore", 2, 2],
		shell: true,
	});
	if (status !== 0) throw new Error("npm ci in bench/ failed.");
}

function readArguments() {
	const { values } = parseArgs({
		options: { quick: { type: "boolean" }, dry: { type: "boolean" }, only: { type: "string" } },
	});
	const only = (values.only?.split(",") ?? SUBJECTS) as Subject[];
	const unknown = only.filter((subject) => !SUBJECTS.includes(subject));
	if (unknown.length > 0) throw new Error(`--only takes ${SUBJECTS.join(", ")}; got ${unknown.join(", ")}.`);
	return { extent: values.quick ? QUICK : FULL, only, writes: !values.quick && !values.dry };
}

/** The whole last run, of which a run of some subjects replaces a part. */
function earlierResults(): Results | undefined {
	return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Results) : undefined;
}

function write(results: Results): void {
	writeFileSync(RESULTS, `${JSON.stringify(results, undefined, "\t")}\n`);
	writeFileSync(new URL("../docs/performance.svg", import.meta.url), chartOf(results));
	replaceBetweenMarkers("docs/performance.md", "compare", `${tableOf(results)}\n\nMachine: ${results.machine}.`);
}

try {
	const { extent, only, writes } = readArguments();
	installPeers();
	const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${type()}, Node.js ${process.version}`;
	const earlier = only.length === SUBJECTS.length ? undefined : earlierResults();
	const results: Results = {
		machine,
		extent,
		series: { ...earlier?.series, ...(await measure(extent, only)) } as AllSeries,
	};
	console.log(`${machine}\n\n${tableOf(results)}`);
	if (writes) write(results);
	if (!isPresent(results)) process.exitCode = 1;
	process.exit();
} catch (error) {
	console.error((error as Error).message);
	process.exit(1);
}
