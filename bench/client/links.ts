/** What a link costs on this machine: frames through the server, and time. And whether crossed offers always end in a link. */
import { startLocalServer } from "../../test/support/local-server.ts";
import { aCaller, aMesh } from "./peers.ts";

export const JOINS = 25;
export const CROSSED_STARTS = 50;
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

export interface LinkCosts {
	readonly frames: number;
	readonly mostFrames: number;
	readonly ms: number;
	/** How many of the links whose offers crossed were open in the end. */
	readonly crossed: number;
}

export async function measureLinkCosts(): Promise<LinkCosts> {
	const server = await startLocalServer();
	const establishments: Establishment[] = [];
	for (let n = 0; n < JOINS; n++) establishments.push(await establish(server.url, `join ${n}`));
	let crossed = 0;
	for (let n = 0; n < CROSSED_STARTS; n++) if (await cross(server.url, `crossed ${n}`)) crossed++;
	await server.close();
	const frames = establishments.map((establishment) => establishment.frames);
	return {
		frames: median(frames),
		mostFrames: Math.max(...frames),
		ms: median(establishments.map(({ time }) => time)),
		crossed,
	};
}
