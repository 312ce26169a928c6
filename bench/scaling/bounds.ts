/**
 * How many peers a deployment carries, on paper: the demand of a load on each limit in force, and the number of peers at which
 * the limit is reached. Every demand grows with the number of peers, so a limit is reached at a multiple of the load.
 */
import { readFileSync } from "node:fs";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";

/** What the peers of a deployment do. */
export interface Load {
	readonly peers: number;
	/** The share of all peers that is in the largest room. @default 1: all in one room */
	readonly largestRoom: number;
	/** The share of the peers that leaves, and is replaced by newcomers, in a minute. @default 0.2 */
	readonly replacedPerMinute: number;
	/** Seconds of silence after which a client pings. @default 240, as this project's client does */
	readonly pingSeconds: number;
	/** Frames that a newcomer sends, its join included. @default 10.4, counted with 20 clients */
	readonly framesSent: number;
	/** Frames that a newcomer gets, its welcome included. @default 16.6, counted with 20 clients */
	readonly framesReceived: number;
	/**
	 * The share of relayed frames for which the instance must look up the target, since it has not relayed to it in the last minute.
	 * @default 1: with many instances each sees a small part of the frames
	 */
	readonly looksUp: number;
	/** How long an invocation takes, in seconds. @default 0.02 */
	readonly invocationSeconds: number;
}

export const DEFAULT_LOAD: Omit<Load, "peers"> = {
	largestRoom: 1,
	replacedPerMinute: 0.2,
	pingSeconds: 240,
	framesSent: 10.4,
	framesReceived: 16.6,
	looksUp: 1,
	invocationSeconds: 0.02,
};

/** The units of its room's partition that an operation takes. test/cost.test.ts counts them on the bundle. */
export const ROOM_UNITS = {
	/** Five queries of one read unit's items, two of them strong, and the lease. */
	join: { reads: 3.5, writes: 1 },
	/** The same, and the holder's lease, read strongly. */
	resume: { reads: 4.5, writes: 1 },
	/** The lease, and the strong queries for the neighbours. */
	departure: { reads: 2, writes: 1 },
	/** The target's lease. */
	lookUp: { reads: 0.5, writes: 0 },
} as const;

/** Peers that are told of an arrival or a departure. */
const NOTICES = 8;

/** The limits in force. Per second, if nothing else is said. */
export interface Limits {
	/** `throttling_rate_limit`: connects and frames of all clients. */
	readonly stage: number;
	/** `join_throttling_rate_limit`. */
	readonly joins: number;
	/** The throttle of pings, which the module fixes. */
	readonly pings: number;
	/** The account's requests in the region: connects, frames, and posts to connections. */
	readonly account: number;
	/** The account's new connections in the region. */
	readonly connects: number;
	/** Invocations of the account at the same time. */
	readonly concurrency: number;
	/** Read units of one partition of a table. */
	readonly partitionReads: number;
	/** Write units of one partition of a table. */
	readonly partitionWrites: number;
}

/**
 * The module's defaults, and AWS's quotas of an account that asked for nothing.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export function limitsInForce(): Limits {
	return {
		stage: terraformNumber("variables.tf", /variable "throttling_rate_limit" \{[\s\S]*?default\s+= (\d+)/),
		joins: terraformNumber("main.tf", /join_throttling_limit\s+= (\d+)/),
		pings: terraformNumber("main.tf", /ping_throttling_limit\s+= (\d+)/),
		account: 10_000,
		connects: 500,
		concurrency: 1_000,
		partitionReads: 3_000,
		partitionWrites: 1_000,
	};
}

/** The demand of a load on each limit. */
export function demandOf(load: Load): Limits {
	const { peers, framesSent, framesReceived } = load;
	const joins = (peers * load.replacedPerMinute) / 60;
	const resumes = peers / (MAX_CONNECTION_AGE_MS / 1000);
	const connects = joins + resumes;
	const pings = peers / load.pingSeconds;
	// Another peer has sent every frame that a newcomer gets after its welcome.
	const relayed = joins * (framesSent - 1 + framesReceived - 1);
	const joinFrames = joins + resumes;
	const disconnects = joins + resumes;
	const posts = relayed + joins * (1 + NOTICES) + resumes * 2 + joins * NOTICES;
	const invocations = connects + joinFrames + relayed + disconnects;
	const room = load.largestRoom;
	const units = (kind: "reads" | "writes") =>
		room *
		(joins * (ROOM_UNITS.join[kind] + ROOM_UNITS.departure[kind]) +
			resumes * ROOM_UNITS.resume[kind] +
			relayed * load.looksUp * ROOM_UNITS.lookUp[kind]);
	return {
		stage: connects + joinFrames + relayed + pings,
		joins: joinFrames,
		pings,
		account: connects + joinFrames + relayed + pings + posts,
		connects,
		concurrency: invocations * load.invocationSeconds,
		partitionReads: units("reads"),
		partitionWrites: units("writes"),
	};
}

export interface Bound {
	readonly limit: keyof Limits;
	/** The limit in words. */
	readonly name: string;
	readonly most: number;
	readonly used: number;
	/** The number of peers at which it is reached. */
	readonly reachedAt: number;
	/** What lifts it. */
	readonly lift: string;
}

const WORDS: Readonly<Record<keyof Limits, readonly [name: string, lift: string]>> = {
	stage: ["frames and connects of the stage, per second", "`throttling_rate_limit`"],
	joins: ["joins of the stage, per second", "`join_throttling_rate_limit`"],
	pings: [
		"pings of the stage, per second",
		"a longer `heartbeatInterval` of the clients; the throttle is in `main.tf`",
	],
	account: [
		"requests of the account, callbacks included, per second",
		"AWS raises it on request; deployments in several regions or accounts, chosen by room",
	],
	connects: [
		"new connections of the account, per second",
		"AWS raises it on request; deployments in several regions or accounts, chosen by room",
	],
	concurrency: ["invocations at the same time", "AWS raises it on request"],
	partitionReads: [
		"read units of the largest room's partition, per second",
		"DynamoDB splits a hot room by its sort key after some minutes; smaller rooms; a partition key for each first digit of the routing key",
	],
	partitionWrites: ["write units of the largest room's partition, per second", "the same as for its read units"],
};

/** All limits, the one that is reached first at the top. */
export function boundsOf(load: Load, limits: Limits = limitsInForce()): Bound[] {
	const demand = demandOf(load);
	return (Object.keys(WORDS) as (keyof Limits)[])
		.map((limit) => ({
			limit,
			name: WORDS[limit][0],
			most: limits[limit],
			used: demand[limit],
			reachedAt: Math.floor((load.peers * limits[limit]) / demand[limit]),
			lift: WORDS[limit][1],
		}))
		.sort((a, b) => a.reachedAt - b.reachedAt);
}

function terraformNumber(file: string, pattern: RegExp): number {
	const found = pattern.exec(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"))?.[1];
	if (found === undefined) throw new Error(`${file} has nothing like ${pattern}.`);
	return Number(found);
}
