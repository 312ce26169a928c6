/** The server under test: `npm start` in a separate process, observed from outside. */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

export interface Server {
	/** `ws://localhost:port` */
	readonly url: string;
	/** The number of connections that it reports. */
	connections(): Promise<number>;
	/** Its resident memory in bytes, or undefined on a system that does not say. */
	memory(): number | undefined;
	/** Resolves with its exit code when it ends. */
	readonly ended: Promise<number | null>;
	/** Asks it to end, as an init system would. */
	stop(): void;
}

/** @throws if the server ends before it listens */
export async function startServer(): Promise<Server> {
	const child = spawn(process.execPath, [START, "--port", "0", "--log-level", "warn"], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	process.once("exit", () => child.kill("SIGKILL")); // however this process ends
	const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
	const url = await listeningAt(child.stdout);

	return {
		url,
		ended,
		async connections() {
			const response = await fetch(`${url.replace("ws:", "http:")}/healthz`);
			return ((await response.json()) as { connections: number }).connections;
		},
		memory: () => residentBytes(child.pid as number),
		stop: () => void child.kill("SIGTERM"),
	};
}

/** Reads the server's URL from its output. */
function listeningAt(stdout: Readable): Promise<string> {
	return new Promise((resolve, reject) => {
		let output = "";
		stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
			const url = /Signaling on (ws:\S+)/.exec(output)?.[1];
			if (url !== undefined) resolve(url);
		});
		stdout.once("end", () => reject(new Error(`The server ended before it listened: ${output}`)));
	});
}

function residentBytes(pid: number): number | undefined {
	try {
		return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
	} catch {
		// Not Linux.
	}
	try {
		return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1024;
	} catch {
		return undefined;
	}
}
