/** Runs a scenario in every way that the bounds allow, and checks each run. */
import { type Choices, everyChoice, randomChoices, replay } from "./choices.ts";
import type { History } from "./history.ts";
import { INVARIANTS, type InvariantName } from "./invariants.ts";
import { run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import type { Bounds } from "./scheduler.ts";

export interface ExploreOptions extends Bounds {
	/** Stops after so many runs. @default no bound */
	readonly maxRuns?: number;
	/** Walks at random from this seed instead of taking every way. Needs `maxRuns`. */
	readonly seed?: number;
	/** Stops when this says so. @default never */
	readonly isOver?: () => boolean;
}

export interface Violation {
	readonly invariant: InvariantName;
	/** The fault of the first such run, in words. */
	readonly sentence: string;
	/** How many runs break the invariant. */
	readonly runs: number;
	/** The choices that lead to the first such run. */
	readonly choices: readonly number[];
}

export interface Exploration {
	readonly runs: number;
	/** Whether every way was taken. */
	readonly complete: boolean;
	/** Runs in which an invocation that died left a lease, and one later frame removed it. */
	readonly healed: number;
	readonly violations: readonly Violation[];
}

export async function explore(scenario: Scenario, options: ExploreOptions): Promise<Exploration> {
	const choices: Choices = options.seed === undefined ? everyChoice() : randomChoices(options.seed);
	const violations = new Map<InvariantName, Violation>();
	let healed = 0;
	for (let runs = 1; ; runs++) {
		const history = await run(scenario, options, choices);
		if (history.healed > 0) healed += 1;
		for (const [invariant, sentence] of broken(history)) {
			const first = violations.get(invariant) ?? { invariant, sentence, runs: 0, choices: [...choices.taken()] };
			violations.set(invariant, { ...first, runs: first.runs + 1 });
		}
		const exhausted = !choices.advance();
		if (exhausted || runs === options.maxRuns || options.isOver?.()) {
			return { runs, complete: exhausted, healed, violations: [...violations.values()] };
		}
	}
}

/** The invariants that a run breaks, each with the first sentence of it. */
function broken(history: History): [InvariantName, string][] {
	const names = Object.keys(INVARIANTS) as InvariantName[];
	return names.flatMap((name) =>
		INVARIANTS[name](history)
			.slice(0, 1)
			.map((sentence): [InvariantName, string] => [name, sentence]),
	);
}

/** The steps of the run that these choices lead to. */
export async function traceOf(scenario: Scenario, bounds: Bounds, choices: readonly number[]): Promise<string[]> {
	const steps: string[] = [];
	await run(scenario, bounds, replay(choices), (step) => void steps.push(step));
	return steps;
}
