/** The names and prices that the module's alarms, dashboard and access logs share with the code and the documents. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACCESS_LINE_FIELDS, watchingTable } from "../bench/watching.ts";
import { PRICES } from "../cli/prices.ts";
import { NAMESPACE } from "../lambda/adapters/traffic-report.ts";
import { METRICS } from "../lambda/core/metrics.ts";
import { ERROR_CODES } from "../protocol/index.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

describe("alarms.tf", () => {
	const source = read("alarms.tf");

	it("reads metrics that the function writes, under their namespace", () => {
		const names = [...source.matchAll(/metric {2}= \["report", "(\w+)"/g)].map(([, name]) => name);

		expect(names.length).toBeGreaterThan(0);
		for (const name of names) expect(Object.keys(METRICS)).toContain(name);
		expect(source).toContain(`namespace = "${NAMESPACE}"`);
	});

	it("has the price of a message", () => {
		const [, messages] = /messages_per_dollar = (\d+)/.exec(source) ?? [];

		expect(Number(messages)).toBe(1 / PRICES.message);
	});
});

describe("dashboard.tf", () => {
	const source = read("dashboard.tf");

	it("shows every metric that the function writes, and no other", () => {
		const codes = listAfter("error_codes = ");
		expect(codes).toEqual(Object.keys(ERROR_CODES));

		const shown = [
			...[...source.matchAll(/\["report", "(\w+)", "/g)].map(([, name]) => name),
			...codes.map((code) => `Error_${code}`),
			...listAfter("for name in "),
			...listAfter("for reason in ").map((reason) => `Refused_${reason}`),
			...[...source.matchAll(/for outcome in (\[.*?\])/g)].flatMap(([, list], index) =>
				JSON.parse(list as string).map((outcome: string) => `${["Callback", "Store"][index]}_${outcome}`),
			),
		];
		// The sum of the refused connects is the alarm's; the chart shows its parts.
		expect([...new Set([...shown, "ConnectsRefused"])].sort()).toEqual(Object.keys(METRICS).sort());
	});

	function listAfter(text: string): string[] {
		const at = source.indexOf(text) + text.length;
		const list = source.slice(at, source.indexOf("]", at) + 1);
		return JSON.parse(list.replace(/,\s*\]/, "]"));
	}
});

describe("docs/costs.md", () => {
	const costs = read("docs/costs.md");

	it("has the prices of watching that follow from the function's own lines", () => {
		expect(costs).toContain(`<!-- begin watching -->\n\n${watchingTable()}\n\n<!-- end watching -->`);
	});

	it("has the price of all metrics, and of those that a deployment without faults has", () => {
		const all = Object.keys(METRICS).length;

		expect(costs).toContain(`There are ${all}, most of them for faults`);
		expect(costs).toContain(`All ${all} would cost $${(all * PRICES.customMetric).toFixed(2)}.`);
		expect(costs).toContain(`about 16 have values, $${(16 * PRICES.customMetric).toFixed(2)} a\nmonth`);
		expect(costs).toContain(`17 alarms read 19 metrics: $${(19 * PRICES.alarmMetric).toFixed(2)} a month`);
	});

	it("counts an access line with the fields that the stage writes", () => {
		const block = /access_log_fields = merge\(\n\s+\{\n([\s\S]*?)\n\s+\},/.exec(read("access_logs.tf"))?.[1] ?? "";

		expect([...block.matchAll(/^\s+(\w+)\s+=/gm)].map(([, field]) => field)).toEqual(ACCESS_LINE_FIELDS);
	});
});
