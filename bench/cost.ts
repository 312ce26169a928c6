/**
 * Counts the cost of each operation: calls, units, posts, round trips and dollars. It runs the built bundle, with its real
 * calls, against an embedded DynamoDB, in rooms of growing size. It writes the tables of docs/costs.md, and
 * cli/cost/operations.json, from which `npx p2pmesh-signaling cost` makes its bill.
 *
 * npm run bench:cost
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dollarsOf } from "../cli/cost/dollars.ts";
import type { GatewayEvent, GatewayHandler } from "../lambda/gateway-event.ts";
import { build } from "../scripts/build.mjs";
import {
	type MeteredAws,
	type MeteredCall,
	sequentialRoundTrips,
	startMeteredAws,
} from "../test/support/metered-aws.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const SIZES = [10, 100, 1_000, 10_000];
/** Repetitions of each operation in each room, each by a new peer: the average over many places in the key space. */
const REPEATS = 20;

interface Cost {
	readonly dynamodbCalls: number;
	readonly readUnits: number;
	readonly writeUnits: number;
	readonly posts: number;
	/** DynamoDB calls that had to wait for one another before the first post, or in total if there was no post. */
	readonly roundTrips: number;
	/** Messages that API Gateway bills: the client's frames and the function's posts. */
	readonly messages: number;
	readonly invocations: number;
	/** Bytes of the posted frames. */
	readonly bytesOut: number;
	readonly dollarsPerMillion: number;
}

const isPost = (call: MeteredCall) => call.operation === "POST";
const isConnectionCall = (call: MeteredCall) => isPost(call) || call.operation === "DELETE";
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function costOf(calls: readonly MeteredCall[], messagesIn: number, invocations: number, messagesOut = 0): Cost {
	const store = calls.filter((call) => !isConnectionCall(call));
	const posts = calls.filter(isPost).length;
	const firstPostAt = Math.min(...calls.filter(isPost).map((call) => call.startedAt));
	const readUnits = sum(store.map((call) => call.readUnits));
	const writeUnits = sum(store.map((call) => call.writeUnits));
	const messages = messagesIn + posts + messagesOut;
	const bytesOut = sum(calls.filter(isPost).map(({ frame }) => Buffer.byteLength(frame ?? "")));
	return {
		dynamodbCalls: store.length,
		readUnits,
		writeUnits,
		posts,
		roundTrips: sequentialRoundTrips(store.filter((call) => call.startedAt < firstPostAt)),
		messages,
		invocations,
		bytesOut,
		// Data that goes out is extra: docs/costs.md.
		dollarsPerMillion: dollarsOf({ messages, invocations, readUnits, writeUnits }) * 1e6,
	};
}

function average(costs: readonly Cost[]): Cost {
	const mean = (field: keyof Cost) => sum(costs.map((cost) => cost[field])) / costs.length;
	return {
		dynamodbCalls: mean("dynamodbCalls"),
		readUnits: mean("readUnits"),
		writeUnits: mean("writeUnits"),
		posts: mean("posts"),
		roundTrips: mean("roundTrips"),
		messages: mean("messages"),
		invocations: mean("invocations"),
		bytesOut: mean("bytesOut"),
		dollarsPerMillion: mean("dollarsPerMillion"),
	};
}

const event = (
	eventType: "CONNECT" | "MESSAGE" | "DISCONNECT",
	connectionId: string,
	frame?: unknown,
): GatewayEvent => ({
	requestContext: {
		eventType,
		routeKey: "$default",
		connectionId,
		connectedAt: Date.now(),
		// Each client has an address of its own. Many behind one address share some writes more (docs/costs.md).
		identity: { sourceIp: `2001:db8:${connectionId.slice(0, 4)}:${connectionId.slice(4, 8)}::1` },
	},
	...(frame !== undefined && { body: JSON.stringify(frame) }),
});

function resumeKeyIn(calls: readonly MeteredCall[]): string {
	for (const { frame } of calls.filter(isPost)) {
		const { type, resumeKey } = JSON.parse(frame ?? "{}") as { type?: string; resumeKey?: string };
		if (type === "bootstrap_peers" && resumeKey !== undefined) return resumeKey;
	}
	throw new Error("No welcome was posted.");
}

/** About as large as a candidate or a trickled description. */
const SIGNAL = { type: "signal", signal: { candidate: "x".repeat(300) } };

async function measure(aws: MeteredAws, size: number) {
	const room = `room-of-${size}`;
	const residents = Array.from({ length: size }, () => randomBytes(20).toString("hex"));
	await aws.fill(room, residents);
	const warm = await aws.anInstance();
	const costs: Record<string, Cost[]> = {};

	const run = async (name: string, handler: GatewayHandler, happening: GatewayEvent, messagesIn = 1) => {
		aws.take();
		await handler(happening);
		const cost = costOf(aws.take(), messagesIn, 1);
		(costs[name] ??= []).push(cost);
		return cost;
	};

	for (let n = 0; n < REPEATS; n++) {
		const id = `${randomBytes(8).toString("hex")}=`;
		const target = residents[n % size] as string;
		const join = { type: "join", room, peerId: randomBytes(20).toString("hex") };
		const session = [
			await run("connect", warm, event("CONNECT", id)),
			await run("join", warm, event("MESSAGE", id, join)),
		];

		const cold = n < 5 ? await aws.anInstance() : undefined; // each loads the bundle, so use few
		const signal = { ...SIGNAL, to: target };
		if (cold) await run("signal, cold", cold, event("MESSAGE", id, signal));
		session.push(await run("signal, target not seen before", warm, event("MESSAGE", id, signal)));
		for (let k = 0; k < 9; k++) session.push(await run("signal, warm", warm, event("MESSAGE", id, signal)));
		// API Gateway answers pings itself: one message in each direction, and no other cost.
		for (let k = 0; k < 20; k++) {
			const ping = costOf([], 1, 0, 1);
			(costs.ping ??= []).push(ping);
			session.push(ping);
		}
		session.push(await run("leave", warm, event("MESSAGE", id, { type: "leave" })));
		session.push(await run("disconnect after leave", warm, event("DISCONNECT", id)));

		const dropped = `${randomBytes(8).toString("hex")}=`;
		await warm(event("MESSAGE", dropped, { ...join, peerId: randomBytes(20).toString("hex") }));
		await run("disconnect without leave", warm, event("DISCONNECT", dropped));

		const [older, newer] = [`${randomBytes(8).toString("hex")}=`, `${randomBytes(8).toString("hex")}=`];
		const moving = { ...join, peerId: randomBytes(20).toString("hex") };
		aws.take();
		await warm(event("MESSAGE", older, moving));
		const resumeKey = resumeKeyIn(aws.take());
		await run("join that resumes", warm, event("MESSAGE", newer, { ...moving, resumeKey }));
		await run("disconnect after a resume", warm, event("DISCONNECT", older));

		(costs.session ??= []).push({
			dynamodbCalls: sum(session.map((cost) => cost.dynamodbCalls)),
			readUnits: sum(session.map((cost) => cost.readUnits)),
			writeUnits: sum(session.map((cost) => cost.writeUnits)),
			posts: sum(session.map((cost) => cost.posts)),
			roundTrips: sum(session.map((cost) => cost.roundTrips)),
			messages: sum(session.map((cost) => cost.messages)),
			invocations: sum(session.map((cost) => cost.invocations)),
			bytesOut: sum(session.map((cost) => cost.bytesOut)),
			dollarsPerMillion: sum(session.map((cost) => cost.dollarsPerMillion)),
		});
	}
	return Object.fromEntries(Object.entries(costs).map(([name, all]) => [name, average(all)]));
}

/** A room of this size stands for all: the costs do not depend on it. */
const SIZE_OF_BILLS = 1_000;

function writeOperations(costs: Readonly<Record<string, Cost>>): void {
	const rounded = (value: number) => Math.round(value * 100) / 100;
	const operations = Object.entries(costs).map(([name, cost]) => {
		const { messages, invocations, readUnits, writeUnits, bytesOut } = cost;
		const units = { messages, invocations, readUnits, writeUnits, bytesOut };
		return [name, Object.fromEntries(Object.entries(units).map(([unit, value]) => [unit, rounded(value)]))];
	});
	const text = JSON.stringify(Object.fromEntries(operations), null, "\t");
	writeFileSync(new URL("../cli/cost/operations.json", import.meta.url), `${text}\n`);
}

const { bundle } = await build();
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const aws = await startMeteredAws(bundle);
aws.latencyMs = 20;
const rows: string[][] = [];
const sessions: string[][] = [];
const number = (value: number) => String(Math.round(value * 100) / 100);

for (const size of SIZES) {
	const costs = await measure(aws, size);
	if (size === SIZE_OF_BILLS) writeOperations(costs);
	for (const [name, cost] of Object.entries(costs)) {
		const dollars = cost.dollarsPerMillion.toFixed(2);
		if (name === "session") {
			sessions.push(
				[size, cost.messages, cost.invocations, cost.dynamodbCalls, cost.readUnits, cost.writeUnits]
					.map((n) => number(Number(n)))
					.concat(dollars),
			);
			continue;
		}
		rows.push([
			name,
			String(size),
			...[cost.dynamodbCalls, cost.readUnits, cost.writeUnits, cost.roundTrips, cost.posts].map(number),
			dollars,
		]);
	}
}
await aws.close();

const operations = table(
	[
		"operation",
		"peers present",
		"DynamoDB calls",
		"read units",
		"write units",
		"round trips",
		"posts",
		"$ per million",
	],
	rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])) || Number(a[1]) - Number(b[1])),
);
const whole = table(
	["peers present", "messages", "invocations", "DynamoDB calls", "read units", "write units", "$ per million"],
	sessions,
);
console.log(`${operations}\n\n${whole}`);
replaceBetweenMarkers("docs/costs.md", "operations", operations);
replaceBetweenMarkers("docs/costs.md", "session", whole);
