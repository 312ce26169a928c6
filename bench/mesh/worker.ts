/** A process that receives plans, carries out one run after the other, and sends back the outcomes. */
import { type ClientPlan, runClients } from "./clients/run.ts";
import { type Plan, run } from "./run.ts";

process.once("message", async (plans: readonly (Plan | ClientPlan)[]) => {
	const outcomes: unknown[] = [];
	for (const plan of plans) outcomes.push(await ("signals" in plan ? runClients(plan) : run(plan)));
	process.send?.(outcomes, () => process.disconnect());
});
