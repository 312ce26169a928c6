import { beforeEach, describe, expect, it } from "vitest";
import { type CachedValue, cachedValue } from "../../lambda/adapters/cached-value.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { aClock } from "../support/records.ts";

describe("cachedValue", () => {
	let clock: ReturnType<typeof aClock>;
	let readings: number;
	let kept: unknown[];
	let fault: Error | undefined;
	let value: CachedValue<number>;

	beforeEach(() => {
		clock = aClock();
		readings = 0;
		kept = [];
		fault = undefined;
		value = cachedValue({
			read: async () => {
				readings += 1;
				if (fault !== undefined) throw fault;
				return readings;
			},
			operation: "test:read",
			maxAgeMs: 10_000,
			cooldownMs: 1_000,
			retryMs: 3_000,
			firstRetryMs: 2_000,
			clock,
			onKept: (cause) => kept.push(cause),
		});
	});

	it.each([
		["back", -60_000],
		["forward", 60_000],
	])("is read once more if the clock is set %s, and no more often than that", async (_direction, ms) => {
		await value.current();
		clock.forward(ms);

		for (let n = 0; n < 5; n++) await value.current();
		for (let n = 0; n < 5; n++) await value.reread();

		expect(readings).toBe(2);
	});

	it("is tried again after a failure when that is due", async () => {
		await value.current();
		fault = new Error("injected");
		clock.forward(10_001);
		for (let n = 0; n < 3; n++) expect(await value.current()).toBe(1);
		for (let n = 0; n < 3; n++) expect(await value.reread()).toBe(1);
		expect(readings).toBe(2);

		clock.forward(3_000);
		expect(await value.current()).toBe(1);
		expect(readings).toBe(3);
		expect(kept).toEqual([fault, fault]);

		fault = undefined;
		clock.forward(3_000);
		expect(await value.current()).toBe(4);
	});

	it("is tried again after a failure if the clock is set back", async () => {
		fault = new Error("injected");
		await expect(value.current()).rejects.toThrow(DependencyError);
		fault = undefined;
		clock.forward(-60_000);

		expect(await value.current()).toBe(2);
	});

	it("that was never read fails at once for a while, with the same cause", async () => {
		fault = new Error("injected");

		for (let n = 0; n < 3; n++) await expect(value.current()).rejects.toMatchObject({ cause: fault });
		expect(readings).toBe(1);

		clock.forward(2_000);
		await expect(value.current()).rejects.toMatchObject({ cause: fault });
		expect(readings).toBe(2);
	});
});
