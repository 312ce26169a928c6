/** The rounds: each server takes its turn in every round, in another order each time. */
import { CONTESTANTS, type Contestant, UNBUNDLED } from "./contestants.ts";
import { type Load, type Server, startLoad, startServer } from "./processes.ts";

export const SUBJECTS = ["relay", "latency", "storm", "start", "memory"] as const;
export type Subject = (typeof SUBJECTS)[number];

/** How much is measured. */
export interface Extent {
	readonly relayRounds: number;
	readonly relayMs: number;
	readonly latencyRounds: number;
	readonly latencyMs: number;
	readonly stormRounds: number;
	readonly stormPeers: number;
	readonly startRounds: number;
	readonly memoryRounds: number;
	readonly memoryPeers: number;
}

/** One value for each round. Null: the server did not finish, or the system does not say. */
export type Series = Record<string, (number | null)[]>;

/** By figure and then by server. */
export interface AllSeries {
	/** Signals per second. */
	throughput: Series;
	/** Processor time for 100,000 signals, in ms. */
	processor: Series;
	/** Median latency, in ms. */
	latency: Series;
	/** Time until the last of many peers has joined, in ms. */
	storm: Series;
	/** Processor time of the same, in ms. */
	stormProcessor: Series;
	/** From the start of the process to its first line, in ms. */
	start: Series;
	/** Processor time of the same, in ms. */
	startProcessor: Series;
	/** Resident memory at rest, in MiB. */
	memory: Series;
	/** Resident memory per joined peer, in kB. */
	perPeer: Series;
}

const PAIRS = 50;
const OUTSTANDING = 16;
const SIGNAL_BYTES = 1_000;
const PER_SECOND = 1_000;
/** Handshakes and joins under way at a time: fewer than a listening socket keeps waiting. */
const AT_ONCE = 100;
const STORM_LIMIT_MS = 20_000;
const MEMORY_LIMIT_MS = 90_000;
const SETTLE_MS = 500;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The same order in no two rounds in a row, so that no server always follows the same other one. */
function rotated<T>(items: readonly T[], round: number): T[] {
	const at = round % items.length;
	const turned = [...items.slice(at), ...items.slice(0, at)];
	return round % 2 === 0 ? turned : turned.reverse();
}

/** @returns the series of these subjects */
export async function measure(extent: Extent, only: readonly Subject[]): Promise<Partial<AllSeries>> {
	const all: { -readonly [F in keyof AllSeries]?: Series } = {};
	const note = (figure: keyof AllSeries, { name }: Contestant, value: number | undefined) => {
		const series = (all[figure] ??= {});
		(series[name] ??= []).push(value === undefined ? null : Math.round(value * 1_000) / 1_000);
	};
	const load = startLoad();
	// The one without a bundle shows what the bundle saves at the start. After that it is the same server.
	const lasting = CONTESTANTS.filter(({ name }) => name !== UNBUNDLED);
	if (only.includes("start")) await measureStart(extent, note);
	if (only.includes("relay") || only.includes("latency") || only.includes("storm")) {
		const servers = new Map<Contestant, Server>();
		for (const contestant of lasting) servers.set(contestant, await startServer(contestant));
		const fixture = { extent, note, load, servers };
		if (only.includes("relay") || only.includes("latency")) await measurePairs(fixture, only);
		if (only.includes("storm")) await measureStorm(fixture);
		for (const server of servers.values()) await server.stop();
	}
	if (only.includes("memory")) await measureMemory(extent, lasting, load, note);
	load.stop();
	return all;
}

type Note = (figure: keyof AllSeries, contestant: Contestant, value: number | undefined) => void;

interface Fixture {
	readonly extent: Extent;
	readonly note: Note;
	readonly load: Load;
	readonly servers: ReadonlyMap<Contestant, Server>;
}

const progress = (text: string) => process.stderr.write(`${text}\n`);

async function measureStart({ startRounds }: Extent, note: Note): Promise<void> {
	// The first start of a version builds it.
	for (const contestant of CONTESTANTS) await (await startServer(contestant)).stop();
	for (let round = 0; round < startRounds; round++) {
		for (const contestant of rotated(CONTESTANTS, round)) {
			const server = await startServer(contestant);
			note("start", contestant, server.startedAfter);
			note("startProcessor", contestant, server.cpu());
			await sleep(SETTLE_MS);
			note("memory", contestant, inMiB(server.memory()));
			await server.stop();
		}
	}
	progress("start: done");
}

async function measurePairs({ extent, note, load, servers }: Fixture, only: readonly Subject[]): Promise<void> {
	for (const target of servers.values()) {
		await load.run({ do: "pair", target, pairs: PAIRS, bytes: SIGNAL_BYTES });
		// The code of each gets warm before the first round.
		for (let n = 0; n < 3; n++) {
			await load.run({ do: "relay", target, ms: extent.relayMs / 2, outstanding: OUTSTANDING });
		}
	}
	for (let round = 0; only.includes("relay") && round < extent.relayRounds; round++) {
		for (const [contestant, target] of rotated([...servers], round)) {
			const before = target.cpu();
			const { signals, ms } = await load.run({
				do: "relay",
				target,
				ms: extent.relayMs,
				outstanding: OUTSTANDING,
			});
			const after = target.cpu();
			note("throughput", contestant, (signals / ms) * 1000);
			const used = before === undefined || after === undefined ? undefined : after - before;
			note("processor", contestant, used === undefined ? undefined : (used / signals) * 100_000);
		}
		progress(`relay: round ${round + 1} of ${extent.relayRounds}`);
	}
	for (let round = 0; only.includes("latency") && round < extent.latencyRounds; round++) {
		for (const [contestant, target] of rotated([...servers], round)) {
			const { p50 } = await load.run({ do: "pace", target, ms: extent.latencyMs, perSecond: PER_SECOND });
			note("latency", contestant, p50);
		}
		progress(`latency: round ${round + 1} of ${extent.latencyRounds}`);
	}
}

async function measureStorm({ extent, note, load, servers }: Fixture): Promise<void> {
	/** Servers that did not finish: they still work on it, and would take the processor from the others. */
	const late = new Set<Contestant>();
	for (let round = 0; round < extent.stormRounds; round++) {
		for (const [contestant, target] of rotated([...servers], round)) {
			if (late.has(contestant)) continue;
			const before = target.cpu();
			const { ms } = await load.run({
				do: "arrive",
				target,
				peers: extent.stormPeers,
				atOnce: AT_ONCE,
				room: `storm-${round}`,
				limitMs: STORM_LIMIT_MS,
			});
			const after = target.cpu();
			note("storm", contestant, ms);
			note("stormProcessor", contestant, before === undefined || after === undefined ? undefined : after - before);
			if (ms === undefined) {
				late.add(contestant);
				await target.stop();
			}
			await load.run({ do: "leave", target });
			await sleep(SETTLE_MS);
		}
		progress(`storm: round ${round + 1} of ${extent.stormRounds}`);
	}
}

async function measureMemory(
	extent: Extent,
	contestants: readonly Contestant[],
	load: Load,
	note: Note,
): Promise<void> {
	for (let round = 0; round < extent.memoryRounds; round++) {
		for (const contestant of contestants) {
			const target = await startServer(contestant);
			await sleep(SETTLE_MS);
			const before = target.memory();
			const { ms } = await load.run({
				do: "arrive",
				target,
				peers: extent.memoryPeers,
				atOnce: AT_ONCE,
				room: "memory",
				limitMs: contestant.introducesAll ? 1 : MEMORY_LIMIT_MS,
			});
			await sleep(2 * SETTLE_MS);
			const after = target.memory();
			const grown = before === undefined || after === undefined || ms === undefined ? undefined : after - before;
			note("perPeer", contestant, grown === undefined ? undefined : grown / extent.memoryPeers / 1000);
			await target.stop();
			await load.run({ do: "leave", target });
		}
		progress(`memory: round ${round + 1} of ${extent.memoryRounds}`);
	}
}

const inMiB = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 1024 ** 2);
