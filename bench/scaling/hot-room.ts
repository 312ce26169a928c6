/**
 * A room that is busier than one partition of the table, second by second. DynamoDB serves 1,000 write units and 3,000 read units
 * per second and partition, and splits a busy partition by its sort key. The sort key begins with the routing key, which is
 * random, so a split halves the load.
 */
import { seededRandom } from "../../local/seeded-random.ts";
import { type Limits, limitsInForce, ROOM_UNITS } from "./bounds.ts";

export interface HotRoom {
	/** Partitions that the room is split into. */
	readonly partitions: number;
	/** Departures for each join. 0: a storm of joins. 1: a room that keeps its size. */
	readonly departures: number;
}

/** Seconds that are simulated for one rate. */
const SECONDS = 60;
/** The share of operations that may meet a throttle, of which the SDK repeats each. */
const MOST_THROTTLED = 0.001;
const FAR_QUERIES = 3;

/** The share of operations that find a partition without units, at so many joins per second. */
export function throttledShare(
	joins: number,
	{ partitions, departures }: HotRoom,
	limits: Limits = limitsInForce(),
): number {
	const random = seededRandom(1);
	const anyPartition = () => Math.floor(random() * partitions);
	// A join's own part: its lease and the strong queries around it. The far queries go to any part of the room.
	const far = (ROOM_UNITS.join.reads - ROOM_UNITS.departure.reads) / FAR_QUERIES;
	const near = ROOM_UNITS.join.reads - FAR_QUERIES * far;
	let operations = 0;
	let throttled = 0;
	for (let second = 0; second < SECONDS; second++) {
		const reads = new Float64Array(partitions).fill(limits.partitionReads);
		const writes = new Float64Array(partitions).fill(limits.partitionWrites);
		let isThrottled = false;
		const take = (units: Float64Array, partition: number, amount: number) => {
			if ((units[partition] as number) < amount) isThrottled = true;
			else units[partition] = (units[partition] as number) - amount;
		};
		const arrivals = poisson(joins * (1 + departures), random);
		for (let n = 0; n < arrivals; n++) {
			isThrottled = false;
			const own = anyPartition();
			const isJoin = random() * (1 + departures) < 1;
			take(writes, own, isJoin ? ROOM_UNITS.join.writes : ROOM_UNITS.departure.writes);
			take(reads, own, isJoin ? near : ROOM_UNITS.departure.reads);
			for (let query = 0; isJoin && query < FAR_QUERIES; query++) take(reads, anyPartition(), far);
			operations += 1;
			if (isThrottled) throttled += 1;
		}
	}
	return throttled / operations;
}

/** The joins per second that a room takes, so that hardly an operation meets a throttle. */
export function joinsPerSecond(room: HotRoom, limits: Limits = limitsInForce()): number {
	let low = 0;
	let high = limits.partitionWrites * room.partitions * 2;
	while (high - low > 5) {
		const middle = Math.floor((low + high) / 2);
		if (throttledShare(middle, room, limits) <= MOST_THROTTLED) low = middle;
		else high = middle;
	}
	return low;
}

/** How many of independent events happen, if so many do on average. The normal distribution is close enough for hundreds. */
function poisson(mean: number, random: () => number): number {
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
}
