/**
 * Measures a cold start: fresh processes of Node.js that import the bundle and handle a first `join` against an embedded
 * DynamoDB, beside the SDK's clients alone, imported and used the same way (bench/cold/bare.ts). The kinds take turns.
 *
 *     npm run bench:cold [-- --rounds 31]
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { build } from "../scripts/build.mjs";
import { startDynamodb } from "../test/support/dynamodb.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "31" } } });
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1)
	throw new Error(`--rounds must be a whole number from 1; got ${values.rounds}.`);

interface Start {
	/** Until the handler could take an event, ms. */
	readonly load: number;
	/** The first event, ms. */
	readonly first: number;
	/** The sum, ms. */
	readonly both: number;
	/** The processor's time for both, ms. */
	readonly processor: number;
}

const PROGRAM = `
	const before = process.cpuUsage();
	const began = performance.now();
	const { handler } = await import(process.env.ENTRY);
	const loaded = performance.now();
	await handler(JSON.parse(process.env.EVENT), {});
	const done = performance.now();
	const { user, system } = process.cpuUsage(before);
	console.log(JSON.stringify({ load: loaded - began, first: done - loaded, both: done - began, processor: (user + system) / 1000 }));
	process.exit();`;

function start(entry: string): Promise<Start> {
	const event = {
		requestContext: {
			eventType: "MESSAGE",
			routeKey: "$default",
			connectionId: `${randomBytes(8).toString("hex")}=`,
			connectedAt: Date.now(),
			identity: { sourceIp: "192.0.2.1" },
		},
		body: JSON.stringify({
			type: "join",
			room: randomBytes(8).toString("hex"),
			peerId: randomBytes(20).toString("hex"),
		}),
	};
	const env = { ...process.env, ENTRY: pathToFileURL(entry).href, EVENT: JSON.stringify(event) };
	const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
		env,
		stdio: ["ignore", "pipe", "inherit"],
	});
	let text = "";
	child.stdout.setEncoding("utf8").on("data", (part: string) => {
		text += part;
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${entry} failed.`))));
	});
}

const { bundle } = await build();
const folder = mkdtempSync(join(tmpdir(), "cold-"));
const bare = join(folder, "bare.mjs");
await esbuild.build({
	entryPoints: ["bench/cold/bare.ts"],
	outdir: folder,
	outExtension: { ".js": ".mjs" },
	bundle: true,
	splitting: true,
	platform: "node",
	target: "node22",
	format: "esm",
	minify: true,
	mainFields: ["module", "main"],
	legalComments: "none",
});

const dynamodb = await startDynamodb();
const connections = createServer((request, response) => request.resume().on("end", () => response.end()));
await new Promise<void>((resolve) => connections.listen(0, "127.0.0.1", resolve));
Object.assign(process.env, {
	AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
	CALLBACK_ENDPOINT: `http://127.0.0.1:${(connections.address() as AddressInfo).port}`,
	TABLE_NAME: dynamodb.tableName,
	LOG_LEVEL: "error",
	METRICS: "off",
});

const kinds = [
	{ name: "the function", entry: bundle, starts: [] as Start[] },
	{ name: "the SDK's clients alone", entry: bare, starts: [] as Start[] },
];
for (let round = 0; round < ROUNDS; round++) {
	for (const { entry, starts } of round % 2 === 0 ? kinds : kinds.toReversed()) starts.push(await start(entry));
}
connections.close();
connections.closeAllConnections();
await dynamodb.close();
rmSync(folder, { recursive: true });

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const FIELDS = ["load", "first", "both", "processor"] as const;
const medians = kinds.map(({ name, starts }) => ({
	name,
	values: FIELDS.map((field) => median(starts.map((one) => one[field]))),
}));
const ratio = FIELDS.map((_, n) => (medians[0]?.values[n] ?? 0) / (medians[1]?.values[n] ?? 1));
const report = table(
	[`median of ${ROUNDS} starts`, "load, ms", "first `join`, ms", "both, ms", "processor for both, ms"],
	[
		...medians.map(({ name, values }) => [name, ...values.map((value) => value.toFixed(0))]),
		["ratio", ...ratio.map((value) => value.toFixed(2))],
	],
);
console.log(report);
replaceBetweenMarkers("docs/costs.md", "cold", report);
