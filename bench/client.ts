/**
 * Measures the client: the frames and the time that a link costs, whether crossed offers always end in a link, and the size.
 * The connections are real, on this machine, over the server of `npm start`.
 *
 *     npm run bench:client
 *
 * Writes its table between the markers in docs/client.md, if the file has them.
 */
import { existsSync, readFileSync } from "node:fs";
import { MAX_CLIENT_BYTES, measureClient } from "../scripts/build-client.mjs";
import { startLocalServer } from "../test/support/local-server.ts";
import { measureChannel } from "./client/channel.ts";
import { measureLargeData } from "./client/large.ts";
import { aCaller, aMesh } from "./client/peers.ts";
import { measureSigning } from "./client/signing.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const JOINS = 25;
const CROSSED_STARTS = 50;
/** Largest time between the two calls, in ms: an offer takes about as long to reach the other side. */
const CROSSING_MS = 300;
const PATIENCE_MS = 10_000;

const SIGNALS = new Set(["signal", "batched_signals", "connection_rejected"]);

interface Establishment {
	/** ms from the newcomer's `join` to its first open channel */
	readonly time: number;
	/** Frames about the link that both sides sent through the server. */
	readonly frames: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function establish(url: string, room: string): Promise<Establishment> {
	const [first, second] = await Promise.all([aMesh(url, room), aMesh(url, room)]);
	let frames = 0;
	for (const mesh of [first, second]) {
		mesh.on("signaling", ({ direction, frame }) => {
			if (direction === "out" && SIGNALS.has(String(frame.type))) frames++;
		});
	}
	await first.join();
	const connected = new Promise((resolve) => second.once("peer:connect", resolve));
	const start = performance.now();
	await second.join();
	await connected;
	const time = performance.now() - start;
	await pause(300); // late candidates cost frames, too
	await Promise.all([first.leave(), second.leave()]);
	return { time, frames };
}

/** @returns whether both sides have the link open in time */
async function cross(url: string, room: string): Promise<boolean> {
	const sides = [aCaller(url, room), aCaller(url, room)] as const;
	await Promise.all(sides.map(({ session }) => session.join()));
	const [a, b] = sides;
	setTimeout(() => a.links.call(b.peerId), Math.random() * CROSSING_MS);
	setTimeout(() => b.links.call(a.peerId), Math.random() * CROSSING_MS);
	const isOpen = () => a.links.open().length === 1 && b.links.open().length === 1;
	const end = Date.now() + PATIENCE_MS;
	while (!isOpen() && Date.now() < end) await pause(10);
	// A late frame must not break the link again.
	await pause(CROSSING_MS);
	const open = isOpen();
	for (const { links, session } of sides) {
		for (const { peerId } of links.all()) links.close(peerId);
		await session.leave();
	}
	return open;
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const bytes = (count: number) => count.toLocaleString("en");

const server = await startLocalServer();
const establishments: Establishment[] = [];
for (let n = 0; n < JOINS; n++) establishments.push(await establish(server.url, `join ${n}`));
let crossed = 0;
for (let n = 0; n < CROSSED_STARTS; n++) if (await cross(server.url, `crossed ${n}`)) crossed++;
await server.close();
const size = await measureClient();
const large = await measureLargeData();
const channel = await measureChannel();
const signing = await measureSigning();

const times = establishments.map(({ time }) => time);
const frames = establishments.map((establishment) => establishment.frames);
const content = `${table(
	["measured", "result"],
	[
		["signaling frames per link, both sides together", `${median(frames)}, at most ${Math.max(...frames)}`],
		["from `join` to the first open channel, median", `${Math.round(median(times))} ms`],
		["offers that cross, at random moments: linked", `${crossed} of ${CROSSED_STARTS}`],
		["100 MB as a Blob between two tabs of Chromium", `${large.megabytesPerSecond.toFixed(1)} MB/s`],
		["memory that both tabs took for it", `${Math.round(large.grownMegabytes)} MB`],
		...Object.entries({ "Node.js": signing.node, Chromium: signing.chromium }).map(([where, { sign, verify }]) => [
			`to sign a description, and to verify it, in ${where}`,
			`${Math.round(sign)} µs, ${Math.round(verify)} µs`,
		]),
		["loaded at once, minified and gzipped", `${bytes(size.atOnce)} bytes of at most ${bytes(MAX_CLIENT_BYTES)}`],
		...Object.entries(size.parts).map(([part, gzipped]) => [`loaded when needed: ${part}`, `${bytes(gzipped)} bytes`]),
	],
)}

Two peers in Node.js ${process.versions.node} with \`@roamhq/wrtc\` on one machine, ${JOINS} joins. About 100 ms of the time are due to
that library: it names its TCP candidates late, and the description waits for them.

${channel}

Medians of rounds in which both took turns; a ratio is the median of the ratios within the rounds.
`;
console.log(content);

const docs = new URL("../docs/client.md", import.meta.url);
if (existsSync(docs) && readFileSync(docs, "utf8").includes("<!-- begin client -->")) {
	replaceBetweenMarkers("docs/client.md", "client", content);
}
if (crossed < CROSSED_STARTS || Math.max(...frames) > 4) process.exitCode = 1;
// @roamhq/wrtc keeps threads alive for a while.
process.exit();
