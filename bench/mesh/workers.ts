/** Spreads runs over the cores. The outcome of a run depends on its plan only, so this changes only the time that all runs take. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Outcome, Plan } from "./run.ts";

/**
 * @param batches each is carried out by one process
 * @param onDone is told the index of a batch when it is done
 * @returns the outcomes, in the order of the plans
 */
export async function runInWorkers(
	batches: readonly (readonly Plan[])[],
	onDone: (index: number) => void,
): Promise<Outcome[][]> {
	const outcomes: Outcome[][] = [];
	const waiting = [...batches.entries()];
	const takeTurns = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			const [index, plans] = next;
			outcomes[index] = await runInWorker(plans);
			onDone(index);
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
	return outcomes;
}

/** A process and not a thread: it inherits `--import tsx`, which a thread of Node 20 does not. */
function runInWorker(plans: readonly Plan[]): Promise<Outcome[]> {
	return new Promise((resolve, reject) => {
		const worker = fork(new URL("./worker.ts", import.meta.url));
		worker.once("message", (outcomes) => resolve(outcomes as Outcome[]));
		worker.once("exit", (code) => reject(new Error(`A worker ended with ${code}.`))); // without effect after the answer
		worker.send([...plans]);
	});
}
