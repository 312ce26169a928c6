/** One run: clients join, come and go, and the server may be away for a while. */
import { type Shape, shapeOf } from "../graph.ts";
import { type Random, seededRandom } from "../random.ts";
import type { Counts } from "./bill.ts";
import { type ClientRoom, clientRoom, type Member } from "./room.ts";

const SECOND = 1_000;
/** Share of the peers that are replaced in a minute. */
export const REPLACED_PER_MINUTE = 1 / 5;
/** Share of the links that break in a minute, and share of the breaks that an ICE restart cannot mend. */
export const BROKEN_PER_MINUTE = 0.02;
export const LOST = 0.5;
/** A peer counts from so long after its welcome on: its first link takes a moment. */
export const COUNTED_AFTER_MS = 10 * SECOND;
/** How long after the last join the first sample is. */
const SETTLE_MS = 30 * SECOND;

export type Signals = "mesh" | "server";

export interface ClientPlan {
	readonly size: number;
	/** Minutes of coming and going. */
	readonly minutes: number;
	/** From the end of the first of these minutes to the end of the second one the server is away. */
	readonly away?: readonly [from: number, to: number] | undefined;
	readonly signals: Signals;
	readonly seed: number;
}

export interface Minute extends Shape {
	/** Peers that count, at its end. */
	readonly peers: number;
	/** The mean number of peers that were here, also if they could not join. */
	readonly present: number;
	readonly isUp: boolean;
	readonly joins: number;
	/** Billed messages. */
	readonly bill: Counts;
	readonly invocations: number;
	/** The most billed messages in one of its seconds. */
	readonly peak: number;
	/** Bytes on all links, by kind of frame. */
	readonly bytes: Readonly<Record<string, number>>;
	/** Signals that arrived through the mesh, by the number of links that they passed. */
	readonly hops: Readonly<Record<number, number>>;
	/** Billed messages for the links of each newcomer whose first minute ended in this one, and began with the server up. */
	readonly newcomers: readonly number[];
}

/** The first one ends when all have joined, and the others are minutes of coming and going. */
export type ClientOutcome = readonly Minute[];

export async function runClients({ size, minutes, away, signals, seed }: ClientPlan): Promise<ClientOutcome> {
	const room = clientRoom({ seed, signals });
	const random = seededRandom(seed);
	const { time, bill, traffic, gateway } = room;
	const replaced = Math.round(size * REPLACED_PER_MINUTE);

	const minuteOf = async (run: (everySecond: () => void) => Promise<void>, joins: number): Promise<Minute> => {
		const before = { counts: { ...bill.counts }, bytes: { ...traffic.bytes }, hops: { ...traffic.hops } };
		const { invocations } = bill;
		let [seconds, present, peak, total] = [0, 0, 0, bill.total];
		await run(() => {
			seconds++;
			present += room.machines.length;
			peak = Math.max(peak, bill.total - total);
			total = bill.total;
		});
		return {
			...sampleOf(room, random),
			present: present / seconds,
			isUp: gateway.isUp,
			joins,
			bill: difference(bill.counts, before.counts),
			invocations: bill.invocations - invocations,
			peak,
			bytes: difference(traffic.bytes, before.bytes),
			hops: difference(traffic.hops, before.hops),
			newcomers: bill.takeNewcomers(),
		};
	};

	/** Does something `count` times in a minute. */
	const overAMinute = async (count: number, act: () => void, everySecond: () => void) => {
		const start = time.elapsed();
		let done = 0;
		for (let second = 1; second <= 60; second++) {
			// Not all in the same moment of a second.
			for (const due = Math.round((count * second) / 60); done < due; done++) time.after(random.below(SECOND), act);
			await time.runTo(start + second * SECOND);
			everySecond();
		}
	};

	const joining = async (everySecond: () => void) => {
		await overAMinute(size, room.arrive, everySecond);
		await time.runTo(time.elapsed() + SETTLE_MS);
	};
	const outcome = [await minuteOf(joining, size)];
	const replaceOne = () => {
		room.depart();
		room.arrive();
	};
	for (let minute = 0; minute < minutes; minute++) {
		if (minute === away?.[0]) gateway.stop();
		if (minute === away?.[1]) gateway.start();
		if (minute === away?.[0] || minute === away?.[1]) bill.dropNewcomers();
		const churning = (everySecond: () => void) =>
			overAMinute(replaced, replaceOne, () => {
				room.breakLinks(BROKEN_PER_MINUTE / 60, LOST);
				everySecond();
			});
		outcome.push(await minuteOf(churning, replaced));
	}
	return outcome;
}

function difference<Key extends string | number>(
	after: Readonly<Record<Key, number>>,
	before: Readonly<Record<Key, number>>,
) {
	const keys = Object.keys(after) as Key[];
	return Object.fromEntries(keys.map((key) => [key, after[key] - (before[key] ?? 0)])) as Record<Key, number>;
}

/** The peers that have been here for a moment, and the links among them that carry something. */
function sampleOf({ time, machines, links }: ClientRoom, random: Random): Shape & { readonly peers: number } {
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
