import { PATIENCE_MS } from "./waiting.ts";

// The real ones, even while a test holds the time.
const { setTimeout, clearTimeout } = globalThis;

/**
 * Looks again and again until `probe` gives something: for events that no callback announces.
 * @param pauseMs between two looks
 * @throws if it gives nothing within {@link PATIENCE_MS}
 */
export async function eventually<T>(
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	pauseMs = 2,
): Promise<T> {
	let late = false;
	const timer = setTimeout(() => {
		late = true;
	}, PATIENCE_MS);
	try {
		while (!late) {
			const value = await probe();
			if (value) return value;
			await new Promise((resolve) => setTimeout(resolve, pauseMs));
		}
	} finally {
		clearTimeout(timer);
	}
	throw new Error(`It did not happen within ${PATIENCE_MS} ms: ${probe}`);
}
