/** What signaling through the mesh gives: the clients that ship, with it and without, while the server is there and while it is away. */
import type { ClientOutcome, ClientPlan } from "./clients/run.ts";
import { count, percent } from "./figures.ts";
import { lineChart } from "./plot.ts";
import { type Done, figuresOf, groupsOf, type Scenario } from "./signaling-figures.ts";
import { billOf, MODEL, nameOf, tablesOf } from "./signaling-tables.ts";
import type { Batch } from "./workers.ts";

/**
 * The targets. The typical newcomer pays for one link by the server. The mean is higher, since some call a peer that has just
 * ended without a word, or through one.
 */
const MESSAGES_PER_NEWCOMER = { median: 4, mean: 5 };
const SHARE_WHILE_AWAY = 0.99;

const MINUTES = 30;
const AWAY = [10, 20] as const;
/** The large rooms take minutes of processor for each of theirs. */
const MINUTES_OF_LARGE = 18;
const AWAY_OF_LARGE = [4, 14] as const;
const PLOTTED = 1_000;

/** The longest first, so that no core waits long for the other at the end. */
const SCENARIOS: readonly Scenario[] = [
	{ size: 1_000, signals: "mesh", minutes: MINUTES_OF_LARGE, away: AWAY_OF_LARGE, runs: 1 },
	{ size: 1_000, signals: "server", minutes: MINUTES_OF_LARGE, away: AWAY_OF_LARGE, runs: 1 },
	{ size: 50, signals: "mesh", minutes: MINUTES, runs: 2 },
	{ size: 50, signals: "mesh", minutes: MINUTES, away: AWAY, runs: 2 },
	{ size: 50, signals: "server", minutes: MINUTES, away: AWAY, runs: 2 },
];
const QUICK: readonly Scenario[] = [
	{ size: 200, signals: "mesh", minutes: 8, away: [3, 6], runs: 1 },
	{ size: 50, signals: "mesh", minutes: 24, away: [4, 14], runs: 1 },
	{ size: 50, signals: "server", minutes: 6, away: [4, 6], runs: 1 },
];

function failuresOf(done: readonly Done[]): string[] {
	return groupsOf(done.filter(({ signals }) => signals === "mesh")).flatMap((group) => {
		const { messagesPerNewcomer, medianOfMessages, shareUp, shareAway } = figuresOf(group);
		const at = nameOf(group[0] as Done);
		return [
			...(medianOfMessages > MESSAGES_PER_NEWCOMER.median || messagesPerNewcomer > MESSAGES_PER_NEWCOMER.mean
				? [
						`${at}: ${medianOfMessages} billed messages for the links of a newcomer, and ${count(messagesPerNewcomer, 2)} in the mean; at most ${MESSAGES_PER_NEWCOMER.median} and ${MESSAGES_PER_NEWCOMER.mean} are allowed.`,
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
	const away = ofPlotted[0]?.away;
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
		away && { from: away[0], to: away[1], label: "no server" },
	);
}

export interface Signaling {
	readonly batches: readonly (Batch<ClientPlan> & { readonly title: string })[];
	/** @param outcomes of the batches, in their order */
	report(outcomes: readonly (readonly ClientOutcome[])[]): Report;
}

export interface Report {
	readonly text: string;
	readonly bill: string;
	readonly svg: string;
	readonly failures: readonly string[];
}

export function reportOf(done: readonly Done[]): Report {
	return {
		text: `${tablesOf(done)}\n\n${MODEL}`,
		bill: billOf(done, PLOTTED),
		svg: plot(done),
		failures: failuresOf(done),
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
			return reportOf(done);
		},
	};
}
