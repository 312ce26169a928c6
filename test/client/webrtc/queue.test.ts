import { describe, expect, it } from "vitest";
import { createQueue, type Queued } from "../../../client/webrtc/queue.ts";
import { seededRandom } from "../support/seeded-random.ts";

interface One extends Queued<One> {
	readonly n: number;
}

describe("queue", () => {
	it("does as an array does, whatever the order of pushes and shifts", () => {
		const random = seededRandom(3);
		const queue = createQueue<One>();
		const model: One[] = [];
		for (let n = 0; n < 20_000; n++) {
			// Long runs of either, so that the queue grows, and ends at times.
			if (random() < (Math.floor(n / 4_000) % 2 === 0 ? 0.9 : 0.1)) {
				const one = { n };
				queue.push(one);
				model.push(one);
			} else {
				queue.shift();
				model.shift();
			}
			expect(queue.first).toBe(model[0]);
		}
		for (; queue.first !== undefined; queue.shift()) expect(queue.first).toBe(model.shift());
		expect(model).toEqual([]);
	});
});
