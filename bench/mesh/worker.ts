/** A process that carries out the runs it is sent, one after the other, and sends back what came of them. */
import { type Outcome, type Plan, run } from "./run.ts";

process.once("message", async (plans: readonly Plan[]) => {
	const outcomes: Outcome[] = [];
	for (const plan of plans) outcomes.push(await run(plan));
	process.send?.(outcomes, () => process.disconnect());
});
