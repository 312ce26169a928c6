/** What signaling through the mesh gives: the clients that ship, with it and without, while the server is there and while it is away. */
import { DEFAULT_MAX_PEERS } from "../../client/limits.ts";
import { table } from "../report.ts";
import type { Purpose } from "./clients/bill.ts";
import {
	BROKEN_PER_MINUTE,
	type ClientOutcome,
	type ClientPlan,
	COUNTED_AFTER_MS,
	LOST,
	type Minute,
	type Signals,
} from "./clients/run.ts";
import { dollarsOfAnHour, dollarsOfJoins } from "./dollars.ts";
import { count, mean, percent, sum } from "./figures.ts";
import { lineChart } from "./plot.ts";
import type { Batch } from "./workers.ts";

/** The targets. */
const MESSAGES_PER_NEWCOMER = 4;
const SHARE_WHILE_AWAY = 0.99;

const MINUTES = 30;
const AWAY = [10, 20] as const;
const PLOTTED = 1_000;

interface Scenario {
	readonly size: number;
	readonly signals: Signals;
	readonly minutes: number;
	readonly away?: readonly [from: number, to: number] | undefined;
	readonly runs: number;
}

/** The longest first, so that no core waits long for the other at the end. */
const SCENARIOS: readonly Scenario[] = [
	{ size: 10_000, signals: "mesh", minutes: 3, away: [1, 3], runs: 1 },
	{ size: 1_000, signals: "mesh", minutes: MINUTES, runs: 1 },
	{ size: 1_000, signals: "mesh", minutes: MINUTES, away: AWAY, runs: 1 },
	{ size: 1_000, signals: "server", minutes: MINUTES, away: AWAY, runs: 1 },
	{ size: 50, signals: "mesh", minutes: MINUTES, runs: 4 },
	{ size: 50, signals: "mesh", minutes: MINUTES, away: AWAY, runs: 4 },
	{ size: 50, signals: "server", minutes: MINUTES, away: AWAY, runs: 4 },
];
const QUICK: readonly Scenario[] = [
	{ size: 200, signals: "mesh", minutes: 12, away: [4, 9], runs: 1 },
	{ size: 50, signals: "mesh", minutes: 24, away: [4, 14], runs: 1 },
	{ size: 50, signals: "server", minutes: 6, away: [4, 6], runs: 1 },
];

interface Done extends Scenario {
	readonly outcomes: readonly ClientOutcome[];
}

/** The minutes of coming and going: before the server went, while it was away, the first one after that, and those after it. */
function phasesOf({ outcomes, away }: Done) {
	const [from, to] = away ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	const pick = (holds: (minute: number) => boolean) => outcomes.map((all) => all.filter((_, minute) => holds(minute)));
	return {
		joined: pick((minute) => minute === 0),
		before: pick((minute) => minute > 0 && minute <= from),
		away: pick((minute) => minute > from && minute <= to),
		back: pick((minute) => minute === to + 1),
		after: pick((minute) => minute > to + 1),
	};
}

/** Share of the peers that are in the largest component, of all runs together, in the worst minute. Undefined if there is none. */
function leastShare(runs: readonly (readonly Minute[])[]): number | undefined {
	const minutes = runs[0]?.map((_, at) => runs.flatMap((run) => run[at] ?? [])) ?? [];
	if (minutes.length === 0) return undefined;
	const shares = minutes.map(
		(all) => sum(all.map((one) => one.peers * one.largestShare)) / sum(all.map((one) => one.peers)),
	);
	return Math.min(...shares);
}

const totalOf = <Key extends string>(records: readonly Readonly<Record<Key, number>>[], key: Key) =>
	sum(records.map((record) => record[key] ?? 0));

function figuresOf(done: readonly Done[]) {
	const phases = done.map(phasesOf);
	const up = phases.flatMap(({ before }) => before.flat());
	const peerMinutes = sum(up.map(({ present }) => present));
	const newcomers = up.flatMap((minute) => minute.newcomers).sort((a, b) => a - b);
	const perHour = (purpose: Purpose) =>
		(60 *
			totalOf(
				up.map(({ bill }) => bill),
				purpose,
			)) /
		peerMinutes;
	const bytes = up.flatMap((minute) => Object.entries(minute.bytes));
	const bytesOf = (isOf: (kind: string) => boolean) =>
		sum(bytes.map(([kind, value]) => (isOf(kind) ? value : 0))) / peerMinutes;
	const hops = up.flatMap((minute) => Object.entries(minute.hops).map(([links, n]) => [Number(links), n] as const));
	const signals = sum(hops.map(([, n]) => n));
	const aways = phases.filter(({ away }) => away[0]?.length);
	return {
		dollarsOfAnHour: dollarsOfAnHour(up, 1_000),
		messagesPerNewcomer: mean(newcomers),
		messagesOf95: newcomers[Math.floor(newcomers.length * 0.95)] ?? Number.NaN,
		perHour,
		billPerHour: (60 * sum(up.flatMap(({ bill }) => Object.values(bill)))) / peerMinutes,
		overlayBytes: bytesOf((kind) => kind === "overlay"),
		allBytes: bytesOf(() => true),
		hops: signals === 0 ? undefined : sum(hops.map(([links, n]) => links * n)) / signals,
		mostHops: Math.max(...hops.map(([links]) => links)),
		shareUp: Math.min(
			...phases.flatMap(({ joined, before, after }) => [joined, before, after].map((runs) => leastShare(runs) ?? 1)),
		),
		shareAway: Math.min(...aways.map(({ away }) => leastShare(away) ?? 1)),
		shareBack: Math.min(...phases.map(({ back }) => leastShare(back) ?? 1)),
		peak: Math.max(...phases.flatMap(({ back }) => back.flat().map(({ peak, present }) => peak / present))),
	};
}

const groupsOf = (done: readonly Done[]) => {
	const keys = new Set(done.map(({ size, signals }) => `${size} ${signals}`));
	return [...keys].map((key) => done.filter(({ size, signals }) => `${size} ${signals}` === key)).reverse();
};

const nameOf = ({ size, signals }: Scenario) =>
	`${count(size)}, signals ${signals === "mesh" ? "through the mesh" : "by the server"}`;
const runsOf = (done: readonly Done[]) =>
	done.map(({ runs, minutes, away }) => `${runs} × ${minutes}${away ? ` (away ${away[1] - away[0]})` : ""}`).join(", ");

const SHARE_HEAD = ["peers", "runs × minutes", "server there", "server away", "a minute after its return"];
const BILL_HEAD = [
	"billed messages",
	"links of a newcomer (95 %)",
	"for one peer in an hour",
	"connects, joins",
	"notices",
	"links",
	"repairs",
	"searches",
	"keepalives",
	"a second at the return",
];
const BILL_HEAD_OF_COSTS = [
	"signals",
	"messages for the links of a newcomer",
	"a million joins with their links",
	"messages of a peer in an hour",
	"1,000 peers for an hour",
];
const TRAFFIC_HEAD = [
	"through the mesh",
	"links of a signal (most)",
	"overlay, B a minute",
	"all but data, B a minute",
];

function tablesOf(done: readonly Done[]): string {
	const groups = groupsOf(done).map((group) => ({ group, name: nameOf(group[0] as Done), figures: figuresOf(group) }));
	const share = (value: number) => (Number.isFinite(value) ? percent(value) : "");
	const shares = groups.map(({ group, name, figures }) => [
		name,
		runsOf(group),
		share(figures.shareUp),
		share(figures.shareAway),
		group.some(({ away, minutes }) => away && away[1] < minutes) ? share(figures.shareBack) : "",
	]);
	const bills = groups.map(({ name, figures: { perHour, ...figures } }) => [
		name,
		`${count(figures.messagesPerNewcomer, 1)} (${figures.messagesOf95})`,
		count(figures.billPerHour),
		count(perHour("connect") + perHour("join") + perHour("leave")),
		...(["notice", "link", "repair", "search", "ping"] as const).map((purpose) => count(perHour(purpose))),
		Number.isFinite(figures.peak) ? `${count(figures.peak, 1)} for each peer` : "",
	]);
	const traffic = groups.map(({ name, figures }) => [
		name,
		figures.hops === undefined ? "" : `${figures.hops.toFixed(1)} (${figures.mostHops})`,
		count(figures.overlayBytes),
		count(figures.allBytes),
	]);
	return [table(SHARE_HEAD, shares), table(BILL_HEAD, bills), table(TRAFFIC_HEAD, traffic)].join("\n\n");
}

const MODEL = [
	`These are clients that ship, with at most ${DEFAULT_MAX_PEERS} links, and the handler that ships, over its memory store. Only the sockets, the browser's`,
	"`RTCPeerConnection` and the time are pretended. A message takes 10 to 60 ms between two peers, and every pair of peers finds a path.",
	"The peers join over a minute. Then a fifth of them is replaced per minute. Half of those that go say so. The programs of the others",
	"end without a word: the server sees it after half a second, and their neighbours' browsers after 5 to 20 s. In each minute",
	`${BROKEN_PER_MINUTE * 100} % of the links break, and a restart of ICE mends ${LOST * 100} % of these. While the server is away peers go and links break as before, and`,
	"newcomers wait. Its memory is empty when it is back.",
	"",
	"The first table has the share of the peers in the largest component, in the worst minute: of all peers that were welcomed more than",
	`${COUNTED_AFTER_MS / 1_000} s ago, over links that carry something. The others count the minutes before the server goes. Links of a newcomer: signals in and`,
	"out, their errors and its searches in its first minute, without restarts of ICE, which are repairs. With 8 links that all go by the",
	"server it would be 32. A message is one that API Gateway bills. Bytes are those that a peer sends.",
].join("\n");

/** For docs/costs.md. */
function billOf(done: readonly Done[]): string {
	const rows = groupsOf(done.filter(({ size }) => size === PLOTTED)).map((group) => {
		const { messagesPerNewcomer, billPerHour, dollarsOfAnHour } = figuresOf(group);
		return [
			(group[0] as Done).signals === "mesh" ? "through the mesh" : "by the server",
			count(messagesPerNewcomer, 1),
			`$${dollarsOfJoins(messagesPerNewcomer).toFixed(2)}`,
			count(billPerHour),
			`$${dollarsOfAnHour.toFixed(2)}`,
		];
	});
	return table(BILL_HEAD_OF_COSTS, rows);
}

function failuresOf(done: readonly Done[]): string[] {
	return groupsOf(done.filter(({ signals }) => signals === "mesh")).flatMap((group) => {
		const { messagesPerNewcomer, shareUp, shareAway } = figuresOf(group);
		const at = nameOf(group[0] as Done);
		return [
			...(messagesPerNewcomer > MESSAGES_PER_NEWCOMER
				? [
						`${at}: ${count(messagesPerNewcomer, 2)} billed messages for the links of a newcomer; at most ${MESSAGES_PER_NEWCOMER} are allowed.`,
					]
				: []),
			...(shareUp < 1
				? [`${at}: the largest component fell to ${percent(shareUp)} with the server; it must hold all peers.`]
				: []),
			...(shareAway < SHARE_WHILE_AWAY
				? [
						`${at}: the largest component fell to ${percent(shareAway)} without the server; it must hold ${percent(SHARE_WHILE_AWAY)}.`,
					]
				: []),
		];
	});
}

function plot(done: readonly Done[]): string {
	const ofPlotted = done.filter(({ size, away }) => size === PLOTTED && away !== undefined);
	const lines = ofPlotted.map(({ signals, outcomes }) => ({
		label: `signals ${signals === "mesh" ? "through the mesh" : "by the server only"}`,
		values: (outcomes[0] ?? []).map(({ largestShare }) => largestShare),
	}));
	const present = {
		label: "peers that are joined",
		values: (ofPlotted[0]?.outcomes[0] ?? []).map(({ peers }) => peers / PLOTTED),
	};
	return lineChart(
		`Peers in the largest component: ${count(PLOTTED)} peers, a fifth replaced per minute`,
		"minutes since all have joined",
		"share of the peers",
		[...lines, present],
		{ from: AWAY[0], to: AWAY[1], label: "no server" },
	);
}

export interface Signaling {
	readonly batches: readonly (Batch<ClientPlan> & { readonly title: string })[];
	/** @param outcomes of the batches, in their order */
	report(outcomes: readonly (readonly ClientOutcome[])[]): {
		readonly text: string;
		readonly bill: string;
		readonly svg: string;
		readonly failures: readonly string[];
	};
}

export function signaling(quick: boolean, firstSeed: number): Signaling {
	// A batch for each run, so that both cores have work to the end.
	const batches = (quick ? QUICK : SCENARIOS).flatMap((scenario) =>
		Array.from({ length: scenario.runs }, (_, n) => {
			const { size, signals, minutes, away } = scenario;
			const title = `${nameOf(scenario)}${away ? `, without a server from minute ${away[0]} to ${away[1]}` : ""}, seed ${firstSeed + n}`;
			return {
				scenario,
				title,
				plans: [{ size, signals, minutes, away, seed: firstSeed + n }],
			};
		}),
	);
	return {
		batches,
		report(outcomes) {
			const scenarios = [...new Set(batches.map(({ scenario }) => scenario))];
			const done = scenarios.map(
				(scenario): Done => ({
					...scenario,
					outcomes: batches.flatMap((batch, index) => (batch.scenario === scenario ? (outcomes[index] ?? []) : [])),
				}),
			);
			return { text: `${tablesOf(done)}\n\n${MODEL}`, bill: billOf(done), svg: plot(done), failures: failuresOf(done) };
		},
	};
}
