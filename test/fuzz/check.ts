import fc from "fast-check";
import { FIRST_SEED, IS_LARGE } from "./size.ts";

/** The longest part of a failure that a person reads: frames may have tens of thousands of characters. */
const MAX_REPORT = 6_000;

/** Longest that one property may take, shrinking included, in ms. It ends a hang, and a shrinking without an end. */
const TIME_LIMIT_MS = IS_LARGE ? 600_000 : 100_000;

let checks = 0;

/**
 * Tries a property so many times: in `npm run test:fuzz` with ever new frames, in `npm test` and in CI, which must not
 * depend on chance, with the same ones each time.
 * A failure says with which `seed` and `path` it happened; given to this `fc.assert` they make it happen again.
 */
export async function check<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
	await fc.assert(property, {
		numRuns,
		interruptAfterTimeLimit: TIME_LIMIT_MS,
		markInterruptAsFailure: true,
		...(FIRST_SEED !== undefined && { seed: FIRST_SEED + checks++ }),
		reporter(details) {
			if (!details.failed) return;
			const report = fc.defaultReportMessage(details) ?? "";
			const shown = report.length > MAX_REPORT ? `${report.slice(0, MAX_REPORT)} […]` : report;
			throw new Error(`${details.errorInstance}\n${shown}`, { cause: details.errorInstance });
		},
	});
}
