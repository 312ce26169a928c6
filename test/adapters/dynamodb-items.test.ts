/** Items of other versions in the table: they are read if they can be, and are in no client's way if they cannot. */
import { randomBytes } from "node:crypto";
import { type AttributeValue, DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { dynamodbStore } from "../../lambda/adapters/dynamodb-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { NEIGHBOUR_WINDOW } from "../../lambda/core/limits.ts";
import type { SignalingStore } from "../../lambda/core/ports.ts";
import { FIRST_POSITION, LAST_POSITION, positionOf } from "../../lambda/core/routing-key.ts";
import { someLog } from "../support/defaults.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { aClock, aConnection, aPeer } from "../support/records.ts";

type Item = Record<string, AttributeValue>;

const clock = aClock();
const END = String(clock.now() / 1000 + 600);
const SEEN = clock.now() - 1_000;

let dynamodb: LocalDynamodb;
let client: DynamoDBClient;
let log: ReturnType<typeof someLog>;
let store: SignalingStore;
/** In every key, so that tests can share a table. */
let room: string;
let connectionId: string;

beforeAll(async () => {
	dynamodb = await startDynamodb();
	client = new DynamoDBClient();
});
afterAll(async () => {
	client.destroy();
	await dynamodb.close();
});
beforeEach(() => {
	log = someLog();
	store = dynamodbStore({ tableName: dynamodb.tableName, clock, log });
	room = randomBytes(6).toString("hex");
	connectionId = `${room}=`;
});

const put = (item: Item) => client.send(new PutItemCommand({ TableName: dynamodb.tableName, Item: item }));
const everything = {
	from: FIRST_POSITION,
	to: LAST_POSITION,
	direction: "ascending",
	consistency: "strong",
} as const;

/** A lease as it stands in the table, complete, except for the changes of a test. */
const leaseOf = (peerId: string, changes: Item = {}): Item => ({
	pk: { S: `room#${room}` },
	sk: { S: positionOf(aPeer({ peerId })) },
	connectionId: { S: connectionId },
	resumeKey: { S: "5f0c31a9c4f1d0bb7f0b6f3a0a4b1c2d" },
	lastSeen: { N: String(SEEN) },
	expiresAt: { N: END },
	...changes,
});

describe("the items of version 0.1.0", () => {
	const key = "4f9f59ab3a30f58157e1df1a3a2ba5ac0f9ad3f9";

	it("are read as connections", async () => {
		await put({
			pk: { S: `connection#${connectionId}` },
			sk: { S: "connection" },
			room: { S: room },
			peerId: { S: key },
			routingKey: { S: key },
			state: { S: "joined" },
			expiresAt: { N: END },
			authorizedUntil: { N: "1893456060" },
		});

		const record = { room, peerId: key, key, state: "joined", expiresAt: Number(END), authorizedUntil: 1_893_456_060 };
		expect(await store.getConnection(connectionId, "strong")).toEqual({ ...record, connectionId });
		expect(await store.openConnection(aConnection({ connectionId }))).toBe(false);
	});

	it("are read as leases", async () => {
		await put({
			pk: { S: `room#${room}` },
			sk: { S: `${key}#${key}` },
			connectionId: { S: connectionId },
			resumeKey: { S: "5f0c31a9c4f1d0bb7f0b6f3a0a4b1c2d" },
			lastSeen: { N: String(SEEN) },
			expiresAt: { N: END },
			replaces: { S: "an older one=" },
			resumed: { BOOL: true },
		});

		const lease = {
			room,
			peerId: key,
			key,
			connectionId,
			resumeKey: "5f0c31a9c4f1d0bb7f0b6f3a0a4b1c2d",
			lastSeen: SEEN,
			expiresAt: Number(END),
			replaces: "an older one=",
			resumed: true,
		};
		expect(await store.getPeer(lease, "strong")).toEqual(lease);
		expect(await store.range({ room, ...everything, limit: 5 })).toEqual({ peers: [lease] });
		expect(await store.claimPeer({ ...lease, connectionId: "other" }, undefined)).toBe(false);
		expect(await store.claimPeer({ ...lease, connectionId: "other" }, connectionId)).toBe(true);
	});

	it("are read as grants", async () => {
		await put({
			pk: { S: `connection#${connectionId}` },
			sk: { S: "grant" },
			until: { N: "1893456060" },
			expiresAt: { N: END },
			peerId: { S: "alice" },
			rooms: { L: [{ S: "lobby" }, { S: "team-*" }] },
		});

		expect(await store.getGrant(connectionId)).toEqual({
			until: 1_893_456_060,
			peerId: "alice",
			rooms: ["lobby", "team-*"],
		});
	});

	it("go on as frame counts", async () => {
		await put({
			pk: { S: `connection#${connectionId}` },
			sk: { S: "frames#7" },
			frames: { N: "50" },
			expiresAt: { N: END },
		});

		expect(await store.countFrames(connectionId, 7, 25, Number(END))).toBe(75);
	});
});

describe("an item that cannot be read", () => {
	const readable = ["alice", "bob", "carol"];
	const ids = (peers: readonly { peerId: string }[]) => peers.map((peer) => peer.peerId).sort();

	it("does not stop its room, and is logged once", async () => {
		for (const peerId of readable) await put(leaseOf(peerId));
		const { expiresAt: _, ...endless } = leaseOf("mallory");
		await put(endless);
		await put(leaseOf("niaj", { v: { N: "2" } }));

		for (let n = 0; n < 3; n++) {
			expect(ids((await store.range({ room, ...everything, limit: 10 })).peers)).toEqual(readable);
		}

		const line = { level: "warn", event: "item_unreadable" };
		expect(log.lines).toMatchObject([line, line]);
		expect(log.lines.map(({ fields }) => fields)).toEqual(
			expect.arrayContaining([
				{ fault: "lease: expiresAt is no usable N" },
				{ fault: "lease: v is not a number up to 1" },
			]),
		);
	});

	it.each(["ascending", "descending"] as const)("is passed by a query, %s, with any sort key", async (direction) => {
		for (const peerId of readable) await put(leaseOf(peerId));
		for (const sk of ["0", "1zz", "a settings item", "e~", `${"7".repeat(40)}#`]) {
			await put(leaseOf("x", { sk: { S: sk } }));
		}
		const found = new Set<string>();
		let { from, to } = everything as { from: string; to: string };

		for (let limit = 1; ; limit *= 2) {
			const page = await store.range({ ...everything, room, from, to, direction, limit });
			for (const { peerId } of page.peers) found.add(peerId);
			if (page.stoppedAt === undefined) break;
			expect(page.stoppedAt).toMatch(/^[0-9a-f]{40}/);
			if (direction === "ascending") from = page.stoppedAt;
			else to = page.stoppedAt;
		}

		expect([...found].sort()).toEqual(readable);
	});

	it("refuses the client if it is a grant, because its limits are not known", async () => {
		const grant = {
			pk: { S: `connection#${connectionId}` },
			sk: { S: "grant" },
			until: { N: END },
			expiresAt: { N: END },
		};
		for (const change of [
			{ rooms: { SS: ["lobby"] } },
			{ rooms: { L: [{ N: "1" }] } },
			{ peerId: { N: "1" } },
			{ v: { N: "2" } },
		]) {
			await put({ ...grant, ...change });
			expect(await store.getGrant(connectionId)).toBeUndefined();
		}
	});
});

describe("a lease with all that a peer of today has, after a resume", () => {
	const [connection, replaced] = ["L0SM9cOFvHcCIhw=", "L0SM9cOFvHcCIhx="];
	const lease = (n: number) =>
		aPeer({
			room: "default",
			peerId: nodeCrypto.random(20),
			connectionId: connection,
			resumeKey: nodeCrypto.secret(16),
			lastSeen: SEEN + n,
			since: SEEN,
			expiresAt: Number(END),
			replaces: replaced,
			resumed: true,
			identity: nodeCrypto.random(20),
		});

	it("is so small that sixteen of them take one read unit", async () => {
		for (let n = 0; n < NEIGHBOUR_WINDOW; n++) await store.claimPeer(lease(n), undefined);

		const { Count, ConsumedCapacity } = await client.send(
			new QueryCommand({
				TableName: dynamodb.tableName,
				KeyConditionExpression: "pk = :pk",
				ExpressionAttributeValues: { ":pk": { S: "room#default" } },
				ConsistentRead: true,
				ReturnConsumedCapacity: "TOTAL",
			}),
		);

		expect({ Count, units: ConsumedCapacity?.CapacityUnits }).toEqual({ Count: NEIGHBOUR_WINDOW, units: 1 });
	});

	it.each([{ S: "0f".repeat(20) }, { B: new Uint8Array(19) }, { B: new Uint8Array(0) }, { N: "1" }])(
		"is read without an identity that is none: %j",
		async (k) => {
			await put(leaseOf("alice", { k } as Item));

			const read = await store.getPeer(aPeer({ room, peerId: "alice" }), "strong");

			expect(read).toBeDefined();
			expect(read).not.toHaveProperty("identity");
		},
	);
});

describe("an item of any content", () => {
	const RUNS = { numRuns: inject("thorough") ? 150 : 20, seed: 1 };

	/** A value of any type. The number is in the past, in the future, or none that a clock shows. */
	const anyValue = fc.oneof(
		fc.constantFrom("", "x", "joined", "left", "paused", "é#").map((S) => ({ S })),
		fc.constantFrom("-1", "0", "1", "1.5", "2", String(clock.now() / 1000 - 1), END, "9e99").map((N) => ({ N })),
		fc.boolean().map((BOOL) => ({ BOOL })),
		fc.constant({ NULL: true } as const),
		fc.constant({ L: [{ S: "x" }] }),
		fc.constant({ M: { S: { S: "x" } } }),
		fc.constant({ SS: ["x"] }),
		fc.constant({ NS: ["1"] }),
		fc.constant({ B: new Uint8Array([1]) }),
	);
	/** Attributes to replace, or to take away. */
	const changesTo = (...attributes: string[]) =>
		fc.dictionary(fc.constantFrom(...attributes), fc.option(anyValue, { nil: undefined }), { maxKeys: 3 });
	const changed = (item: Item, changes: object): Item =>
		Object.fromEntries(Object.entries({ ...item, ...changes }).filter(([, value]) => value !== undefined)) as Item;

	it("as a lease is read and holds its id, or is not read and holds none", async () => {
		const changes = changesTo(
			"v",
			"connectionId",
			"resumeKey",
			"lastSeen",
			"expiresAt",
			"replaces",
			"resumed",
			"k",
			"later",
		);
		const property = fc.asyncProperty(changes, async (change) => {
			await put(changed(leaseOf("alice"), change));
			const alice = aPeer({ room, peerId: "alice", connectionId: "new=" });

			const holder = await store.getPeer(alice, "strong");
			const { peers } = await store.range({ room, ...everything, limit: 5 });

			expect(peers).toEqual(holder === undefined ? [] : [holder]);
			expect(await store.claimPeer(alice, undefined)).toBe(holder === undefined);
			if (holder !== undefined) expect(await store.claimPeer(alice, holder.connectionId)).toBe(true);
			expect(await store.getPeer(alice, "strong")).toEqual(alice);
		});

		await fc.assert(property, RUNS);
	});

	it("as a connection's record is read and stays, or is not read and gives way", async () => {
		const whole: Item = {
			pk: { S: `connection#${connectionId}` },
			sk: { S: "connection" },
			room: { S: room },
			peerId: { S: "alice" },
			routingKey: { S: aPeer({ peerId: "alice" }).key },
			state: { S: "joined" },
			expiresAt: { N: END },
		};
		const changes = changesTo("v", "room", "peerId", "routingKey", "state", "expiresAt", "authorizedUntil", "later");
		const property = fc.asyncProperty(changes, async (change) => {
			await put(changed(whole, change));

			const known = await store.getConnection(connectionId, "strong");

			expect(await store.openConnection(aConnection({ connectionId }))).toBe(known === undefined);
		});

		await fc.assert(property, RUNS);
	});
});
