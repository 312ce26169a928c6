/** Spreads runs over the cores. The outcome of a run depends on its plan only, so this changes only the time that all runs take. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Plans for one process. */
export interface Batch<Plan> {
	readonly plans: readonly Plan[];
}

/**
 * @param batches each is carried out by one process
 * @param onDone is told the index of a batch when it is done
 * @returns the outcomes, in the order of the plans
 */
export async function runInWorkers<Plan, Outcome>(
	batches: readonly Batch<Plan>[],
	onDone: (index: number) => void,
): Promise<Outcome[][]> {
	const folder = mkdtempSync(join(tmpdir(), "p2pmesh-bench-"));
	try {
		const program = join(folder, "worker.mjs");
		await bundle(program);
		const outcomes: Outcome[][] = [];
		const waiting = [...batches.entries()];
		const takeTurns = async () => {
			for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
				const [index, { plans }] = next;
				outcomes[index] = await runInWorker(program, plans);
				onDone(index);
			}
		};
		await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
		return outcomes;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** In one file, a part of the client that loads late is there in the same moment of simulated time. */
async function bundle(outfile: string): Promise<void> {
	const entry = fileURLToPath(new URL("./worker.ts", import.meta.url));
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		platform: "node",
		format: "esm",
		logLevel: "warning",
	});
}

function runInWorker<Plan, Outcome>(program: string, plans: readonly Plan[]): Promise<Outcome[]> {
	return new Promise((resolve, reject) => {
		// Most of what a simulation allocates lives for some milliseconds: a large nursery frees it cheaply.
		const worker = fork(program, { execArgv: ["--max-semi-space-size=64", "--max-old-space-size=9000"] });
		worker.once("message", (outcomes) => resolve(outcomes as Outcome[]));
		worker.once("exit", (code) => reject(new Error(`A worker ended with ${code}.`))); // without effect after the answer
		worker.send([...plans]);
	});
}
