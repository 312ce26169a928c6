/** The command line as a user has it who installed the package: packed, in an empty folder, without the repository. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { buildCli } from "../../scripts/build-cli.mjs";
import { type CommandResult, run } from "../support/command.ts";

const TIMEOUT_MS = 60_000;
/** Some 310 kB now. */
const MAX_TARBALL_BYTES = 400_000;

let home: string;
let user: string;
let tarball: string;
let installed: string;

beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), "packed-cli-"));
	user = join(home, "user");
	mkdirSync(user);
	await buildCli(join(home, "built"));
	await run("npm", ["pack", join(home, "built"), "--silent"], { cwd: home, timeoutMs: TIMEOUT_MS });
	tarball = join(home, `p2pmesh-signaling-${packageFile.version}.tgz`);
	writeFileSync(join(user, "package.json"), "{}");
	await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: user, timeoutMs: TIMEOUT_MS });
	installed = join(user, "node_modules", "p2pmesh-signaling");
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const npx = (...args: string[]): Promise<CommandResult> =>
	run("npx", ["--offline", "p2pmesh-signaling", ...args], { cwd: user, timeoutMs: TIMEOUT_MS });

/** The server of the package, and its URL. */
async function serve(): Promise<string> {
	const program = join(installed, "program", "main.mjs");
	const child = spawn(process.execPath, [program, "serve", "--port", "0"], { cwd: user });
	onTestFinished(() => void child.kill("SIGKILL"));
	return new Promise((resolve, reject) => {
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk) => {
				output += chunk;
				const url = /wscat -c (ws:\S+)/.exec(output)?.[1];
				if (url !== undefined) resolve(url);
			});
		}
		child.once("close", () => reject(new Error(`It ended: ${output}`)));
	});
}

describe("the package of the command line", () => {
	it("is small, needs no other package, and holds what it runs and nothing of the development", () => {
		const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
		const files = readdirSync(installed, { recursive: true, encoding: "utf8" });

		expect(statSync(tarball).size).toBeLessThan(MAX_TARBALL_BYTES);
		expect(manifest.version).toBe(packageFile.version);
		expect(manifest.dependencies).toBeUndefined();
		expect(readdirSync(join(user, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
			"p2pmesh-signaling",
		]);
		expect(files.filter((file) => /\.(ts|map)$|test|bench/.test(file))).toEqual([]);
	});

	it("names the licenses of the packages in it", () => {
		const text = readFileSync(join(installed, "THIRD-PARTY-LICENSES.txt"), "utf8");

		for (const name of ["@aws-sdk/client-dynamodb", "jose", "ws"]) {
			expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
		}
		expect(text).toContain("Apache License");
	});

	it("explains itself through npx", async () => {
		expect((await npx("--help")).stdout).toContain("Usage: npx p2pmesh-signaling <command>");
		expect((await npx("--version")).stdout).toBe(`${packageFile.version}\n`);
	});

	it("serves, shows its page, and passes its own smoke test", async () => {
		const url = await serve();
		const page = await fetch(url.replace("ws:", "http:"));
		const html = await page.text();
		const scripts = [...html.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^":]+)"/g)].map(
			([, path]) => path as string,
		);

		expect(html).toContain("<title>");
		expect(scripts.length).toBeGreaterThan(0);
		for (const path of [...scripts, "p2pmesh-client.js"]) {
			expect((await fetch(new URL(path, page.url))).status, path).toBe(200);
		}
		expect((await npx("smoke", url)).stdout).toMatch(/^Passed: 14 steps in \d+ ms\.$/m);
		expect(JSON.parse((await npx("doctor", url, "--json")).stdout)).toMatchObject({ failed: 0 });
	});

	it("reaches AWS by the SDK that is in it", async () => {
		const aws = ["--url", "wss://abc.execute-api.eu-west-1.amazonaws.com/prod"];
		const env = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: "true" };
		const program = join(installed, "program", "main.mjs");

		const failure = run(process.execPath, [program, "rooms", "lobby", ...aws], {
			cwd: user,
			env,
			timeoutMs: TIMEOUT_MS,
		});

		await expect(failure).rejects.toThrow(/exited with code 3\.\nThere are no AWS credentials/);
	});
});

describe("the command line in a clone", () => {
	it("runs by npm run and by npx, with the exit code of the command", async () => {
		const token = spawn("npm", ["run", "--silent", "token", "--", "--secret-file", "-"], {
			stdio: ["pipe", "pipe", "pipe"],
		});
		token.stdin.end("a secret that is long enough for HS256\n");
		let printed = "";
		token.stdout.on("data", (chunk) => (printed += chunk));

		expect(await new Promise((resolve) => token.once("close", resolve))).toBe(0);
		expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
		await expect(run("npx", ["p2pmesh-signaling", "smoek"], { timeoutMs: TIMEOUT_MS })).rejects.toThrow(
			/exited with code 2\.[\s\S]*Did you mean smoke\?/,
		);
	});

	it("ends in silence if the reader of its pipe goes away", async () => {
		const shell = "set -o pipefail; node cli/bin.mjs --help | head -1";
		const { output } = await run("bash", ["-c", shell], { timeoutMs: TIMEOUT_MS });

		expect(output).toMatch(/^Runs a signaling server.*\n$/);
	});
});
