import { describe, expect, it } from "vitest";
import { NAMESPACE, type TrafficOptions, trafficReport } from "../../lambda/adapters/traffic-report.ts";
import { COUNTS, type CountName, LATENCIES, METRICS } from "../../lambda/core/metrics.ts";
import { createHandler } from "../../lambda/handler.ts";
import { someDependencies } from "../support/defaults.ts";
import { emfFaults, emfMetrics } from "../support/emf.ts";
import { aConnectEvent, aMessageEvent } from "../support/events.ts";
import { aClock } from "../support/records.ts";

const SECOND = 1_000;

function aReport(options: Partial<TrafficOptions> = {}) {
	const clock = aClock();
	const lines: string[] = [];
	const write = (line: string) => void lines.push(line);
	const metrics = trafficReport({ mode: "on", service: "mesh", stage: "dev", clock, write, ...options });
	/** What the handler does with one event. */
	const event = (...names: CountName[]) => {
		metrics.report();
		for (const name of names) metrics.count(name);
		metrics.report();
	};
	const take = () => lines.splice(0).map((line) => JSON.parse(line));
	return { clock, lines, metrics, event, take };
}

describe("trafficReport", () => {
	it("writes lines of the embedded metric format, with every metric of the table and no id", () => {
		const { clock, lines, metrics } = aReport();
		for (const name of Object.keys(COUNTS) as CountName[]) metrics.count(name, 2);
		metrics.time("CallbackLatency", 12.4);
		metrics.time("StoreLatency", 3.5);

		metrics.report();

		expect(emfFaults(lines[0] as string, clock.now())).toEqual([]);
		const dimensions = { Service: "mesh", Stage: "dev" };
		expect(emfMetrics(lines[0] as string)).toEqual(
			Object.entries(METRICS).map(([name, { unit }]) => ({
				namespace: NAMESPACE,
				dimensions,
				name,
				unit,
				values: name === "CallbackLatency" ? [12] : name === "StoreLatency" ? [4] : [2],
			})),
		);
	});

	it("is a line of the log for a reader too", () => {
		const { clock, event, take } = aReport({ mode: "off" });

		event("Joins");

		expect(take()).toEqual([
			{
				level: "INFO",
				timestamp: new Date(clock.now()).toISOString(),
				event: "traffic",
				Service: "mesh",
				Stage: "dev",
				Joins: 1,
			},
		]);
	});

	it("reports the first event at once, and then once a minute however much happens", () => {
		const { clock, event, take } = aReport({ mode: "sampled" });

		event("ColdStarts", "Joins");
		expect(take()).toMatchObject([{ ColdStarts: 1, Joins: 1 }]);

		for (let n = 0; n < 590; n++) {
			clock.forward(SECOND / 10);
			event("SignalsRelayed");
		}
		expect(take()).toEqual([]);
		clock.forward(SECOND);
		event("SignalsRelayed");
		expect(take()).toMatchObject([{ SignalsRelayed: 590 }]);
	});

	it("reports what a freeze held back under the time at which it happened, and the event that ended the freeze at once", () => {
		const { clock, event, take } = aReport();
		event("Joins");
		take();
		clock.forward(10 * SECOND);
		event("Leaves");
		const left = clock.now();

		clock.forward(3_600 * SECOND);
		event("Takeovers");

		const [before, after] = take();
		expect(before).toMatchObject({ Leaves: 1, _aws: { Timestamp: left } });
		expect(after).toMatchObject({ Takeovers: 1, _aws: { Timestamp: clock.now() } });
		expect(before.Takeovers ?? after.Leaves).toBeUndefined();
	});

	it("says nothing of events in which nothing was counted", () => {
		const { clock, event, take } = aReport();

		event();
		clock.forward(90 * SECOND);
		event();

		expect(take()).toEqual([]);
	});

	it("goes on when the clock was set back", () => {
		const { clock, event, take } = aReport();
		event("Joins");
		clock.forward(-3_600 * SECOND);

		event("Leaves");

		expect(take()).toMatchObject([{ Joins: 1 }, { Leaves: 1 }]);
	});

	it("samples latencies evenly if it may write one line a minute, and never writes more values than the format takes", () => {
		const { clock, lines, metrics, event } = aReport({ mode: "sampled" });
		event("Joins");
		lines.length = 0;

		for (let ms = 0; ms < 1_000; ms++) {
			metrics.report();
			metrics.time("CallbackLatency", ms);
			metrics.report();
		}
		clock.forward(61 * SECOND);
		event("Joins");

		expect(lines).toHaveLength(2); // the held ones, and the event that came a minute after them
		expect(emfFaults(lines[0] as string, clock.now())).toEqual([]);
		const { CallbackLatency: values } = JSON.parse(lines[0] as string);
		expect(values.length).toBeGreaterThan(50);
		expect(values).toEqual(Array.from({ length: values.length }, (_, n) => n * values[1]));
		expect(values.at(-1)).toBeGreaterThan(900);
	});

	it("writes every latency if it is on", () => {
		const { clock, lines, metrics } = aReport();

		for (let n = 0; n < 500; n++) {
			metrics.report();
			metrics.time("CallbackLatency", n);
			metrics.report();
		}
		clock.forward(61 * SECOND);
		metrics.report();

		for (const line of lines) expect(emfFaults(line, clock.now())).toEqual([]);
		expect(lines.flatMap((line) => JSON.parse(line).CallbackLatency)).toEqual(Array.from({ length: 500 }, (_, n) => n));
		expect(lines.length).toBeLessThan(10);
	});

	it("never breaks the handling of an event, even if nothing can be written", async () => {
		const full = () => {
			throw new Error("ENOSPC");
		};
		const posted: string[] = [];
		const sender = {
			post: async (_id: string, text: string) => {
				posted.push(text);
				return "sent" as const;
			},
			close: async () => {},
			isOpen: async () => true,
		};
		const { metrics } = aReport({ write: full });
		const handler = createHandler({ ...someDependencies(sender), metrics });

		expect(await handler(aConnectEvent())).toEqual({ statusCode: 200 });
		expect(await handler(aMessageEvent("no json"))).toEqual({ statusCode: 200 });
		expect(posted).toHaveLength(1);
	});
});

describe("the table of metrics", () => {
	it("fits one line, and has names that need no quotes in a query", () => {
		expect(Object.keys(METRICS).length).toBeLessThanOrEqual(100);
		for (const name of Object.keys(METRICS)) expect(name).toMatch(/^[A-Z][A-Za-z_]*$/);
		for (const name of Object.keys(LATENCIES))
			expect(METRICS).toHaveProperty(name, expect.objectContaining({ unit: "Milliseconds" }));
	});
});
