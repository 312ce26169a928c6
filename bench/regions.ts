/**
 * Measures one room on several deployments: real servers in this process, real clocks, and links that are pretended. How long it
 * takes until a broadcast reaches all, after a start in parts, after the end of a deployment and after its return; and the frames
 * that this costs. The tables go into docs/client.md.
 *
 * npm run bench:regions -- [--peers 20] [--runs 5] [--print]
 */
import { parseArgs } from "node:util";
import { type Run, run, SCENARIOS } from "./regions/scenarios.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const { values } = parseArgs({
	options: {
		peers: { type: "string", default: "20" },
		runs: { type: "string", default: "5" },
		print: { type: "boolean", default: false },
	},
});
const peers = Number(values.peers);
const runs = Number(values.runs);
if (!(Number.isInteger(peers) && peers >= 6 && peers <= 200))
	throw new Error("--peers is a whole number from 6 to 200.");
if (!(Number.isInteger(runs) && runs >= 1 && runs <= 20)) throw new Error("--runs is a whole number from 1 to 20.");

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** They wait most of the time, so all runs of a scenario go at once. */
async function measure(scenario: (typeof SCENARIOS)[number]): Promise<string[][]> {
	const results = await Promise.all(Array.from({ length: runs }, (_, seed) => run(scenario, peers, seed + 1)));
	const [first] = results as [Run[], ...Run[][]];
	return first.map(({ what }, step) => {
		const steps = results.map((result) => result[step] as Run);
		const took = steps.map(({ ms }) => ms);
		const perPeer = median(steps.map(({ framesPerPeer }) => framesPerPeer));
		return [what, seconds(median(took)), seconds(Math.max(...took)), perPeer.toFixed(1)];
	});
}

const rows: string[][] = [];
for (const scenario of SCENARIOS) {
	const measured = await measure(scenario);
	for (const row of measured) console.log(row.join("  "));
	rows.push(...measured);
}
const content = [
	table(["one room on several deployments", "a broadcast reaches all after", "longest", "frames per peer"], rows),
	"",
	`${peers} peers, ${runs} runs. Frames to the servers and from them, pings left out; each is a billed message.`,
].join("\n");
console.log(`\n${content}`);
if (!values.print) replaceBetweenMarkers("docs/client.md", "regions", content);
process.exit(0);
