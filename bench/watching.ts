/**
 * The cost of watching a deployment: log lines by the traffic, metrics, alarms and the dashboard by the month. The lines are
 * those of the function's own report, for traffic of three kinds on a clock that this file moves.
 *
 *     node --import tsx bench/watching.ts      writes the table into docs/costs.md
 */
import { pathToFileURL } from "node:url";
import { PRICES } from "../cli/prices.ts";
import { trafficReport } from "../lambda/adapters/traffic-report.ts";
import type { CountName } from "../lambda/core/metrics.ts";
import type { MetricsMode } from "../lambda/core/settings.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const MINUTE_MS = 60_000;

/** The pace of the signals of one instance. */
const PACES = [
	{ name: "50 a second, as busy as an instance gets", everyMs: 20 },
	{ name: "1 a second", everyMs: 1_000 },
	{ name: "1 every two minutes, the worst case", everyMs: 2 * MINUTE_MS },
] as const;

const MODES: readonly MetricsMode[] = ["off", "sampled", "on"];

/** What is simulated for each row: so much time, and so many signals at least. */
const SIMULATED_MS = 20 * MINUTE_MS;
const LEAST_SIGNALS = 200;

/** The counts of one signal on the warm path. */
const OF_A_SIGNAL: readonly CountName[] = ["SignalsRelayed", "Callback_ok"];
const SIGNAL = "x".repeat(400);

/** The size of the lines that an instance writes for a million signals at a pace, in bytes. */
export function bytesPerMillionSignals(mode: MetricsMode, everyMs: number): number {
	let bytes = 0;
	let now = Date.UTC(2030, 0, 1);
	const metrics = trafficReport({
		mode,
		service: "p2pmesh-signaling",
		stage: "prod",
		clock: { now: () => now },
		write: (line) => {
			bytes += Buffer.byteLength(line) + 1;
		},
	});
	const signals = Math.max(LEAST_SIGNALS, SIMULATED_MS / everyMs);
	for (let n = 0; n < signals; n++) {
		metrics.report();
		for (const name of OF_A_SIGNAL) metrics.count(name);
		metrics.measure("BytesRelayed", SIGNAL);
		metrics.time("CallbackLatency", 5 + ((n * 7) % 20));
		metrics.report();
		now += everyMs;
	}
	now += MINUTE_MS;
	metrics.report();
	return (bytes / signals) * 1e6;
}

/** What a field of an access log holds, at its usual length. */
const ACCESS_LINE = {
	requestId: "Rx1aBcDeFiAFxyz=",
	requestTime: "30/Nov/2026:12:00:00 +0000",
	eventType: "MESSAGE",
	routeKey: "signal",
	connectionId: "Rx1aBcDeFiACxyz=",
	messageId: "Rx1aBdGhIiACxyz=",
	status: "200",
	error: "-",
	errorType: "-",
	integrationStatus: "200",
	integrationError: "-",
	latency: "12",
};

export const ACCESS_LINE_FIELDS = Object.keys(ACCESS_LINE);

const dollarsLogged = (bytes: number) => (bytes / 1e9) * PRICES.gigabyteLogged;
const inWords = (dollars: number) => (dollars < 0.01 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`);

/** The table of docs/costs.md. */
export function watchingTable(): string {
	const rows = PACES.map(({ name, everyMs }) => [
		name,
		...MODES.map((mode) => inWords(dollarsLogged(bytesPerMillionSignals(mode, everyMs)))),
	]);
	const accessLogs = inWords(dollarsLogged(1e6 * JSON.stringify(ACCESS_LINE).length));
	return [
		table(["a million signals, at one instance's pace", ...MODES.map((mode) => `\`metrics\` = \`${mode}\``)], rows),
		table(
			["by use or by the month", "price"],
			[
				["a line of the access logs for each of a million frames (`create_access_logs`)", accessLogs],
				["a custom metric that has a value in every hour of a month", `$${PRICES.customMetric.toFixed(2)}`],
				["a metric that an alarm reads, for a month", `$${PRICES.alarmMetric.toFixed(2)}`],
				["the dashboard, for a month", `$${PRICES.dashboard.toFixed(2)}`],
			],
		),
	].join("\n\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const written = watchingTable();
	console.log(written);
	replaceBetweenMarkers("docs/costs.md", "watching", written);
}
