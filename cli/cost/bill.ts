/** A month's bill, from what the peers do. The units of each operation are counted by `npm run bench:cost`. */

import { RECONNECT_MARGIN_MS } from "../../lambda/core/limits.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/limits.ts";
import { type Dollars, dollarsOf, itemsOf, type Units } from "./dollars.ts";
import operations from "./operations.json" with { type: "json" };

/** What the peers of a deployment do in a month. */
export interface Load {
	/** Peers that are connected at a time, on average over `hours`. */
	readonly peers: number;
	/** Hours of the month in which they are. */
	readonly hours: number;
	/** Joins of one peer in an hour: 2 if it stays for half an hour. */
	readonly joins: number;
	/** Signals that a peer sends for each join. */
	readonly signals: number;
	/** Bytes of one signal, as the receiver gets it. */
	readonly signalBytes: number;
	/** Seconds between two pings. 0: none. */
	readonly heartbeat: number;
	/** Peers that a newcomer is introduced to, and that are told when it leaves. */
	readonly introduced: number;
}

export const DEFAULT_LOAD: Load = {
	peers: 100,
	hours: 730,
	joins: 1,
	signals: 10,
	signalBytes: 1_000,
	/** The client's heartbeatInterval. */
	heartbeat: 240,
	introduced: DEFAULT_SETTINGS.nearestPeers + DEFAULT_SETTINGS.farPeers,
};

/** One thing that the peers do. */
export interface Line {
	readonly name: string;
	/** How often in the month. */
	readonly count: number;
	readonly dollars: number;
}

export interface Bill {
	/** By what the peers do. */
	readonly lines: readonly Line[];
	/** By the items of AWS's bill. */
	readonly items: Dollars;
	readonly total: number;
}

type Operation = keyof typeof operations;

/** The bytes of a pong with its time. API Gateway writes it, so no bench sees it. */
const PONG_BYTES = 45;

/** Peers that the counted operations introduce to a newcomer. */
const COUNTED_INTRODUCTIONS = DEFAULT_SETTINGS.nearestPeers + DEFAULT_SETTINGS.farPeers;

export function billOf(load: Load): Bill {
	const { peers, hours, heartbeat, signals } = load;
	const peerHours = peers * hours;
	const joins = peerHours * load.joins;
	const counted: readonly (readonly [name: string, count: number, each: Units])[] = [
		[
			"heartbeats",
			heartbeat === 0 ? 0 : (peerHours * 3_600) / heartbeat,
			plus(unitsOf("ping"), { bytesOut: PONG_BYTES }),
		],
		["connected hours", peerHours, { ...NOTHING, connectionMinutes: 60 }],
		["joins", joins, plus(unitsOf("connect"), introductions("join", load))],
		["signals", joins * signals, signalUnits(load)],
		["leaves", joins, plus(introductions("leave", load), unitsOf("disconnect after leave"))],
		[
			"moves to a new connection",
			movesOf(load),
			["connect", "join that resumes", "disconnect after a resume"].reduce(
				(sum, name) => plus(sum, unitsOf(name as Operation)),
				NOTHING,
			),
		],
	];
	const lines = counted.map(([name, count, each]) => ({ name, count, dollars: count * dollarsOf(each) }));
	const month = counted.reduce((sum, [, count, each]) => plus(sum, times(count, each)), NOTHING);
	return { lines, items: itemsOf(month), total: dollarsOf(month) };
}

const NOTHING: Units = { messages: 0, invocations: 0, readUnits: 0, writeUnits: 0 };

function unitsOf(operation: Operation): Units {
	return operations[operation];
}

/** Each introduction is one notice. */
function introductions(operation: "join" | "leave", { introduced }: Load): Units {
	const noticeBytes = operations.leave.bytesOut / COUNTED_INTRODUCTIONS;
	const more = introduced - COUNTED_INTRODUCTIONS;
	return plus(unitsOf(operation), { messages: more, bytesOut: more * noticeBytes });
}

/** The first signal of a session looks up its target, and the others find it in the memory of the instance. */
function signalUnits({ signals, signalBytes }: Load): Units {
	const first = Math.min(1, signals);
	const mean =
		signals === 0
			? NOTHING
			: times(
					1 / signals,
					plus(
						times(first, unitsOf("signal, target not seen before")),
						times(signals - first, unitsOf("signal, warm")),
					),
				);
	return { ...mean, bytesOut: signalBytes };
}

/** A client moves to a new connection before API Gateway ends the old one. */
function movesOf({ peers, hours, joins }: Load): number {
	const keptHours = (MAX_CONNECTION_AGE_MS - RECONNECT_MARGIN_MS) / 3_600_000;
	const peerHours = peers * hours;
	if (joins === 0) return peerHours / keptHours;
	// A session that ends sooner needs none.
	return peerHours * joins * Math.floor(1 / joins / keptHours);
}

function plus(a: Units, b: Partial<Units>): Units {
	return combine(a, b, (x, y) => x + y);
}

function times(factor: number, units: Units): Units {
	return combine(units, NOTHING, (x) => x * factor);
}

function combine(a: Units, b: Partial<Units>, by: (x: number, y: number) => number): Required<Units> {
	const of = (unit: keyof Units) => by(a[unit] ?? 0, b[unit] ?? 0);
	return {
		messages: of("messages"),
		invocations: of("invocations"),
		readUnits: of("readUnits"),
		writeUnits: of("writeUnits"),
		bytesOut: of("bytesOut"),
		connectionMinutes: of("connectionMinutes"),
	};
}
