/**
 * An AWS that counts: an embedded DynamoDB and an @connections endpoint without connections, with every call noted,
 * and the built bundle running against them with its real calls.
 */
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { GatewayHandler } from "../../lambda/gateway-event.ts";
import { startDynamodb } from "./dynamodb.ts";

export interface MeteredCall {
	/** `GetItem`, `Query`, …, `POST` or `DELETE`. */
	readonly operation: string;
	readonly startedAt: number;
	readonly endedAt: number;
	/** Read and write units as DynamoDB bills them, from the sizes of the items. */
	readonly readUnits: number;
	readonly writeUnits: number;
	/** The partition key, for a call of DynamoDB. */
	readonly partition?: string;
	/** The frame, if one was posted. */
	readonly frame?: string;
	readonly connectionId?: string;
}

export interface MeteredAws {
	/** The calls since they were last taken, in the order in which they ended, without the calls of an instance that starts. */
	take(): MeteredCall[];
	/** The calls that instances made while they started. */
	readonly atStart: readonly MeteredCall[];
	/** A new execution environment: it has the bundle's own clients and remembers nothing. */
	anInstance(): Promise<GatewayHandler>;
	/** Puts peers into a room without the function, for a room that has to be large. */
	fill(room: string, peerIds: readonly string[]): Promise<void>;
	/**
	 * How long DynamoDB takes at least, in ms. Calls that are made together overlap if it is long enough, so that round
	 * trips can be told from the times.
	 */
	latencyMs: number;
	/** Connections for which posts are answered 410. */
	readonly gone: Set<string>;
	close(): Promise<void>;
}

const listen = (server: Server): Promise<string> =>
	new Promise((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
	);

const closeServer = (server: Server): Promise<void> =>
	new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});

export async function startMeteredAws(bundle: string): Promise<MeteredAws> {
	const dynamodb = await startDynamodb();
	const unmetered = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB as string });
	const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB as string);
	let calls: MeteredCall[] = [];
	const gone = new Set<string>();

	const meter = createServer(async (request, response) => {
		const startedAt = performance.now();
		const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
		const body = JSON.parse(await text(request));
		const payload = Buffer.from(JSON.stringify({ ...body, ReturnConsumedCapacity: "TOTAL" }));
		const headers = { ...request.headers, "content-length": String(payload.length) };
		const upstream = forward({ hostname, port, method: "POST", headers }, async (answer) => {
			const answered = await text(answer);
			await sleep(aws.latencyMs); // not by the global timers, which a test may stretch
			const units = JSON.parse(answered).ConsumedCapacity?.CapacityUnits;
			const reads = operation === "GetItem" || operation === "Query";
			calls.push({
				operation,
				startedAt,
				endedAt: performance.now(),
				readUnits: reads ? (units ?? 0) : 0,
				// A condition that does not hold costs the write all the same, and its answer names no units.
				writeUnits: reads ? 0 : (units ?? 1),
				partition: (body.Key?.pk ?? body.Item?.pk ?? body.ExpressionAttributeValues[":pk"]).S,
			});
			response.writeHead(answer.statusCode ?? 500, { "content-type": "application/x-amz-json-1.0" }).end(answered);
		});
		upstream.end(payload);
	});

	const connections = createServer(async (request, response) => {
		const startedAt = performance.now();
		const connectionId = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
		const frame = await text(request);
		calls.push({
			operation: request.method ?? "",
			startedAt,
			endedAt: performance.now(),
			readUnits: 0,
			writeUnits: 0,
			connectionId,
			...(frame !== "" && { frame }),
		});
		response.writeHead(gone.has(connectionId) ? 410 : request.method === "DELETE" ? 204 : 200).end();
	});

	process.env.AWS_ENDPOINT_URL_DYNAMODB = await listen(meter);
	process.env.CALLBACK_ENDPOINT = await listen(connections);
	process.env.TABLE_NAME = dynamodb.tableName;
	process.env.LOG_LEVEL = "error";
	process.env.METRICS = "off";
	let instances = 0;

	const atStart: MeteredCall[] = [];
	const aws: MeteredAws = {
		latencyMs: 0,
		atStart,
		gone,
		take() {
			const taken = calls;
			calls = [];
			return taken;
		},
		async anInstance() {
			instances += 1;
			// Another query makes another module, with another cache.
			const url = `${pathToFileURL(bundle).href}?instance=${instances}`;
			const before = calls;
			calls = [];
			const { handler } = (await import(/* @vite-ignore */ url)) as { handler: GatewayHandler };
			atStart.push(...calls);
			calls = before;
			return handler;
		},
		async fill(room, peerIds) {
			const expiresAt = { N: String(Math.floor(Date.now() / 1000) + 7_500) };
			const lastSeen = { N: String(Date.now()) };
			for (let start = 0; start < peerIds.length; start += 25) {
				const requests = peerIds.slice(start, start + 25).map((peerId) => ({
					PutRequest: {
						Item: {
							pk: { S: `room#${room}` },
							sk: { S: `${peerId}#${peerId}` },
							connectionId: { S: `${peerId.slice(0, 15)}=` },
							resumeKey: { S: peerId.slice(0, 32) },
							lastSeen,
							expiresAt,
						},
					},
				}));
				await unmetered.send(new BatchWriteItemCommand({ RequestItems: { [dynamodb.tableName]: requests } }));
			}
		},
		async close() {
			unmetered.destroy();
			await Promise.all([closeServer(meter), closeServer(connections)]);
			await dynamodb.close();
		},
	};
	return aws;
}

/** How many of these calls had to wait for one another: the longest chain in which each began after the last had ended. */
export function sequentialRoundTrips(calls: readonly MeteredCall[]): number {
	const chains: { endedAt: number; length: number }[] = [];
	for (const call of [...calls].sort((a, b) => a.startedAt - b.startedAt)) {
		const before = chains.filter((chain) => chain.endedAt <= call.startedAt).map((chain) => chain.length);
		chains.push({ endedAt: call.endedAt, length: 1 + Math.max(0, ...before) });
	}
	return Math.max(0, ...chains.map((chain) => chain.length));
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
	const chunks = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
}
