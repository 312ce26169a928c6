/**
 * What two changes of the protocol would save, in counted frames and in dollars: one frame for several targets, and a keepalive
 * without an answer. Twenty real clients join one room, one after the other, over the server of `npm start`.
 *
 *     node --import tsx bench/savings.ts
 */

import { GIGABYTE_SECONDS_PER_INVOCATION, PRICES } from "../cli/prices.ts";
import { startLocalServer } from "../test/support/local-server.ts";
import { aMesh } from "./client/peers.ts";
import { table } from "./report.ts";

const CLIENTS = 20;
/** How long a client would wait for further frames before it sends, in ms. */
const WINDOWS = [0, 20, 100];
const SETTLE_MS = 2_000;
const RELAYED = new Set(["signal", "batched_signals"]);

const server = await startLocalServer();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** For each newcomer the time and the target of each frame that it sent until the next one joined. */
const sent: { at: number; to: string }[][] = [];
const meshes = [];
for (let n = 0; n < CLIENTS; n += 1) {
	const mesh = await aMesh(server.url, "savings");
	const frames: { at: number; to: string }[] = [];
	mesh.on("signaling", ({ direction, frame }) => {
		if (direction === "out" && RELAYED.has(String(frame.type)))
			frames.push({ at: performance.now(), to: String(frame.to) });
	});
	await mesh.join();
	await pause(SETTLE_MS);
	sent.push([...frames]);
	meshes.push(mesh);
}
await Promise.all(meshes.map((mesh) => mesh.leave()));
await server.close();

/** Frames that are left if those within the window of the first one travel together. */
function merged(frames: readonly { at: number }[], window: number): number {
	let count = 0;
	let end = Number.NEGATIVE_INFINITY;
	for (const { at } of frames) {
		if (at <= end) continue;
		count += 1;
		end = at + window;
	}
	return count;
}

const newcomers = sent.slice(CLIENTS / 2); // the others found a smaller room
const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const before = mean(newcomers.map((frames) => frames.length));
const perFrame = PRICES.message + PRICES.invocation + GIGABYTE_SECONDS_PER_INVOCATION * PRICES.gigabyteSecond;
console.log(
	table(
		["waits for", "relayed frames that a newcomer sends", "saved per million joins"],
		[
			["as it is", before.toFixed(1), ""],
			...WINDOWS.map((window) => {
				const count = mean(newcomers.map((frames) => merged(frames, window)));
				return [`${window} ms`, count.toFixed(1), `$${((before - count) * perFrame * 1e6).toFixed(2)}`];
			}),
		],
	),
);
