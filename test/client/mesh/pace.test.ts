import { describe, expect, it } from "vitest";
import { createEmitter } from "../../../client/emitter.ts";
import { passing } from "../../../client/errors.ts";
import { SLOW_LINK_MS } from "../../../client/limits.ts";
import type { MeshEvents } from "../../../client/mesh/api.ts";
import { Pace } from "../../../client/mesh/pace.ts";
import { fakeTimers } from "../support/fake-timers.ts";

const full = () => passing("BUFFER_FULL", "Too much waits to be sent.");

function aPace() {
	const timers = fakeTimers();
	const errors: unknown[] = [];
	const { on, emit } = createEmitter<MeshEvents>();
	on("error", ({ code, peerId }) => errors.push([code, peerId]));
	const pace = new Pace(timers, emit);
	/** A broadcast: what each link does with it. */
	const wait = (links: Record<string, Promise<void>>) => {
		let taken: number | undefined;
		void pace.wait(new Map(Object.entries(links))).then((count) => {
			taken = count;
		});
		return () => taken;
	};
	return { timers, errors, wait };
}

const now = () => Promise.resolve();
const never = () => new Promise<void>(() => {});
function later() {
	let take = () => {};
	const taken = new Promise<void>((resolve) => {
		take = resolve;
	});
	return { taken, take };
}

describe("a broadcast", () => {
	it("waits for the links that keep pace", async () => {
		const { timers, wait } = aPace();
		const { taken, take } = later();
		const count = wait({ a: now(), b: taken });
		await timers.advance(SLOW_LINK_MS - 1);
		expect(count()).toBeUndefined();
		take();
		await timers.settle();
		expect(count()).toBe(2);
		expect(timers.pending()).toBe(0);
	});

	it("waits a moment for a link that takes nothing, and then not again before that has caught up", async () => {
		const { timers, wait } = aPace();
		const { taken, take } = later();
		const first = wait({ a: now(), b: taken });
		await timers.advance(SLOW_LINK_MS);
		expect(first()).toBe(2);
		for (let n = 0; n < 10; n++) {
			const next = wait({ a: now(), b: never() });
			await timers.settle();
			expect(next()).toBe(2);
		}

		take();
		await timers.settle();
		const again = wait({ a: now(), b: later().taken });
		await timers.settle();
		expect(again()).toBeUndefined();
	});

	it("counts the links that took it or keep it, and tells once of one that is full", async () => {
		const { timers, errors, wait } = aPace();
		const stall = full();
		for (let n = 0; n < 3; n++) {
			const count = wait({ a: now(), b: Promise.reject(stall) });
			await timers.settle();
			expect(count()).toBe(1);
		}
		expect(errors).toEqual([["BUFFER_FULL", "b"]]);
		wait({ a: now(), b: Promise.reject(full()) });
		await timers.settle();
		expect(errors).toHaveLength(2);
	});
});
