/**
 * Measures the start of the function, without tokens and with them, and the start of the same code in one file: the files that
 * load, and the time that this takes. Each start is a separate process, and the kinds take turns.
 *
 * npm run bench:start
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { build } from "../scripts/build.mjs";
import { replaceBetweenMarkers, table } from "./report.ts";

const REPEATS = 31;

const { bundle, atStart } = await build();
const folder = mkdtempSync(join(tmpdir(), "start-"));
const single = join(folder, "index.mjs");
await esbuild.build({
	entryPoints: ["lambda/index.ts"],
	outfile: single,
	bundle: true,
	platform: "node",
	target: "node22",
	format: "esm",
	minify: true,
	mainFields: ["module", "main"],
	legalComments: "none",
});

/** The built files with names that begin with `module`: esbuild names a file that loads later after its module. */
const built = (module: string) =>
	readdirSync(dirname(bundle))
		.filter((file) => file.startsWith(module) && file.endsWith(".mjs"))
		.map((file) => join(dirname(bundle), file));

const jwt = { JWT_ISSUER: "https://issuer.test/", JWT_AUDIENCE: "signaling", JWT_JWKS_URL: "https://issuer.test/keys" };
const sharedSecret = { AUTH_MODE: "shared_secret", AUTH_SECRET_NAME: "ssm:/auth" };
const verifier = built("token-verifier");
const kinds = [
	{ name: "`none`", entry: bundle, files: atStart, variables: {} },
	{ name: "`jwt`", entry: bundle, files: [...atStart, ...verifier], variables: { AUTH_MODE: "jwt", ...jwt } },
	{
		name: "`shared_secret` (SSM)",
		entry: bundle,
		files: [...atStart, ...verifier],
		variables: sharedSecret,
	},
	{ name: "`none`, all in one file", entry: single, files: [single], variables: {} },
].map((kind) => ({ ...kind, times: [] as number[] }));

/** @returns how long loading took, in ms, until the handler could take its first event */
function start(entry: string, variables: Readonly<Record<string, string>>): number {
	const program = `const began = performance.now();
		await import(${JSON.stringify(pathToFileURL(entry).href)});
		console.log(performance.now() - began);
		process.exit();`;
	const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
		encoding: "utf8",
		env: {
			...process.env,
			AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
			AWS_REGION: "us-east-1",
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
			AWS_ENDPOINT_URL_SSM: "http://127.0.0.1:9", // nothing listens there: the read continues in the background of the start
			AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9", // the call at the start fails at once
			TABLE_NAME: "table",
			CALLBACK_ENDPOINT: "http://127.0.0.1:9",
			LOG_LEVEL: "error",
			...variables,
		},
	});
	if (status !== 0) throw new Error(stderr);
	return Number(stdout);
}

for (let n = 0; n < REPEATS; n++) {
	for (const { entry, variables, times } of kinds) times.push(start(entry, variables));
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const reference = median(kinds[0]?.times ?? []);
const rows = kinds.map(({ name, files, times }) => {
	const contents = files.map((file) => readFileSync(file));
	const size = contents.reduce((sum, content) => sum + content.length, 0);
	const gzipped = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
	return [name, String(files.length), kB(size), kB(gzipped), (median(times) / reference).toFixed(2)];
});
const report = table(["`auth_mode`", "files", "size", "gzipped", "time to load, ratio"], rows);
console.log(report);
replaceBetweenMarkers("docs/costs.md", "start", report);
rmSync(folder, { recursive: true });
