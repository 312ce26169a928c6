/** A store that repeats its calls until a deadline, for work that no client waits for. */
import type { AsyncLocalStorage } from "node:async_hooks";
import { DependencyError, type SignalingStore } from "./core/ports.ts";

/** Time and chance, so that a test needs neither. */
export interface Patience {
	/** ms on a clock that only moves forward */
	now(): number;
	sleep(ms: number): Promise<void>;
	/** from 0 to below 1 */
	random(): number;
}

export const realPatience: Patience = {
	now: () => performance.now(),
	sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
	random: Math.random,
};

/** The wait before the second try of a call and the longest wait, in ms. It doubles, and half of it is random. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 4_000;

/** Answers of DynamoDB that say the same to every try: a fault of the deployment. */
const LASTING = new Set([
	"AccessDeniedException",
	"ResourceNotFoundException",
	"UnrecognizedClientException",
	"ValidationException",
]);

/** The time on the clock of `patience` at which no further try begins. Each invocation that may wait has its own. */
export type Deadline = AsyncLocalStorage<number>;

/**
 * A store that repeats its calls in an invocation that has a deadline. It repeats each call by itself, and not the whole
 * work: a second run of the whole would find half of it done, and would not tell the neighbours of a lease that the first
 * run removed.
 *
 * `countFrames` is not safe to repeat and is not repeated.
 */
export function patientStore(store: SignalingStore, deadline: Deadline, patience: Patience): SignalingStore {
	const repeat = async (call: () => Promise<unknown>): Promise<unknown> => {
		for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
			try {
				return await call();
			} catch (error) {
				const until = deadline.getStore();
				const pause = wait * (0.5 + patience.random() / 2);
				if (until === undefined || !mayPass(error) || patience.now() + pause >= until) throw error;
				await patience.sleep(pause);
			}
		}
	};

	const methods = Object.entries(store).map(([name, method]) =>
		name === "countFrames"
			? [name, method]
			: [
					name,
					// Without a deadline nothing is repeated, which is so for every frame.
					(...args: unknown[]) =>
						deadline.getStore() === undefined ? method.apply(store, args) : repeat(() => method.apply(store, args)),
				],
	);
	return Object.fromEntries(methods) as SignalingStore;
}

function mayPass(error: unknown): boolean {
	return error instanceof DependencyError && !(error.cause instanceof Error && LASTING.has(error.cause.name));
}
