/**
 * Measures the client.
 *
 *     npm run bench:client [-- client channel size broadcasts networks] [--only Chromium|Node.js]
 *
 * - `client`: the frames and the time that a link costs, whether crossed offers always end in a link, large data between two
 *   tabs, and what signing takes
 * - `channel`: `send` beside a raw RTCDataChannel; with `--only` in one of the two, and nothing is written
 * - `size`: the bytes that an application loads at once, and those of each part
 * - `broadcasts`: the bytes that they move, and a storm of them in five tabs
 * - `networks`: links and their mending behind a TURN server; takes Linux, root, `ip` and coturn
 *
 * Without arguments all of them. The connections are real, on this machine, over the server of `npm start`; the bytes of
 * broadcasts are counted in simulated time. Each writes its table between the markers of its name in docs/client.md.
 */
import { parseArgs } from "node:util";
import { MAX_CLIENT_BYTES, measureClient } from "../scripts/build-client.mjs";
import { measureMoved, measureStorm } from "./client/broadcasts.ts";
import { measureChannel } from "./client/channel.ts";
import { measureLargeData } from "./client/large.ts";
import { CROSSED_STARTS, JOINS, measureLinkCosts } from "./client/links.ts";
import { KINDS, type LinkTime, measureLinks, measureMending, refused } from "./client/networks.ts";
import { measureSigning } from "./client/signing.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const {
	values: { only },
	positionals: names,
} = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });

const count = (value: number) => value.toLocaleString("en");
const ms = (value: number) => `${count(Math.round(value))} ms`;

/** @returns what the documentation gets, and what must not be so */
type Section = () => Promise<{ readonly content: string; readonly faults: readonly string[] }>;

const client: Section = async () => {
	const links = await measureLinkCosts();
	const signing = await measureSigning();
	const large = await measureLargeData();
	const content = `${table(
		["measured", "result"],
		[
			["signaling frames per link, both sides together", `${links.frames}, at most ${links.mostFrames}`],
			["from `join` to the first open channel, median", ms(links.ms)],
			["offers that cross, at random moments: linked", `${links.crossed} of ${CROSSED_STARTS}`],
			["100 MB as a Blob between two tabs of Chromium", `${large.megabytesPerSecond.toFixed(1)} MB/s`],
			["memory that both tabs took for it", `${Math.round(large.grownMegabytes)} MB`],
			["20 MB as a Blob, median", `${large.blob.toFixed(1)} MB/s`],
			["20 MB over a raw channel in turn with it, median", `${large.raw.toFixed(1)} MB/s`],
			["Blob / raw channel, median of the turns", large.ratio.toFixed(2)],
			...Object.entries({ "Node.js": signing.node, Chromium: signing.chromium }).map(([where, { sign, verify }]) => [
				`to sign a description, and to verify it, in ${where}`,
				`${Math.round(sign)} µs, ${Math.round(verify)} µs`,
			]),
		],
	)}

Two peers in Node.js ${process.versions.node} with \`@roamhq/wrtc\` on one machine, ${JOINS} joins. About 100 ms of the time are due to
that library: it names its TCP candidates late, and the description waits for them. Both sides of a channel share the machine's
processors, and Chromium's own channel is what takes them: its buffer is full for most of the time that large data takes.
`;
	const faults = [
		...(links.crossed < CROSSED_STARTS ? ["Offers that crossed ended in no link."] : []),
		...(links.mostFrames > 4 ? [`A link took ${links.mostFrames} frames.`] : []),
	];
	return { content, faults };
};

/** What a page loads that has two links, and asks for nothing else. */
const OF_A_MESH = ["identity", "island", "overlay", "repair", "search", "tree"];

const size: Section = async () => {
	const { atOnce, parts } = await measureClient();
	const ofMesh = OF_A_MESH.reduce((sum, part) => sum + (parts[part] ?? Number.NaN), atOnce);
	const rows = Object.entries(parts).map(([part, bytes]) => [`when needed: ${part}`, count(bytes)]);
	const most = `${count(atOnce)} of at most ${count(MAX_CLIENT_BYTES)}`;
	return {
		content: `${table(["bytes, minified and gzipped", ""], [["at once", most], ["with two links, in all", count(ofMesh)], ...rows])}\n`,
		faults: [],
	};
};

const broadcasts: Section = async () => {
	const moved = [];
	for (const peers of [3, 6, 9, 30]) moved.push(await measureMoved(peers));
	const storm = await measureStorm();
	const rows = moved.map(({ peers, first, settled }) => [
		count(peers),
		count(peers - 1),
		first.toFixed(1),
		settled.toFixed(2),
		(settled / (peers - 1)).toFixed(2),
	]);
	const content = `${table(["peers", "the least", "the first of an origin", "later", "later / the least"], rows)}

Bytes over all links for each byte that is broadcast, in simulated time: bodies of 10 kB, 600 of them by three peers that each have
up to eight links. All that goes over links meanwhile is counted, beacons and the tree's own frames, too.

${count(storm.broadcasts)} broadcasts of about 100 bytes in five tabs of Chromium, all at the same time, each loop awaiting every one: ${count(storm.deliveries)}
deliveries after ${storm.seconds.toFixed(1)} s, of which ${storm.duplicates} were duplicates. The longest that a tab did not get its turn was ${ms(storm.standstillMs)}.
`;
	const wasteful = moved.filter(({ peers, settled }) => settled > 1.2 * (peers - 1));
	const faults = [
		...wasteful.map(({ peers, settled }) => `A broadcast to ${peers} peers moves ${settled} times its bytes.`),
		...(storm.duplicates > 0 ? [`${storm.duplicates} broadcasts came twice.`] : []),
	];
	return { content, faults };
};

const networks: Section = async () => {
	if (refused !== undefined) throw new Error(`This machine makes no network namespaces: ${refused}`);
	const delays = [{ answerMs: 20 }, { answerMs: 400 }, { answerMs: 1_000 }, { pathMs: 60 }];
	const links: LinkTime[][] = [];
	for (const kind of KINDS) links.push(await measureLinks(kind, delays, 3));
	const mending = [];
	for (const kind of KINDS) mending.push((await measureMending(kind, 3)).toSorted((a, b) => a - b));
	const linkRows = delays.map(({ answerMs, pathMs = 0 }, row) => [
		answerMs === undefined
			? `a link, ${2 * pathMs} ms of round trip to TURN`
			: `a link, STUN and TURN answering after ${count(answerMs)} ms`,
		...links.map((times) => ms(times[row]?.ms ?? Number.NaN)),
	]);
	const content = `${table(
		["median of three", ...KINDS],
		[...linkRows, ["mended after a change of address", ...mending.map((times) => ms(times[1] ?? Number.NaN))]],
	)}

Two network namespaces that nothing but coturn joins. A link takes from the newcomer's welcome to its open channel. With answers after
400 ms and more it waits for the TURN server, of which it takes several in a row. A link is mended when what both sides sent at the moment of the
change has arrived.
`;
	return { content, faults: [] };
};

const channel: Section = async () => {
	const content = `${await measureChannel(only)}

Medians of rounds in which both took turns; a ratio is the median of the ratios within the rounds.
`;
	return { content, faults: [] };
};

const SECTIONS: Readonly<Record<string, Section>> = { client, channel, size, broadcasts, networks };

for (const name of names.length > 0 ? names : Object.keys(SECTIONS)) {
	const section = SECTIONS[name];
	if (section === undefined) throw new Error(`${name} is none of ${Object.keys(SECTIONS).join(", ")}.`);
	const { content, faults } = await section();
	console.log(content);
	if (only === undefined) replaceBetweenMarkers("docs/client.md", name, content);
	for (const fault of faults) console.error(fault);
	if (faults.length > 0) process.exitCode = 1;
}
// @roamhq/wrtc keeps threads alive for a while.
process.exit();
