/** Starts servers and the load as processes, and looks at them from outside. */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Contestant } from "./contestants.ts";
import type { Results, Target, Task } from "./load.ts";

const LOAD = new URL("load.ts", import.meta.url);
const START_LIMIT_MS = 20_000;

export interface Server extends Target {
	readonly pid: number;
	/** From the start of the process to its first line, in ms. */
	readonly startedAfter: number;
	/** Processor time so far, in ms; of all threads. Undefined on a system that does not say. */
	cpu(): number | undefined;
	/** Resident memory in bytes. Undefined on a system that does not say. */
	memory(): number | undefined;
	stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

function keep(child: ChildProcess): Promise<void> {
	running.add(child);
	return new Promise((resolve) =>
		child.once("close", () => {
			running.delete(child);
			resolve();
		}),
	);
}

/** @throws if it ends, or prints nothing for too long */
export async function startServer(contestant: Contestant): Promise<Server> {
	const port = await freePort();
	const { args, env = {} } = contestant.command(port);
	const began = performance.now();
	const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
	const ended = keep(child);
	let output = "";
	const startedAfter = await new Promise<number>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`${contestant.name} does not start: ${output}`)), START_LIMIT_MS);
		const look = (data: Buffer) => {
			output += data;
			if (!contestant.ready.test(output)) return;
			clearTimeout(timer);
			child.stdout.off("data", look).resume(); // some print a line for every connection
			resolve(performance.now() - began);
		};
		child.stdout.on("data", look);
		child.stderr.on("data", (data) => (output += data));
		void ended.then(() => reject(new Error(`${contestant.name} ended: ${output}`)));
	});
	const actual = Number(/:\/\/[^\s:]+:(\d+)/.exec(output)?.[1] ?? port);
	return {
		port: actual,
		dialect: contestant.dialect,
		pid: child.pid as number,
		startedAfter,
		cpu: () => cpuOf(child.pid as number),
		memory: () => memoryOf(child.pid as number),
		async stop() {
			child.kill("SIGKILL");
			await ended;
		},
	};
}

export interface Load {
	/** Rejects if the task fails. */
	run<T extends Task>(task: T): Promise<Results[T["do"]]>;
	stop(): void;
}

export function startLoad(): Load {
	const child = fork(LOAD, { execArgv: ["--import", "tsx", "--max-semi-space-size=64"] });
	void keep(child);
	child.on("error", () => {});
	return {
		run: (task) =>
			new Promise((resolve, reject) => {
				child.removeAllListeners("message").removeAllListeners("exit");
				child.on("message", (answer: { result: never } | { error: string }) =>
					"error" in answer ? reject(new Error(answer.error)) : resolve(answer.result),
				);
				child.once("exit", (code) => reject(new Error(`The load ended with ${code}.`)));
				child.send({ ...task, ...("target" in task && { target: plain(task.target) }) });
			}),
		stop: () => child.disconnect(),
	};
}

const plain = ({ port, dialect }: Target): Target => ({ port, dialect });

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}

/** Linux counts processor time in hundredths of a second. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuOf(pid: number): number | undefined {
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
		return (Number(fields[11]) + Number(fields[12])) * 10;
	} catch {
		// Not Linux.
	}
	try {
		const [minutes, seconds] = execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" }).split(":");
		return (Number(minutes) * 60 + Number(seconds)) * 1000;
	} catch {
		return undefined;
	}
}

function memoryOf(pid: number): number | undefined {
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
