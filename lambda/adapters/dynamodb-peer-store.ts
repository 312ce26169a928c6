import {
	type AttributeValue,
	ConditionalCheckFailedException,
	DeleteItemCommand,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type Clock, DependencyError, type PeerStore } from "../core/ports.ts";
import type {
	ConnectionRecord,
	ConnectionState,
	Grant,
	GrantRecord,
	PeerIdentity,
	PeerRecord,
} from "../core/records.ts";
import { keyOf, peerIdOf, positionOf } from "../core/routing-key.ts";

type Item = Record<string, AttributeValue>;

/** The sort key of who a connection is. */
const CONNECTION_SK = "connection";

/** The sort key of what it may join, where a token said so when it connected. */
const GRANT_SK = "grant";

/** `state` is a reserved word in expressions. */
const STATE_NAME = { "#state": "state" };

/**
 * Presence in one table, and what belongs to a connection beside it:
 *
 * | pk                | sk                     | attributes |
 * |-------------------|------------------------|------------|
 * | `connection#{id}` | `connection`           | room, peerId, routingKey, state, expiresAt, authorizedUntil?, anyId? |
 * | `connection#{id}` | `grant`                | until, expiresAt, peerId?, rooms? |
 * | `connection#{id}` | `frames#{window}`      | frames, expiresAt |
 * | `room#{room}`     | `{routing key}#{peer}` | connectionId, resumeKey, lastSeen, expiresAt, replaces?, resumed?, since?, ownerHash? |
 *
 * DynamoDB deletes expired items late, within days, so every read and every condition looks at `expiresAt` itself.
 */
export function dynamodbPeerStore({ tableName, clock }: { tableName: string; clock: Clock }): PeerStore {
	const TableName = tableName;
	const client = new DynamoDBClient({
		maxAttempts: 3,
		// Without `throwOnRequestTimeout` the SDK only warns when the time is over.
		requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
	});

	const now = () => Math.floor(clock.now() / 1000);
	const isLive = (item: Item | undefined): item is Item => item !== undefined && numberOf(item, "expiresAt") > now();

	/** One call of the SDK, whose failures become the core's. */
	const call = async <T>(operation: string, send: () => Promise<T>): Promise<T> => {
		try {
			return await send();
		} catch (cause) {
			throw new DependencyError(`dynamodb:${operation}`, { cause });
		}
	};

	/** A call with a condition. @returns its output, or undefined where the condition did not hold */
	const callIf = <T>(operation: string, send: () => Promise<T>): Promise<T | undefined> =>
		call(operation, async () => {
			try {
				return await send();
			} catch (error) {
				if (error instanceof ConditionalCheckFailedException) return undefined;
				throw error;
			}
		});

	const getItem = async (Key: Item, strong: boolean): Promise<Item | undefined> => {
		const { Item: item } = await call("GetItem", () =>
			client.send(new GetItemCommand({ TableName, Key, ConsistentRead: strong })),
		);
		return isLive(item) ? item : undefined;
	};

	/** @returns whether it is in that state now */
	const moveConnection = async (
		connectionId: string,
		to: ConnectionState,
		from?: ConnectionState,
	): Promise<boolean> => {
		const moved = await callIf("UpdateItem", () =>
			client.send(
				new UpdateItemCommand({
					TableName,
					Key: connectionKey(connectionId),
					UpdateExpression: "SET #state = :to",
					ConditionExpression: from === undefined ? "attribute_exists(pk)" : "#state = :from OR #state = :to",
					ExpressionAttributeNames: STATE_NAME,
					ExpressionAttributeValues: { ":to": { S: to }, ...(from !== undefined && { ":from": { S: from } }) },
				}),
			),
		);
		return moved !== undefined;
	};

	return {
		async getConnection(connectionId, consistency) {
			const item = await getItem(connectionKey(connectionId), consistency === "strong");
			return item && toConnection(item, connectionId);
		},

		async openConnection(record) {
			const written = await callIf("PutItem", () =>
				client.send(
					new PutItemCommand({
						TableName,
						Item: fromConnection(record),
						ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :now",
						ExpressionAttributeValues: { ":now": { N: String(now()) } },
					}),
				),
			);
			return written !== undefined;
		},

		confirmConnection: (connectionId) => moveConnection(connectionId, "joined", "joining"),

		async endConnection(connectionId, state) {
			await moveConnection(connectionId, state);
		},

		async deleteConnection(connectionId) {
			await call("DeleteItem", () =>
				client.send(new DeleteItemCommand({ TableName, Key: connectionKey(connectionId) })),
			);
		},

		async saveGrant(record) {
			await call("PutItem", () => client.send(new PutItemCommand({ TableName, Item: fromGrant(record) })));
		},

		async getGrant(connectionId) {
			const item = await getItem(grantKey(connectionId), true);
			return item && toGrant(item);
		},

		async countFrames(connectionId, window, frames, expiresAt) {
			const { Attributes } = await call("UpdateItem", () =>
				client.send(
					new UpdateItemCommand({
						TableName,
						Key: { ...connectionKey(connectionId), sk: { S: `frames#${window}` } },
						UpdateExpression: "ADD frames :frames SET expiresAt = :expiresAt",
						ExpressionAttributeValues: { ":frames": { N: String(frames) }, ":expiresAt": { N: String(expiresAt) } },
						ReturnValues: "UPDATED_NEW",
					}),
				),
			);
			return numberOf(Attributes ?? {}, "frames");
		},

		async getPeer(identity, consistency) {
			const item = await getItem(peerKey(identity), consistency === "strong");
			return item && toPeer(item, identity.room);
		},

		async claimPeer(record, holder) {
			const written = await callIf("PutItem", () =>
				client.send(
					new PutItemCommand({
						TableName,
						Item: fromPeer(record),
						ConditionExpression:
							holder === undefined
								? "attribute_not_exists(pk) OR expiresAt <= :now"
								: "connectionId = :holder AND expiresAt > :now",
						ExpressionAttributeValues: {
							":now": { N: String(now()) },
							...(holder !== undefined && { ":holder": { S: holder } }),
						},
					}),
				),
			);
			return written !== undefined;
		},

		async releasePeer(identity, connectionId) {
			const deleted = await callIf("DeleteItem", () =>
				client.send(
					new DeleteItemCommand({
						TableName,
						Key: peerKey(identity),
						ConditionExpression: "connectionId = :connectionId",
						ExpressionAttributeValues: { ":connectionId": { S: connectionId } },
						ReturnValues: "ALL_OLD",
					}),
				),
			);
			return deleted?.Attributes && toPeer(deleted.Attributes, identity.room);
		},

		async range({ room, from, to, direction, limit, consistency }) {
			const { Items = [], LastEvaluatedKey } = await call("Query", () =>
				client.send(
					new QueryCommand({
						TableName,
						KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
						ExpressionAttributeValues: { ":pk": { S: roomKey(room) }, ":from": { S: from }, ":to": { S: to } },
						ScanIndexForward: direction === "ascending",
						Limit: limit,
						ConsistentRead: consistency === "strong",
					}),
				),
			);
			const peers = Items.filter(isLive).map((item) => toPeer(item, room));
			return LastEvaluatedKey === undefined ? { peers } : { peers, stoppedAt: textOf(LastEvaluatedKey, "sk") };
		},
	};
}

function connectionKey(connectionId: string): Item {
	return { pk: { S: `connection#${connectionId}` }, sk: { S: CONNECTION_SK } };
}

function grantKey(connectionId: string): Item {
	return { ...connectionKey(connectionId), sk: { S: GRANT_SK } };
}

function roomKey(room: string): string {
	return `room#${room}`;
}

function peerKey(identity: PeerIdentity): Item {
	return { pk: { S: roomKey(identity.room) }, sk: { S: positionOf(identity) } };
}

function fromConnection(record: ConnectionRecord): Item {
	return {
		...connectionKey(record.connectionId),
		room: { S: record.room },
		peerId: { S: record.peerId },
		routingKey: { S: record.key },
		state: { S: record.state },
		expiresAt: { N: String(record.expiresAt) },
		...(record.authorizedUntil !== undefined && { authorizedUntil: { N: String(record.authorizedUntil) } }),
		...(record.anyId === true && { anyId: { BOOL: true } }),
	};
}

function toConnection(item: Item, connectionId: string): ConnectionRecord {
	return {
		connectionId,
		room: textOf(item, "room"),
		peerId: textOf(item, "peerId"),
		key: textOf(item, "routingKey"),
		state: textOf(item, "state") as ConnectionState,
		expiresAt: numberOf(item, "expiresAt"),
		...(item.authorizedUntil !== undefined && { authorizedUntil: numberOf(item, "authorizedUntil") }),
		...(item.anyId?.BOOL === true && { anyId: true }),
	};
}

function fromGrant(record: GrantRecord): Item {
	return {
		...grantKey(record.connectionId),
		until: { N: String(record.until) },
		expiresAt: { N: String(record.expiresAt) },
		...(record.peerId !== undefined && { peerId: { S: record.peerId } }),
		...(record.rooms !== undefined && { rooms: { L: record.rooms.map((room) => ({ S: room })) } }),
	};
}

function toGrant(item: Item): Grant {
	return {
		until: numberOf(item, "until"),
		...(item.peerId !== undefined && { peerId: textOf(item, "peerId") }),
		...(item.rooms?.L !== undefined && { rooms: item.rooms.L.map((room) => room.S ?? "") }),
	};
}

function fromPeer(record: PeerRecord): Item {
	return {
		...peerKey(record),
		connectionId: { S: record.connectionId },
		resumeKey: { S: record.resumeKey },
		lastSeen: { N: String(record.lastSeen) },
		expiresAt: { N: String(record.expiresAt) },
		...(record.replaces !== undefined && { replaces: { S: record.replaces } }),
		...(record.resumed !== undefined && { resumed: { BOOL: record.resumed } }),
		...(record.since !== undefined && { since: { N: String(record.since) } }),
		...(record.ownerHash !== undefined && { ownerHash: { S: record.ownerHash } }),
	};
}

function toPeer(item: Item, room: string): PeerRecord {
	const position = textOf(item, "sk");
	return {
		room,
		key: keyOf(position),
		peerId: peerIdOf(position),
		connectionId: textOf(item, "connectionId"),
		resumeKey: textOf(item, "resumeKey"),
		lastSeen: numberOf(item, "lastSeen"),
		expiresAt: numberOf(item, "expiresAt"),
		...(item.replaces?.S !== undefined && { replaces: item.replaces.S }),
		...(item.resumed?.BOOL !== undefined && { resumed: item.resumed.BOOL }),
		...(item.since?.N !== undefined && { since: Number(item.since.N) }),
		...(item.ownerHash?.S !== undefined && { ownerHash: item.ownerHash.S }),
	};
}

function textOf(item: Item, attribute: string): string {
	const value = item[attribute]?.S;
	if (value === undefined) throw new TypeError(`The table holds an item without the string ${attribute}.`);
	return value;
}

function numberOf(item: Item, attribute: string): number {
	const value = Number(item[attribute]?.N);
	if (Number.isNaN(value)) throw new TypeError(`The table holds an item without the number ${attribute}.`);
	return value;
}
