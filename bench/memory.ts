/**
 * What memory the function should have. Lambda gives a share of a processor in proportion to the memory, so a small function is
 * slow and a large one is dear. Measures the processor's time of each operation, in a process with the bundle and nothing else,
 * and prices it for each size of memory.
 *
 *     npm run bench:memory
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { PRICES } from "../cli/prices.ts";
import { build } from "../scripts/build.mjs";
import { startDynamodb } from "../test/support/dynamodb.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const ROUNDS = 200;
const SIZES_MB = [128, 256, 512, 1_024, 1_769];

/** From this memory on a function has a whole processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const FULL_PROCESSOR_MB = 1_769;

/** How long one call takes beside the function's own work. Assumed: AWS says "single-digit milliseconds" of DynamoDB, and nothing of callbacks. */
const ROUND_TRIP_MS = { store: 5, callback: 10 };

/** What one session does, by the operations' names. */
const SESSION = { connect: 1, join: 1, "signal, first of a peer": 1, signal: 9, leave: 1, disconnect: 1 };
type Operation = keyof typeof SESSION;

/** Round trips that an operation waits for, one after the other: DynamoDB's and the callbacks'. The table of bench:cost has the first. */
const TRIPS: Readonly<Record<Operation, { readonly store: number; readonly callback: number }>> = {
	connect: { store: 0, callback: 0 },
	join: { store: 4, callback: 1 },
	"signal, first of a peer": { store: 1, callback: 1 },
	signal: { store: 0, callback: 1 },
	leave: { store: 3, callback: 1 },
	disconnect: { store: 2, callback: 0 },
};

interface Run {
	readonly times: Record<Operation, number[]>;
	readonly residentMb: number;
}

async function run(bundle: string): Promise<Run> {
	// Without a loader in the process: its memory is measured, too.
	const folder = mkdtempSync(join(tmpdir(), "memory-"));
	const program = join(folder, "operations.mjs");
	const entryPoints = [new URL("memory/operations.ts", import.meta.url).pathname];
	await esbuild.build({ entryPoints, outfile: program, format: "esm", logLevel: "warning" });
	const child = spawn(process.execPath, [program, pathToFileURL(bundle).href, String(ROUNDS)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	child.on("close", () => rmSync(folder, { recursive: true }));
	let text = "";
	child.stdout.setEncoding("utf8").on("data", (part: string) => {
		text += part;
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error("The operations failed."))));
	});
}

const waitOf = ({ store, callback }: { readonly store: number; readonly callback: number }) =>
	store * ROUND_TRIP_MS.store + callback * ROUND_TRIP_MS.callback;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** The lower quartile: other programs of a busy machine make the processor's time longer, and never shorter. */
const quartile = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 4)] ?? 0;

const { bundle } = await build();
const dynamodb = await startDynamodb();
const callbacks = createServer((request, response) => request.resume().on("end", () => response.end()));
await new Promise<void>((resolve) => callbacks.listen(0, "127.0.0.1", resolve));
Object.assign(process.env, {
	AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
	CALLBACK_ENDPOINT: `http://127.0.0.1:${(callbacks.address() as AddressInfo).port}`,
	TABLE_NAME: dynamodb.tableName,
	LOG_LEVEL: "error",
	METRICS: "off",
	SOURCE_RATE_LIMIT: "0",
});
const { times, residentMb } = await run(bundle);
callbacks.close();
callbacks.closeAllConnections();
await dynamodb.close();

const operations = Object.keys(SESSION) as Operation[];
const processor = Object.fromEntries(operations.map((name) => [name, quartile(times[name])])) as Record<
	Operation,
	number
>;
const perOperation = table(
	["operation", "processor, ms", "round trips to DynamoDB", "to a client", "waits, ms"],
	operations.map((name) => [
		name,
		processor[name].toFixed(2),
		String(TRIPS[name].store),
		String(TRIPS[name].callback),
		String(waitOf(TRIPS[name])),
	]),
);
/** What an invocation of a session is billed for, on average, in ms. Lambda bills whole milliseconds. */
const billedMs = (duration: (name: Operation) => number) =>
	sum(operations.map((name) => SESSION[name] * Math.ceil(duration(name)))) / sum(Object.values(SESSION));
const perSize = table(
	[
		"memory, MB",
		"share of a processor",
		"`join`, ms",
		"`signal`, ms",
		"billed per invocation, ms",
		"$ per million sessions",
	],
	SIZES_MB.map((memoryMb) => {
		const share = Math.min(1, memoryMb / FULL_PROCESSOR_MB);
		const duration = (name: Operation) => processor[name] / share + waitOf(TRIPS[name]);
		const seconds = (billedMs(duration) * sum(Object.values(SESSION))) / 1_000;
		return [
			String(memoryMb),
			share.toFixed(2),
			duration("join").toFixed(0),
			duration("signal").toFixed(0),
			billedMs(duration).toFixed(1),
			(seconds * (memoryMb / 1_024) * PRICES.gigabyteSecond * 1e6).toFixed(2),
		];
	}),
);
const resident = `The process took ${residentMb} MB at the end.`;
console.log(`${perOperation}

${resident}

${perSize}`);
replaceBetweenMarkers("docs/costs.md", "processor", `${perOperation}\n\n${resident}`);
replaceBetweenMarkers("docs/costs.md", "memory", perSize);
