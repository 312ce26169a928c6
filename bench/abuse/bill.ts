/**
 * The bill of one attacker for an hour: the costliest things that one machine can do, as often as the limits in force let it. Everything follows from the settings table, the Terraform files and cli/prices.ts.
 */
import { readFileSync } from "node:fs";
import { PRICES } from "../../cli/prices.ts";
import { SOURCE_WINDOW_MS } from "../../lambda/core/limits.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../lambda/core/settings.ts";
import { MAX_CONNECTION_AGE_MS, MAX_IDLE_MS, MAX_MESSAGE_BYTES } from "../../protocol/index.ts";

/** New connections per second of an account, all its WebSocket APIs together (protocol/limits.ts has the page). */
const ACCOUNT_CONNECTS = 500;
const HOUR_SECONDS = 3_600;
/** The module's default memory, in GB. */
const MEMORY_GB = terraformNumber("variables.tf", /variable "lambda_memory_size" \{[\s\S]*?default\s+= (\d+)/) / 1024;

/** The meters that one request moves. */
interface Consumption {
	/** Messages that API Gateway bills, in both directions. */
	readonly messages: number;
	/** The billed time of the invocation, in ms. Absent: the function is not invoked. */
	readonly ms?: number;
	readonly readUnits?: number;
	readonly writeUnits?: number;
	readonly bytesOut?: number;
	readonly bytesLogged?: number;
	readonly connectionMinutes?: number;
}

function dollars(use: Consumption): number {
	return (
		use.messages * PRICES.message +
		(use.ms === undefined ? 0 : PRICES.invocation + (use.ms / 1000) * MEMORY_GB * PRICES.gigabyteSecond) +
		(use.readUnits ?? 0) * PRICES.readUnit +
		(use.writeUnits ?? 0) * PRICES.writeUnit +
		((use.bytesOut ?? 0) / 1e9) * PRICES.gigabyteOut +
		((use.bytesLogged ?? 0) / 1e9) * PRICES.gigabyteLogged +
		(use.connectionMinutes ?? 0) * PRICES.connectionMinute
	);
}

/** The limits that decide. Per second, on average over an hour. */
export interface Limits {
	readonly stage: number;
	readonly joins: number;
	readonly pings: number;
	/** Of one source. Infinity: a source has no limits. */
	readonly connectsOfSource: number;
	readonly searchesOfSource: number;
	readonly framesOfSource: number;
	/** The billed time of an invocation for a receiver that reads nothing, in ms, and the size of its log lines, in bytes. */
	readonly muteMs: number;
	readonly muteBytesLogged: number;
}

/** The limits of a deployment with these settings. */
export function limitsOf(settings: Settings = DEFAULT_SETTINGS): Limits {
	const { sourceRateLimit, sourceBurstLimit, clientRateLimit, searchRateLimit } = settings;
	// The count of all instances begins with a full burst in each of its windows.
	const perSecond =
		sourceRateLimit === 0 ? Number.POSITIVE_INFINITY : sourceRateLimit + sourceBurstLimit / (SOURCE_WINDOW_MS / 1000);
	return {
		stage: terraformNumber("variables.tf", /variable "throttling_rate_limit" \{[\s\S]*?default\s+= (\d+)/),
		joins: terraformNumber("main.tf", /join_throttling_limit = (\d+)/),
		pings: terraformNumber("main.tf", /ping_throttling_limit = (\d+)/),
		connectsOfSource: perSecond,
		searchesOfSource: perSecond,
		framesOfSource: (perSecond * clientRateLimit) / searchRateLimit,
		muteMs: FRAME_MS,
		muteBytesLogged: 0,
	};
}

/**
 * The same without limits of a source and without a throttle of pings, and with the repetitions to a client that does not
 * read as they were: five posts and 780 ms, measured, with an error line for each.
 */
export function limitsBefore(): Limits {
	const now = limitsOf({ ...DEFAULT_SETTINGS, sourceRateLimit: 0 });
	return { ...now, pings: now.stage, muteMs: 780, muteBytesLogged: 1_300 };
}

export interface Attack {
	readonly name: string;
	/** How often one machine gets it through, per second. */
	readonly perSecond: number;
	/** The price of one of them, in dollars. */
	readonly each: number;
}

/** The billed time of an invocation that calls the table or posts, as in docs/costs.md, and of one that only refuses. */
const FRAME_MS = 20;
const REFUSAL_MS = 2;

/**
 * The attacks of a stranger, who has no token if tokens are not asked for at the connect. Refused frames are in
 * `framesOfSource`: they take their share too. API Gateway bills no frame that it refuses itself, as far as is known.
 */
export function attacksWithin(limits: Limits): Attack[] {
	const { stage, framesOfSource } = limits;
	const connects = Math.min(ACCOUNT_CONNECTS, stage, limits.connectsOfSource);
	const joins = Math.min(limits.joins, connects, limits.searchesOfSource);
	const frames = Math.min(stage, framesOfSource);
	// A held connection needs a ping before it has been idle for too long, and pings have their limit.
	const held = Math.min(
		(connects * MAX_CONNECTION_AGE_MS) / 1000,
		Math.max((connects * MAX_IDLE_MS) / 1000, (limits.pings * MAX_IDLE_MS) / 1000),
	);
	return [
		{
			name: "signals of 32 kB",
			perSecond: frames,
			each: dollars({ messages: 2, ms: FRAME_MS, bytesOut: MAX_MESSAGE_BYTES }),
		},
		{
			name: "signals to a peer that does not read",
			perSecond: frames,
			each: dollars({ messages: 2, ms: limits.muteMs, bytesOut: 300, bytesLogged: limits.muteBytesLogged }),
		},
		{
			name: "searches",
			perSecond: Math.min(stage, limits.searchesOfSource),
			each: dollars({ messages: 2, ms: FRAME_MS, readUnits: 3.5, bytesOut: 2_000 }),
		},
		{
			name: "connects, joins and drops",
			perSecond: joins,
			// docs/costs.md: connect, join, disconnect without leave.
			each: dollars({ messages: 20, ms: 3 * FRAME_MS, readUnits: 6.5, writeUnits: 5, bytesOut: 3_500 }),
		},
		{
			name: "connections held open",
			perSecond: held,
			each: dollars({ messages: 0, connectionMinutes: 1 / 60 }),
		},
		{ name: "pings", perSecond: Math.min(stage, limits.pings), each: dollars({ messages: 2, bytesOut: 100 }) },
		{
			name: "connects that are refused",
			perSecond: Number.isFinite(limits.connectsOfSource) ? Math.min(ACCOUNT_CONNECTS, stage) : 0,
			each: dollars({ messages: 1, ms: REFUSAL_MS }),
		},
	];
}

/** With `auth_at_connect` a stranger gets no further than the door. `billed`: whether AWS bills a refused handshake. */
export function attacksAtTheDoor(limits: Limits, billed: boolean): Attack[] {
	return [
		{
			name: "connects that are refused",
			perSecond: Math.min(ACCOUNT_CONNECTS, limits.stage),
			each: dollars({ messages: billed ? 1 : 0, ms: REFUSAL_MS }),
		},
	];
}

export function dollarsPerHour({ perSecond, each }: Attack): number {
	return perSecond * HOUR_SECONDS * each;
}

/**
 * The costliest mixture that one machine can send: the stage takes only so many requests a second, and each kind has its own
 * limit. Of signals, searches and frames to a mute peer the costliest counts: they share the frames of a source.
 */
export function costliestHour(limits: Limits): number {
	const attacks = attacksWithin(limits);
	const named = (name: string) => attacks.find((attack) => attack.name === name) as Attack;
	const held = dollarsPerHour(named("connections held open"));
	const framed = attacks.slice(0, 3).reduce((costliest, attack) => (attack.each > costliest.each ? attack : costliest));
	// A join is a connect and a frame, so it takes two requests of the stage.
	const joins = named("connects, joins and drops");
	let requests = limits.stage;
	let total = held;
	for (const { perSecond, each } of [
		{ perSecond: joins.perSecond * 2, each: joins.each / 2 },
		framed,
		named("pings"),
		named("connects that are refused"),
	].sort((a, b) => b.each - a.each)) {
		const taken = Math.min(requests, perSecond);
		requests -= taken;
		total += taken * HOUR_SECONDS * each;
	}
	return total;
}

function terraformNumber(file: string, pattern: RegExp): number {
	const found = pattern.exec(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"))?.[1];
	if (found === undefined) throw new Error(`${file} has nothing like ${pattern}.`);
	return Number(found);
}
