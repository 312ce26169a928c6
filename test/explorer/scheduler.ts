/**
 * Decides which invocation goes on. An invocation stops at its points until it is let go, one at a time. It keeps its turn until it
 * ends or waits; taking its turn away before that is a preemption, and the bounds say how many a run may have.
 */
import { DependencyError } from "../../lambda/core/ports.ts";
import type { Choices } from "./choices.ts";
import type { Invocation } from "./history.ts";

/** The most that a run may have of each. */
export interface Bounds {
	readonly preemptions: number;
	/** Invocations that die: none of their further calls happens. */
	readonly crashes: number;
	/** Calls that fail: refused before they take effect, or with their answer lost. */
	readonly failures: number;
	/** Reads that may miss a recent write miss all writes of the run. @default false */
	readonly staleReads?: boolean;
}

/** An invocation, or a step of a client. */
type Actor = Invocation | { readonly name: string };

interface Point {
	readonly actor: Actor;
	readonly kind: "start" | "effect" | "answer";
	/** The next step, in words. */
	readonly says: () => string;
	readonly call: string;
	go(): void;
	fail(cause: DependencyError): void;
}

interface Way {
	readonly point: Point;
	readonly what: "go" | "fail" | "die";
	readonly preempts: boolean;
}

export interface Scheduler {
	/** From here on points wait for their turn. Before, they pass at once. */
	begin(): Promise<void>;

	/** Lets one after the other go until nothing is left to do. From then on points pass at once again. */
	finish(): Promise<void>;

	/** Runs an invocation. Never rejects: how it ended stands in the invocation. */
	start(invocation: Invocation, work: () => Promise<unknown>): Promise<void>;

	/** A step of a client. */
	step(name: string): Promise<void>;

	/** Waits for the turn of a call. Rejects if the call fails. */
	point(
		by: Invocation,
		kind: "effect" | "answer",
		call: string,
		args: readonly unknown[],
		result?: unknown,
	): Promise<void>;
}

/**
 * Lets everything go on that waits for promises alone. Node runs callbacks of nextTick once its queue of promises is
 * empty: https://nodejs.org/api/process.html#when-to-use-queuemicrotask-vs-processnexttick
 */
const settle = () => new Promise<void>((resolve) => process.nextTick(resolve));

export function createScheduler(bounds: Bounds, choices: Choices, onStep?: (step: string) => void): Scheduler {
	let { preemptions, crashes, failures } = bounds;
	let waiting: Point[] = [];
	let begun = false;
	let last: Actor | undefined;
	const onDeath = new Map<Actor, () => void>();

	const wait = (actor: Actor, kind: Point["kind"], call: string, says: () => string): Promise<void> => {
		if (!begun) return Promise.resolve();
		return new Promise((go, fail) => void waiting.push({ actor, kind, call, says, go, fail }));
	};

	const waysOn = (): Way[] => {
		const ways: Way[] = [];
		const add = (point: Point, preempts: boolean) => {
			if (preempts && preemptions === 0) return;
			ways.push({ point, what: "go", preempts });
			if (failures > 0 && point.kind !== "start") ways.push({ point, what: "fail", preempts });
		};
		const own = waiting.filter(({ actor }) => actor === last);
		// Hearing an answer touches only the memory of the instance. If no other invocation uses that, the runs in
		// which another goes first are the same runs once more.
		const heard = own.find(
			({ kind, actor }) => kind === "answer" && !("sharesInstance" in actor && actor.sharesInstance),
		);
		// Calls that an invocation makes side by side take their turns in order. Another order is a preemption too.
		for (const [index, point] of (heard ? [heard] : own).entries()) add(point, index > 0);
		const first = heard ?? own[0];
		// When nothing else has happened since its last call, dying is the same before and after what others do.
		if (crashes > 0 && first !== undefined) ways.push({ point: first, what: "die", preempts: false });
		if (heard) return ways;
		const others = new Set<Actor>();
		for (const point of waiting) {
			if (point.actor === last || others.has(point.actor)) continue;
			others.add(point.actor);
			add(point, own.length > 0);
		}
		return ways;
	};

	const take = ({ point, what, preempts }: Way) => {
		const { actor } = point;
		if (preempts) preemptions -= 1;
		last = actor;
		if (what === "die") {
			crashes -= 1;
			onStep?.(`!! ${actor.name}: dies before: ${point.says()}`);
			waiting = waiting.filter((other) => other.actor !== actor);
			if ("outcome" in actor) Object.assign(actor, { outcome: "died", hit: true });
			onDeath.get(actor)?.();
			return;
		}
		waiting = waiting.filter((other) => other !== point);
		if (what === "go") {
			onStep?.(`   ${actor.name}: ${point.says()}`);
			point.go();
			return;
		}
		failures -= 1;
		if ("outcome" in actor) actor.hit = true;
		onStep?.(`!! ${actor.name}: ${point.kind === "effect" ? "refused" : "answer lost"}: ${point.says()}`);
		point.fail(new DependencyError(point.call, { cause: new Error("injected") }));
	};

	return {
		async begin() {
			await settle();
			begun = true;
		},

		async finish() {
			for (;;) {
				await settle();
				const ways = waysOn();
				if (ways.length === 0) break;
				take(ways[ways.length === 1 ? 0 : choices.choose(ways.length)] as Way);
			}
			begun = false;
		},

		start: (invocation, work) =>
			new Promise((resolve) => {
				const end = (outcome: "done" | "rejected") => {
					invocation.outcome = outcome;
					resolve();
				};
				onDeath.set(invocation, resolve);
				wait(invocation, "start", "start", () => "starts")
					.then(work)
					.then(
						() => end("done"),
						() => end("rejected"),
					);
			}),

		step: (name) => wait({ name }, "start", "step", () => "now"),

		point: (by, kind, call, args, result) =>
			wait(by, kind, call, () => (kind === "effect" ? describe(call, args) : `${call} answers ${brief(result)}`)),
	};
}

function describe(call: string, args: readonly unknown[]): string {
	return `${call}(${args.map(brief).join(", ")})`;
}

/** A value of a trace: of records and frames only the fields that tell them apart. */
function brief(value: unknown): string {
	if (typeof value === "string" && value.startsWith("{")) return brief(JSON.parse(value));
	if (Array.isArray(value)) return `[${value.map(brief).join(", ")}]`;
	if (typeof value !== "object" || value === null) return String(value);
	const telling = ["type", "code", "peerId", "connectionId", "state", "replaces", "consistency", "at", "id"] as const;
	const fields = telling.flatMap((field) => {
		const shown = (value as Record<string, unknown>)[field];
		return shown === undefined ? [] : [`${field} ${String(shown)}`];
	});
	const { peers } = value as { peers?: { peerId?: string; id?: string }[] };
	if (peers !== undefined) fields.push(`peers ${peers.map((peer) => peer.peerId ?? peer.id).join(" ") || "none"}`);
	return `{${fields.join(", ")}}`;
}
