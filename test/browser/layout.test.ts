import { describe, expect, it } from "vitest";
import { circle } from "../../examples/browser/layout.js";

const ids = (count: number) => Array.from({ length: count }, (_, at) => `p${at}`);

describe("the graph's circle", () => {
	it.each([1, 2, 3, 8, 11, 30, 100].flatMap((count) => [[count, 310, 320] as const, [count, 760, 420] as const]))(
		"keeps %i nodes apart, within %i by %i px",
		(count, width, height) => {
			const places = [...circle(ids(count), { width, height }, 5).values()];

			for (const { x, y } of places) {
				expect(x).toBeGreaterThanOrEqual(6);
				expect(x).toBeLessThanOrEqual(width - 6);
				expect(y).toBeGreaterThanOrEqual(6);
				expect(y).toBeLessThanOrEqual(height - 6);
			}
			const distances = places.flatMap((one, at) =>
				places.slice(at + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y)),
			);
			if (count <= 30) expect(Math.min(Number.POSITIVE_INFINITY, ...distances)).toBeGreaterThan(12);
		},
	);

	it("has the first at its top, and two side by side", () => {
		const size = { width: 500, height: 400 };
		const many = [...circle(ids(5), size, 8).values()];
		const [left, right] = [...circle(ids(2), size, 8).values()];

		expect(Math.min(...many.map(({ y }) => y))).toBe(many[0]?.y);
		expect(many[0]?.x).toBeCloseTo(250);
		expect(left?.y).toBeCloseTo(right?.y ?? 0);
		expect(left?.x).toBeLessThan(right?.x ?? 0);
	});

	it("never turns a name upside down", () => {
		for (const { turn } of circle(ids(30), { width: 500, height: 400 }, 6).values()) {
			expect(Math.cos((turn * Math.PI) / 180)).toBeGreaterThanOrEqual(-0.001);
		}
	});

	it("names nobody where there is no room for names", () => {
		expect(circle(ids(100), { width: 500, height: 400 }, 6).get("p0")?.named).toBe(false);
	});
});
