import { declare } from "../command-line/command.ts";
import type { Console } from "../command-line/console.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { lines } from "../command-line/help.ts";
import { number } from "../command-line/options.ts";
import { alignedRows, grouped } from "../command-line/table.ts";
import { type Bill, billOf, DEFAULT_LOAD, type Load } from "../cost/bill.ts";
import type { Dollars } from "../cost/dollars.ts";
import { type Saving, savingsOf } from "../cost/savings.ts";

const ITEM_NAMES: Readonly<Record<keyof Dollars, string>> = {
	messages: "API Gateway, messages",
	connectionMinutes: "API Gateway, connection minutes",
	invocations: "Lambda, invocations",
	gigabyteSeconds: "Lambda, time",
	readUnits: "DynamoDB, reads",
	writeUnits: "DynamoDB, writes",
	dataOut: "data transfer",
};

/** Of a number option: its default stands in one place. */
const of = (
	key: keyof Load,
	option: { value: string; least?: number; most: number; sentence: string; whole?: boolean },
) => number({ least: 0, ...option, default: DEFAULT_LOAD[key] });

export const cost = declare({
	name: "cost",
	summary: "Computes a month's bill from what the peers do, and names the change that would save most.",
	options: {
		peers: of("peers", { value: "n", most: 1e9, sentence: "peers that are connected at a time, on average" }),
		hours: of("hours", { value: "n", most: 744, sentence: "hours of the month in which they are" }),
		joins: of("joins", {
			value: "n",
			most: 3_600,
			sentence: "joins of one peer in an hour: 2 if it stays for half an hour, 0 if it never leaves",
		}),
		signals: of("signals", { value: "n", most: 1e6, sentence: "signals that a peer sends for each join" }),
		signalBytes: of("signalBytes", { value: "n", most: 32_000, sentence: "bytes of a signal" }),
		heartbeat: of("heartbeat", {
			value: "seconds",
			most: 86_400,
			sentence: "time between two pings, 0 for none; the default is the client's",
		}),
		introduced: of("introduced", {
			value: "n",
			least: 1,
			most: 24,
			whole: true,
			sentence: "peers that a newcomer is introduced to: nearest_peers and far_peers",
		}),
	},
	remarks: [
		"The units of each operation are counted on the code that ships (docs/costs.md); the prices are of us-east-1, without " +
			"free tier, and Lambda's time is an assumption. Logs, metrics, alarms, TURN servers and taxes are extra.",
	],
	examples: ["npx p2pmesh-signaling cost --peers 2000 --hours 240 --joins 3"],

	async run({ values }, console) {
		const { json: _json, help: _help, ...load } = values as Load & { json?: boolean; help?: boolean };
		const bill = billOf(load);
		const savings = savingsOf(load);
		for (const line of show(bill, savings, load, console)) console.line(line);
		return { exitCode: EXIT.ok, data: { load, lines: bill.lines, items: bill.items, total: bill.total, savings } };
	},
});

/** Without those that cost nothing. */
const largestFirst = <T extends { readonly dollars: number }>(list: readonly T[]): T[] =>
	list.filter(({ dollars }) => dollars > 0).sort((a, b) => b.dollars - a.dollars);

const percent = (share: number) => (share > 0 && share < 0.005 ? "<1 %" : `${Math.round(100 * share)} %`);

const money = (dollars: number) => `$${grouped(dollars, 2)}`;

function show(
	{ lines: activities, items, total }: Bill,
	savings: readonly Saving[],
	load: Load,
	{ style, width }: Console,
) {
	const share = (dollars: number) => percent(total === 0 ? 0 : dollars / total);
	const [activityHead = "", ...activityRows] = alignedRows(
		["the peers", "times a month", "$ a month", "share"],
		largestFirst(activities).map(({ name, count, dollars }) => [name, grouped(count), money(dollars), share(dollars)]),
	);
	const [itemHead = "", ...itemRows] = alignedRows(
		["on AWS's bill", "$ a month", "share"],
		largestFirst(Object.entries(ITEM_NAMES).map(([key, name]) => ({ name, dollars: items[key as keyof Dollars] }))).map(
			({ name, dollars }) => [name, money(dollars), share(dollars)],
		),
	);
	const [best, ...others] = savings;
	const advice = (saving: Saving, emphasis: (text: string) => string) => {
		const [first = "", ...rest] = lines(`${money(saving.dollars)} a month: ${saving.change}`, width - 2);
		return [first, ...rest].map((line) => `  ${emphasis(line)}`);
	};
	return [
		`Peers at a time: ${grouped(load.peers)}, hours of the month: ${grouped(load.hours)}. ${style.bold(`${money(total)} a month`)}`,
		"",
		style.bold(activityHead),
		...activityRows,
		"",
		style.bold(itemHead),
		...itemRows,
		...(best === undefined ? [] : ["", "What would save most:", ...advice(best, style.green)]),
		...(others.length === 0 ? [] : ["Then:", ...others.flatMap((saving) => advice(saving, (text) => text))]),
	];
}
