/** One run: clients join, come and go, and the server may be away for a while. */
import { type Shape, shapeOf } from "../graph.ts";
import { seededRandom } from "../random.ts";
import type { Counts } from "./bill.ts";
import { type ClientRoom, clientRoom, type Member } from "./room.ts";

const SECOND = 1_000;
/** Share of the peers that are replaced in a minute. */
const REPLACED_PER_MINUTE = 1 / 5;
/** Share of the links that break in a minute, and share of the breaks that an ICE restart cannot mend. */
const BROKEN_PER_MINUTE = 0.02;
const LOST = 0.5;
/** A peer counts from so long after its welcome on: its first link takes a moment. */
const COUNTED_AFTER_MS = 10 * SECOND;
/** How long after the last join the first sample is. */
const SETTLE_MS = 30 * SECOND;

export interface ClientPlan {
	readonly kind: "clients";
	readonly size: number;
	readonly minutes: number;
	/** From the end of the first of these minutes to the end of the second one the server is away. */
	readonly away?: readonly [from: number, to: number] | undefined;
	readonly signals: "mesh" | "server";
	readonly seed: number;
}

export interface ClientSample extends Shape {
	readonly peers: number;
}

export interface ClientOutcome {
	/** After the joining, and after every minute of coming and going. */
	readonly samples: readonly ClientSample[];
	/** Billed messages for the links of each newcomer in its first minute, by how many newcomers had so many. */
	readonly newcomers: Readonly<Record<number, number>>;
	/** Billed messages of all peers in the minutes of coming and going. */
	readonly bill: Counts;
	/** Peers that were here in those minutes, times minutes. */
	readonly peerMinutes: number;
	readonly joins: number;
	/** Bytes on all links in those minutes, by kind. */
	readonly bytes: Readonly<Record<string, number>>;
	readonly frames: Readonly<Record<string, number>>;
}

export async function runClients({ size, minutes, away, signals, seed }: ClientPlan): Promise<ClientOutcome> {
	const room = clientRoom({ seed, signals });
	const random = seededRandom(seed);
	const { time, bill, traffic, gateway } = room;
	const newcomers: Record<number, number> = {};
	const tally = () => {
		for (const count of bill.takeNewcomers()) newcomers[count] = (newcomers[count] ?? 0) + 1;
	};

	/** Does something `count` times, spread over a minute, and what time brings. */
	const overAMinute = async (count: number, act: () => void, everySecond: () => void) => {
		const start = time.elapsed();
		let done = 0;
		for (let second = 1; second <= 60; second++) {
			// Not all in the same moment of a second.
			for (const due = Math.round((count * second) / 60); done < due; done++) {
				const wait = random.below(SECOND) + 1;
				time.after(wait, act);
			}
			await time.runTo(start + second * SECOND);
			everySecond();
		}
	};

	await overAMinute(size, room.arrive, () => {});
	await time.runTo(time.elapsed() + SETTLE_MS);
	tally();
	for (const key of Object.keys(newcomers)) delete newcomers[Number(key)];
	const samples = [sampleOf(room, random)];
	const before = { counts: { ...bill.counts }, bytes: { ...traffic.bytes }, frames: { ...traffic.frames } };
	let peerMinutes = 0;
	let joins = 0;

	const replaceOne = () => {
		room.depart();
		room.arrive();
		joins++;
	};
	for (let minute = 0; minute < minutes; minute++) {
		if (minute === away?.[0]) gateway.stop();
		if (minute === away?.[1]) gateway.start();
		await overAMinute(Math.round(size * REPLACED_PER_MINUTE), replaceOne, () => {
			room.breakLinks(BROKEN_PER_MINUTE / 60, LOST);
			peerMinutes += room.machines.length / 60;
		});
		if (gateway.isUp) tally();
		samples.push(sampleOf(room, random));
	}
	return {
		samples,
		newcomers,
		bill: difference(bill.counts, before.counts) as Counts,
		peerMinutes,
		joins,
		bytes: difference(traffic.bytes, before.bytes),
		frames: difference(traffic.frames, before.frames),
	};
}

function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
	return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]));
}

/** The peers that have been here for a moment, and the links among them that carry something. */
function sampleOf({ time, machines, links }: ClientRoom, random: ReturnType<typeof seededRandom>): ClientSample {
	interface Node {
		readonly links: Set<Node>;
	}
	const isCounted = ({ joinedAt }: Member) => joinedAt !== undefined && time.elapsed() - joinedAt >= COUNTED_AFTER_MS;
	const nodes = new Map<unknown, Node>(machines.filter(isCounted).map((machine) => [machine, { links: new Set() }]));
	for (const [one, other] of links()) {
		const [a, b] = [nodes.get(one), nodes.get(other)];
		if (a === undefined || b === undefined) continue;
		a.links.add(b);
		b.links.add(a);
	}
	return { peers: nodes.size, ...shapeOf([...nodes.values()], random) };
}
