/**
 * The mesh that grows from the server's introductions alone: the selection code that ships, and a rule of thumb for clients. It
 * compares settings, in more runs and larger meshes than real clients can be simulated in.
 */
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { table } from "../report.ts";
import { count, mean, percent } from "./figures.ts";
import { lineChart } from "./plot.ts";
import type { Joining, Outcome, Plan } from "./run.ts";
import { CHECK_SECONDS, FEWEST_LINKS, type MeshSettings, MOST_LINKS } from "./simulated-mesh.ts";

const MINUTES = 30;
const LARGEST = 10_000;
const PLOTTED = 1_000;

/** Chance has more weight in a small mesh, so it takes more runs. The shipped setting has a promise to keep, so it gets most. */
const RUNS = [
	{ size: 50, ofShipped: 200, ofOthers: 20 },
	{ size: PLOTTED, ofShipped: 10, ofOthers: 3 },
	{ size: LARGEST, ofShipped: 1, ofOthers: 1 },
];
/** Minutes of the other settings in the largest mesh, in which all peers join at once: enough to see them fall apart. */
const MINUTES_OF_OTHERS = 5;

const SHIPPED = `${DEFAULT_SETTINGS.nearestPeers} nearest + ${DEFAULT_SETTINGS.farPeers} far (shipped)`;
/** The shipped setting, with ids of every form. */
const MIXED = "the same, mixed forms of ids";
const LISTED = { refill: true, tellsEverybody: false };
const SETTINGS: Readonly<Record<string, MeshSettings>> = {
	[SHIPPED]: { nearestPeers: DEFAULT_SETTINGS.nearestPeers, farPeers: DEFAULT_SETTINGS.farPeers, ...LISTED },
	[MIXED]: {
		nearestPeers: DEFAULT_SETTINGS.nearestPeers,
		farPeers: DEFAULT_SETTINGS.farPeers,
		mixedIds: true,
		...LISTED,
	},
	[`${DEFAULT_SETTINGS.nearestPeers + DEFAULT_SETTINGS.farPeers} nearest`]: {
		nearestPeers: DEFAULT_SETTINGS.nearestPeers + DEFAULT_SETTINGS.farPeers,
		farPeers: 0,
		...LISTED,
	},
	[`${DEFAULT_SETTINGS.nearestPeers} nearest`]: { nearestPeers: DEFAULT_SETTINGS.nearestPeers, farPeers: 0, ...LISTED },
	"p2pmesh's five": { nearestPeers: 5, farPeers: 0, refill: false, tellsEverybody: true },
};

const MODEL = [
	`A fifth of the peers is replaced per minute. A peer has at most ${MOST_LINKS} links, all to peers that it was introduced to. It`,
	"counts its links when the peers that it called on joining have answered, when a link has died, and every",
	`${CHECK_SECONDS} seconds; with fewer than ${FEWEST_LINKS} it asks \`find_peers\`. One by one: the peers join over a minute. At once: all peers are`,
	"registered before any is introduced. Least and worst are over all minutes of all runs, the rest are means. Hops are",
	"counted within the largest component. In a mesh of 50, one peer that is cut off when half are gone is 4 % of the rest.",
	"",
	"p2pmesh's five: its server lists the five nearest and tells all peers of every join. The model has links to those five. It",
	"leaves out the clients' use of the other notices, and its clients do not ask again.",
].join("\n");

/** The promises of the shipped setting. The share is an average, because chance decides which peers go. */
const HALVED_SHARE = 0.98;
const NOTICES_PER_PEER = 10;

interface Scenario {
	readonly setting: string;
	readonly size: number;
	readonly joining: Joining;
	readonly minutes: number;
	readonly outcomes: readonly Outcome[];
}

function summaryOf({ outcomes }: Scenario) {
	const samples = outcomes.flatMap((outcome) => outcome.samples);
	return {
		leastShare: Math.min(...samples.map((sample) => sample.largestShare)),
		pathLength: mean(samples.map((sample) => sample.pathLength)),
		meanLinks: mean(samples.map((sample) => sample.meanLinks)),
		fewestLinks: Math.min(...samples.map((sample) => sample.fewestLinks)),
		mostLinks: Math.max(...samples.map((sample) => sample.mostLinks)),
		noticesPerJoin: mean(outcomes.map((outcome) => outcome.noticesPerJoin)),
		refills: mean(outcomes.map((outcome) => outcome.refillsPerPeerMinute)),
		halved: mean(outcomes.map((outcome) => outcome.halved.beforeRefill)),
		halvedWorst: Math.min(...outcomes.map((outcome) => outcome.halved.beforeRefill)),
		refilledWorst: Math.min(...outcomes.map((outcome) => outcome.halved.afterRefill)),
		noticesOfJoining: Math.max(...outcomes.map((outcome) => outcome.noticesOfJoining)),
	};
}

function rowOf(scenario: Scenario): string[] {
	const summary = summaryOf(scenario);
	return [
		scenario.setting,
		count(scenario.size),
		scenario.joining,
		`${scenario.outcomes.length} × ${scenario.minutes}`,
		percent(summary.leastShare),
		summary.pathLength.toFixed(1),
		`${summary.meanLinks.toFixed(1)} (${summary.fewestLinks} to ${summary.mostLinks})`,
		count(summary.noticesPerJoin, 1),
		count(summary.refills, 3),
		`${percent(summary.halved)} (${percent(summary.halvedWorst)})`,
		percent(summary.refilledWorst),
	];
}

const HEAD = [
	"introduced to",
	"peers",
	"joining",
	"runs × minutes",
	"largest component, least",
	"hops",
	"links (fewest to most)",
	"notices per join",
	"refills per peer and minute",
	"half gone: largest (worst)",
	"after one refill, worst",
];

function failuresOf(scenario: Scenario): string[] {
	const { leastShare, halved, refilledWorst, noticesOfJoining } = summaryOf(scenario);
	const at = `${scenario.setting}, ${count(scenario.size)} peers, ${scenario.joining}`;
	const most = NOTICES_PER_PEER * scenario.size;
	return [
		...(leastShare < 1 ? [`${at}: the largest component fell to ${percent(leastShare)}; it must hold all peers.`] : []),
		...(halved < HALVED_SHARE
			? [`${at}: ${percent(halved)} in one component after half left; at least ${percent(HALVED_SHARE)} must be.`]
			: []),
		...(refilledWorst < 1 ? [`${at}: ${percent(refilledWorst)} in one component after one refill; all must be.`] : []),
		...(noticesOfJoining > most
			? [`${at}: joining caused ${count(noticesOfJoining)} notices; at most ${count(most)} are allowed.`]
			: []),
	];
}

function plot(scenarios: readonly Scenario[]): string {
	const lines = scenarios
		.filter(({ size, joining }) => size === PLOTTED && joining === "one by one")
		.map(({ setting, outcomes }) => {
			const values = Array.from({ length: MINUTES + 1 }, (_, minute) =>
				mean(outcomes.map(({ samples }) => samples[minute]?.largestShare ?? 0)),
			);
			return { label: `${setting}: ${percent(values.at(-1) ?? 0)}`, values };
		});
	const title = `Peers in the largest component: ${count(PLOTTED)} peers, a fifth of them replaced per minute`;
	return lineChart(title, "minutes since all have joined, one by one", "share of the peers", lines);
}

export interface Selection {
	readonly plans: readonly { readonly title: string; readonly plans: readonly Plan[] }[];
	/** @param outcomes of the plans, in their order */
	report(outcomes: readonly (readonly Outcome[])[]): {
		readonly text: string;
		readonly svg: string;
		readonly failures: readonly string[];
	};
}

export function selection(quick: boolean, firstSeed: number): Selection {
	const planned = Object.entries(SETTINGS).flatMap(([setting, settings]) =>
		RUNS.filter(({ size }) => !quick || size < LARGEST).flatMap(({ size, ofShipped, ofOthers }) => {
			const short = size === LARGEST && setting !== SHIPPED;
			const minutes = short ? MINUTES_OF_OTHERS : MINUTES;
			const seeds = Array.from({ length: setting === SHIPPED ? ofShipped : ofOthers }, (_, n) => firstSeed + n);
			return (short ? (["at once"] as const) : (["one by one", "at once"] as const)).map((joining) => {
				const plans = seeds.map((seed): Plan => ({ settings, size, joining, minutes, seed }));
				return { title: `${setting}, ${count(size)} peers, ${joining}`, setting, size, joining, minutes, plans };
			});
		}),
	);
	return {
		plans: planned,
		report(outcomes) {
			const scenarios = planned.map((scenario, index): Scenario => ({ ...scenario, outcomes: outcomes[index] ?? [] }));
			const [oneByOne, atOnce] = scenarios
				.filter(({ setting, size }) => setting === SHIPPED && size === PLOTTED)
				.map((scenario) => count(summaryOf(scenario).noticesOfJoining));
			const notices = `${count(PLOTTED)} peers joining one room cause ${oneByOne} notices one by one, ${atOnce} at once.`;
			return {
				text: [table(HEAD, scenarios.map(rowOf)), notices, MODEL].join("\n\n"),
				svg: plot(scenarios),
				failures: scenarios.filter(({ setting }) => setting === SHIPPED || setting === MIXED).flatMap(failuresOf),
			};
		},
	};
}
