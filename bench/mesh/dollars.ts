/** What the signaling of a mesh costs at AWS: the counts of a simulation, priced as docs/costs.md prices operations. */
import { readFileSync } from "node:fs";
import { dollarsOf, type Units } from "../../cli/cost/dollars.ts";
import type { Minute } from "./clients/run.ts";
import { sum } from "./figures.ts";

/** Counted by `npm run bench:cost`. */
const OPERATIONS: Readonly<Record<string, Units>> = JSON.parse(
	readFileSync(new URL("../../cli/cost/operations.json", import.meta.url), "utf8"),
);

const operation = (name: string): Units => {
	const units = OPERATIONS[name];
	if (units === undefined) throw new Error(`cli/cost/operations.json has no ${name}.`);
	return units;
};

/** Messages and invocations as they were counted; reads and writes as each operation takes them. */
function unitsOf(minutes: readonly Minute[]): Units {
	const counted = (purpose: "leave" | "search") => sum(minutes.map(({ bill }) => bill[purpose]));
	const joins = sum(minutes.map((minute) => minute.joins));
	const leaves = counted("leave");
	const times: readonly (readonly [number, Units])[] = [
		[joins, operation("join")],
		[leaves, operation("leave")],
		[leaves, operation("disconnect after leave")],
		[joins - leaves, operation("disconnect without leave")],
		// A search reads as much as a join does, and writes nothing. Half of its messages are the answers.
		[counted("search") / 2, { ...operation("join"), writeUnits: 0 }],
	];
	return {
		messages: sum(minutes.flatMap(({ bill }) => Object.values(bill))),
		invocations: sum(minutes.map(({ invocations }) => invocations)),
		readUnits: sum(times.map(([n, { readUnits }]) => n * readUnits)),
		writeUnits: sum(times.map(([n, { writeUnits }]) => n * writeUnits)),
	};
}

/** Dollars of an hour of so many peers. */
export function dollarsOfAnHour(minutes: readonly Minute[], peers: number): number {
	const peerMinutes = sum(minutes.map(({ present }) => present));
	return (dollarsOf(unitsOf(minutes)) / peerMinutes) * 60 * peers;
}

/** Dollars of a million peers that connect, join, and make their links with so many messages. */
export function dollarsOfJoins(messagesForLinks: number): number {
	const entering = ["connect", "join"].map(operation);
	const all = [
		...entering,
		{ messages: messagesForLinks, invocations: messagesForLinks / 2, readUnits: 0, writeUnits: 0 },
	];
	return sum(all.map(dollarsOf)) * 1e6;
}
