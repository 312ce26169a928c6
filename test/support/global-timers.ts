/**
 * The `setTimeout` of node:timers/promises, over the global one, which `holdTime` can hold. For test files that hold the
 * time of code that sleeps by it:
 *
 *     vi.mock("node:timers/promises", () => import("../support/global-timers.ts"));
 */
export function setTimeout<T>(ms: number, value?: T, options: { signal?: AbortSignal } = {}): Promise<T | undefined> {
	return new Promise((resolve, reject) => {
		const { signal } = options;
		const timer = globalThis.setTimeout(() => resolve(value), ms);
		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			reject(signal.reason);
		});
	});
}
