import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { billOf, DEFAULT_LOAD } from "../../cli/cost/bill.ts";
import { dollarsOf } from "../../cli/cost/dollars.ts";
import operations from "../../cli/cost/operations.json" with { type: "json" };
import { savingsOf } from "../../cli/cost/savings.ts";
import { PRICES } from "../../cli/prices.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../client/limits.ts";
import { cli } from "../support/cli.ts";

const costs = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");

/** The last cell of the row of docs/costs.md that begins with these cells. */
function documented(...cells: readonly string[]): string | undefined {
	const row = costs.split("\n").find((line) => cells.every((cell, n) => line.split("|")[n + 1]?.trim() === cell));
	return row?.split("|").at(-2)?.trim();
}

describe("the bill", () => {
	it("computes with the figures of docs/costs.md", () => {
		for (const [name, { bytesOut: _bytes, ...units }] of Object.entries(operations)) {
			const dollars = (dollarsOf(units) * 1e6).toFixed(2);
			expect(dollars, name).toBe(name === "session" ? documented("1000") : documented(name, "1000"));
		}
	});

	it("of a million of the documented sessions is the documented sum", () => {
		// A session of ten minutes with twenty pings.
		const { items } = billOf({ ...DEFAULT_LOAD, peers: 1e6 / 6, hours: 1, joins: 6, heartbeat: 30 });
		const { dataOut: _data, connectionMinutes, ...metered } = items;

		const sum = Object.values(metered).reduce((total, dollars) => total + dollars, 0);
		expect(sum.toFixed(2)).toBe(documented("1000"));
		expect(connectionMinutes).toBeCloseTo(1e7 * PRICES.connectionMinute, 6);
	});

	it("is the same by activity and by item", () => {
		const { lines, items, total } = billOf({ ...DEFAULT_LOAD, joins: 0.25, introduced: 5 });

		expect(lines.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(total, 9);
		expect(Object.values(items).reduce((sum, dollars) => sum + dollars, 0)).toBeCloseTo(total, 9);
	});

	it("counts the moves of sessions that outlive a connection", () => {
		const moves = (joins: number) =>
			billOf({ ...DEFAULT_LOAD, peers: 1, hours: 460, joins }).lines.find(({ name }) => name.startsWith("moves"))
				?.count;

		expect(moves(1)).toBe(0);
		expect(moves(0.25)).toBe(460 * 0.25 * 2);
		expect(moves(0)).toBeCloseTo(240, 6);
	});

	it("begins with what the client does", () => {
		expect(DEFAULT_LOAD.heartbeat * 1000).toBe(HEARTBEAT_INTERVAL_MS);
	});
});

describe("the savings", () => {
	it("are the largest first, and each is a change of the bill", () => {
		const load = { ...DEFAULT_LOAD, heartbeat: 30 };
		const savings = savingsOf(load);

		expect(savings[0]?.change).toContain("Ping every 8 minutes");
		expect(savings[0]?.dollars).toBeCloseTo(billOf(load).total - billOf({ ...load, heartbeat: 480 }).total, 9);
		expect(savings.map(({ dollars }) => dollars)).toEqual(savings.map(({ dollars }) => dollars).sort((a, b) => b - a));
	});

	it("do not name a change that is made", () => {
		const load = { ...DEFAULT_LOAD, heartbeat: 480, signals: 10, introduced: 5, joins: 0 };

		expect(savingsOf(load)).toEqual([]);
	});
});

describe("cost", () => {
	it("shows a bill, item by item, and what would save most", async () => {
		const { code, stdout } = await cli("cost", "--peers", "2000", "--heartbeat", "30");

		expect(code).toBe(0);
		expect(stdout).toMatch(/^Peers at a time: 2,000, hours of the month: 730\. \$\d+\.\d\d a month$/m);
		expect(stdout).toMatch(/^heartbeats +175,200,000 +\$\d+\.\d\d +\d\d %$/m);
		expect(stdout).toMatch(/^API Gateway, messages +\$\d+\.\d\d +\d\d %$/m);
		expect(stdout).toMatch(/^What would save most:\n {2}\$\d+\.\d\d a month: Ping every 8 minutes/m);
		for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(116);
	});

	it("writes the bill of its options as JSON", async () => {
		const load = { ...DEFAULT_LOAD, peers: 0, hours: 744, signalBytes: 500 };
		const { stdout } = await cli("cost", "--peers", "0", "--hours", "744", "--signal-bytes", "500", "--json");

		expect(JSON.parse(stdout)).toEqual({ ok: true, load, ...billOf(load), savings: [] });
	});

	it("refuses what no month has", async () => {
		expect(await cli("cost", "--hours", "800", "--introduced", "2.5")).toMatchObject({
			code: 2,
			stderr: expect.stringMatching(
				/^--hours must be a number from 0 to 744; got 800\.\n--introduced must be a whole number/,
			),
		});
	});
});
