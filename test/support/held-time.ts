import { onTestFinished, vi } from "vitest";

/**
 * Holds the clock and the timers of this process until the end of the test: time passes only by `forward`, so that a busy
 * machine cannot make a deadline pass. Sockets go on as ever.
 */
export function holdTime(): { forward(ms: number): Promise<void> } {
	vi.useFakeTimers({
		toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
	});
	onTestFinished(() => void vi.useRealTimers());
	return {
		async forward(ms) {
			await vi.advanceTimersByTimeAsync(ms);
		},
	};
}
