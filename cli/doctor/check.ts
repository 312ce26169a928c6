import type { Deployment } from "../aws/deployment.ts";
import type { ProgramResult } from "../aws/run-program.ts";
import type { Environment } from "../command-line/console.ts";

export type Verdict = "ok" | "warning" | "failed" | "not run";

export interface Finding {
	readonly verdict: Verdict;
	/** What was seen, as a phrase. */
	readonly detail: string;
	/** What to do about it, as sentences. */
	readonly hint?: string | undefined;
}

/** What a check looks at. Tests hand in other things. */
export interface World {
	readonly deployment: Deployment;
	readonly origin: string | undefined;
	/** How long a check may wait for one answer, in ms. */
	readonly timeoutMs: number;
	readonly env: Environment;
	readonly nodeVersion: string;
	/** Certificates to trust beside the known ones. @default none */
	readonly ca?: string;
	run(program: string, args: readonly string[]): Promise<ProgramResult>;
	/** ms since the epoch */
	now(): number;
}

export interface Check {
	/** Its name for people and for `--json`. */
	readonly name: string;
	/** Checks without which it cannot be made: if one of them failed, this one is not run. */
	readonly needs?: readonly string[];
	look(world: World): Promise<Finding>;
}

export interface Checked extends Finding {
	readonly name: string;
}

export const ok = (detail: string): Finding => ({ verdict: "ok", detail });
export const warning = (detail: string, hint: string): Finding => ({ verdict: "warning", detail, hint });
export const failed = (detail: string, hint?: string): Finding => ({ verdict: "failed", detail, hint });
export const notRun = (why: string): Finding => ({ verdict: "not run", detail: why });

/** Makes the checks one after the other. */
export async function* examine(checks: readonly Check[], world: World): AsyncGenerator<Checked> {
	const made = new Map<string, Finding>();
	for (const { name, needs = [], look } of checks) {
		const obstacle = needs.find((need) => !isPassed(made.get(need)));
		const finding = obstacle === undefined ? await look(world) : notRun(reasonOf(obstacle, made.get(obstacle)));
		made.set(name, finding);
		yield { name, ...finding };
	}
}

function isPassed(finding: Finding | undefined): boolean {
	return finding?.verdict === "ok" || finding?.verdict === "warning";
}

/** The first cause in a chain of checks that need one another. */
function reasonOf(name: string, finding: Finding | undefined): string {
	return finding?.verdict === "not run" ? finding.detail : `${name} failed`;
}
