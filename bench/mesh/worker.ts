/** A process that receives plans, carries out one run after the other, and sends back the outcomes. */
import { type Outcome, type Plan, run } from "./run.ts";

process.once("message", async (plans: readonly Plan[]) => {
	const outcomes: Outcome[] = [];
	for (const plan of plans) outcomes.push(await run(plan));
	process.send?.(outcomes, () => process.disconnect());
});
