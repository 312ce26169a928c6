/**
 * Sixty honest peers of ours, with real connections, beside each attack: all join, all link up, and none gives up. The
 * server is the one of `npm start`, at the defaults, in another process.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startServer } from "../hold/server.ts";
import { table } from "../report.ts";
import { ATTACKS, type Stranger } from "./attackers.ts";
import type { Report } from "./honest-peers.ts";

/** One process has no room for the connections of all: `@roamhq/wrtc` opens some fifty files for each. */
const PROCESSES = 3;
const HONEST = 60;
/** How long the attack goes on before the first honest peer joins, and how long they stay when they are one mesh, in ms. */
const AHEAD_MS = 3_000;
const STAY_MS = 5_000;
/** The time over which they join, and the time that they have to become one mesh, in ms. */
const SPREAD_MS = 5_000;
const PATIENCE_MS = 120_000;
const PEERS = fileURLToPath(new URL("honest-peers.ts", import.meta.url));

interface Account {
	readonly joined: number;
	readonly gaveUp: number;
	/** Peers with a link to another honest one. */
	readonly linked: number;
	/** Peers that one of them reaches over the links of honest peers, itself included. */
	readonly inOneMesh: number;
}

function accountOf(reports: readonly Report[]): Account {
	const links = new Map(reports.flatMap((report) => report.links));
	const honest = (peers: readonly string[] = []) => peers.filter((peerId) => links.has(peerId));
	const reached = new Set([...links.keys()].slice(0, 1));
	for (const peerId of reached) for (const other of honest(links.get(peerId))) reached.add(other);
	const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0);
	return {
		joined: sum(({ joined }) => joined),
		gaveUp: sum(({ gaveUp }) => gaveUp),
		linked: [...links.values()].filter((peers) => honest(peers).length > 0).length,
		inOneMesh: reached.size,
	};
}

async function honestPeers(url: string, room: string): Promise<Account & { seconds: number }> {
	const reports: Report[] = [];
	const children = Array.from({ length: PROCESSES }, (_, n) => {
		const child = fork(PEERS, [url, room, String(HONEST / PROCESSES), String(SPREAD_MS)], {
			execArgv: ["--import", "tsx"],
		});
		child.on("message", (report) => (reports[n] = report as Report));
		return child;
	});
	const start = performance.now();
	const isComplete = () => accountOf(reports).inOneMesh === HONEST;
	try {
		while (!isComplete() && performance.now() - start < PATIENCE_MS) await pause(100);
		const seconds = isComplete() ? (performance.now() - start) / 1_000 : Number.POSITIVE_INFINITY;
		await pause(STAY_MS);
		return { ...accountOf(reports), seconds };
	} finally {
		for (const child of children) child.kill("SIGKILL");
	}
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function beside(attack: (stranger: Stranger) => Promise<unknown>) {
	const server = await startServer();
	let goesOn = true;
	const stranger: Stranger = { url: server.url, room: "board", goesOn: () => goesOn, count: 0, seen: new Set() };
	const over = attack(stranger);
	await pause(AHEAD_MS);
	const from = stranger.count;
	const began = performance.now();
	try {
		const account = await honestPeers(server.url, stranger.room);
		return { ...account, perSecond: ((stranger.count - from) * 1_000) / (performance.now() - began) };
	} finally {
		goesOn = false;
		await over;
		server.stop();
		await server.ended;
	}
}

export async function run(): Promise<void> {
	const rows: string[][] = [];
	for (const [name, attack] of Object.entries(ATTACKS)) {
		const { joined, linked, inOneMesh, gaveUp, seconds, perSecond } = await beside(attack);
		const all = (count: number) => `${count} of ${HONEST}`;
		rows.push([
			name,
			perSecond.toFixed(0),
			all(joined),
			all(linked),
			all(inOneMesh),
			String(gaveUp),
			seconds.toFixed(1),
		]);
		console.log(rows.at(-1)?.join(" | "));
		if (joined < HONEST || linked < HONEST || inOneMesh < HONEST || gaveUp > 0) process.exitCode = 1;
	}
	const head = [
		"attack",
		"its frames and handshakes a second",
		"joined",
		"linked",
		"in one mesh",
		"gave up",
		"seconds",
	];
	console.log(`\n${table(head, rows)}`);
}
