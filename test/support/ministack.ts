/** MiniStack, an AWS on this machine: the package `ministack` of PyPI. */
import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pythonWith } from "../../scripts/python-tools.mjs";

/** Pinned: the tests assert its differences from AWS, and these change between versions. */
export const MINISTACK_VERSION = "1.5.33";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts it. Its processes of functions are known by the alias that was called, and go on with the code and the settings of the
 * version that the alias named at first. Here they are known by the version, as in Lambda.
 */
const START = `
from ministack.core import lambda_runtime
key_of = lambda_runtime._worker_key
lambda_runtime._worker_key = lambda name, config, qualifier: key_of(name, config, config.get("Version", qualifier))
from ministack.app import main
main()
`;

/** Run by the functions before their code: the emulator answers late if the machine is busy. */
const AMPLE_TIME = `import { giveAmpleTime } from "${new URL("ample-time.mjs", import.meta.url)}"; giveAmpleTime();`;

/** The account's root: Terraform uses them as it uses a user's credentials. */
export const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" } as const;
export const REGION = "us-east-1";

export interface Ministack {
	/** `http://127.0.0.1:{port}`, for AWS_ENDPOINT_URL */
	readonly endpoint: string;
	/** The Python of its virtual environment, which also holds botocore. */
	readonly python: string;
	stop(): Promise<void>;
}

/**
 * Installs it, if that was not done yet, and starts it on any free port.
 * @param folder for its files; the caller removes it
 */
export async function startMinistack(folder: string): Promise<Ministack> {
	const python = await pythonWith("ministack", MINISTACK_VERSION);
	const port = await freePort();
	const endpoint = `http://127.0.0.1:${port}`;
	const logFile = join(folder, "ministack.log");

	// The functions inherit this environment, so it holds nothing of the tests' own.
	const env = {
		PATH: process.env.PATH,
		TMPDIR: folder,
		GATEWAY_PORT: String(port),
		BIND_HOST: "127.0.0.1",
		// Policies are enforced: the function can do only what its role allows.
		AUTH: "true",
		// Further ports, which a second instance could not open.
		IOT_MTLS_ENABLED: "0",
		SFTP_ENABLED: "0",
		AWS_REGION: REGION,
		NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(AMPLE_TIME)}`,
		...CREDENTIALS,
	};
	const sink = await open(logFile, "w");
	const child = spawn(python, ["-c", START], { env, stdio: ["ignore", sink.fd, sink.fd] });
	await sink.close();
	const killNow = () => child.kill("SIGKILL");
	process.once("exit", killNow);

	const stop = async () => {
		await end(child);
		process.off("exit", killNow);
	};
	try {
		await answers(`${endpoint}/_localstack/health`, child);
	} catch (error) {
		await stop();
		throw new Error(`${(error as Error).message} It printed:\n${await readFile(logFile, "utf8")}`, { cause: error });
	}
	return { endpoint, python, stop };
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => {
				if (typeof address === "object" && address !== null) resolve(address.port);
				else reject(new Error("No free port was found."));
			});
		});
	});
}

/** Waits until the URL answers. */
async function answers(url: string, child: ChildProcess): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (Date.now() < deadline) {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error("MiniStack ended while it started.");
		const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
		if (response?.ok) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`MiniStack did not answer within ${START_TIMEOUT_MS} ms.`);
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGTERM");
	const insist = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
	await ended;
	clearTimeout(insist);
}
