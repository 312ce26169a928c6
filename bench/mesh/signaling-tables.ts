/** The tables of what signaling through the mesh gives. */
import { DEFAULT_MAX_PEERS } from "../../client/limits.ts";
import { table } from "../report.ts";
import { BROKEN_PER_MINUTE, COUNTED_AFTER_MS, LOST } from "./clients/run.ts";
import { dollarsOfJoins } from "./dollars.ts";
import { count, percent } from "./figures.ts";
import { type Done, figuresOf, groupsOf, type Scenario } from "./signaling-figures.ts";

export const nameOf = ({ size, signals }: Scenario) =>
	`${count(size)}, signals ${signals === "mesh" ? "through the mesh" : "by the server"}`;
const runsOf = (done: readonly Done[]) =>
	done.map(({ runs, minutes, away }) => `${runs} × ${minutes}${away ? ` (away ${away[1] - away[0]})` : ""}`).join(", ");

const SHARE_HEAD = ["peers", "runs × minutes", "server there", "server away", "a minute after its return"];
const BILL_HEAD = [
	"billed messages",
	"links of a newcomer: median (mean, 95 %)",
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

export function tablesOf(done: readonly Done[]): string {
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
		`${figures.medianOfMessages} (${count(figures.messagesPerNewcomer, 1)}, ${figures.messagesOf95})`,
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

export const MODEL = [
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

/** For docs/costs.md. @param size of the meshes that it is about */
export function billOf(done: readonly Done[], size: number): string {
	const rows = groupsOf(done.filter((one) => one.size === size)).map((group) => {
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
