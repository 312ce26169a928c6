/** A store whose calls are repeated until a time, for work that no client waits for. */
import { DependencyError, type PeerStore } from "./core/ports.ts";

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

/**
 * Each call by itself is repeated, and not the whole of what needs them: a repetition of the whole would find half of its
 * work done, and would not tell the neighbours of a lease that the first try removed.
 *
 * `countFrames` is not safe to repeat and is not repeated.
 * @param until when no further try begins, on the clock of `patience`
 */
export function patientStore(store: PeerStore, until: number, patience: Patience): PeerStore {
	const repeat = async (call: () => Promise<unknown>): Promise<unknown> => {
		for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
			try {
				return await call();
			} catch (error) {
				const pause = wait * (0.5 + patience.random() / 2);
				if (!mayPass(error) || patience.now() + pause >= until) throw error;
				await patience.sleep(pause);
			}
		}
	};

	return new Proxy(store, {
		get(target, name) {
			const method: unknown = Reflect.get(target, name);
			if (typeof method !== "function" || name === "countFrames") return method;
			return (...args: unknown[]) => repeat(() => method.apply(target, args));
		},
	});
}

function mayPass(error: unknown): boolean {
	return error instanceof DependencyError && !(error.cause instanceof Error && LASTING.has(error.cause.name));
}
