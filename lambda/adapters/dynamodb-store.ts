/** Presence in one table of DynamoDB. dynamodb-items.ts has the items. */
import { dynamodb, type Input, type Item, type Operation, type Output } from "../aws/dynamodb.ts";
import { ServiceError } from "../aws/service.ts";
import type { CountName } from "../core/metrics.ts";
import { type Clock, DependencyError, type Log, type Metrics, type RemoteStore } from "../core/ports.ts";
import type { ConnectionState } from "../core/records.ts";
import {
	CONNECTION,
	connectionKey,
	endOf,
	fromConnection,
	fromGrant,
	fromPeer,
	grantKey,
	isPosition,
	LEASE,
	numberOf,
	peerKey,
	roomKey,
	toConnection,
	toGrant,
	toPeer,
	UnreadableItemError,
	VERSION,
	vacant,
} from "./dynamodb-items.ts";

/** `state` is a reserved word in expressions. */
const STATE_NAME = { "#state": "state" };

export interface DynamodbOptions {
	readonly tableName: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Absent: nothing is counted. */
	readonly metrics?: Metrics | undefined;
}

/** Answers of DynamoDB that ask for fewer calls. */
const THROTTLES = new Set([
	"ProvisionedThroughputExceededException",
	"RequestLimitExceeded",
	"ThrottlingException",
	"ThrottledException",
]);

/**
 * DynamoDB deletes expired items late, within days, so every read and every condition looks at `expiresAt` itself.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 *
 * An item that cannot be read is logged and counts as no item: it must not stop its room.
 */
export function dynamodbStore({ tableName, clock, log, metrics }: DynamodbOptions): RemoteStore {
	const TableName = tableName;
	// Twice 950 ms, and at most 500 ms between the two: STORE_LIMIT_MS. A read takes single milliseconds, and a table
	// that hangs must not hold one invocation for each frame that arrives.
	const send = dynamodb({ attempts: 2, connectMs: 250, answerMs: 700 });

	const now = () => Math.floor(clock.now() / 1000);

	/** The faults of items that have been logged. They are few: each names a form and an attribute. */
	const reported = new Set<string>();

	/** The record in an item, undefined if it cannot be read. */
	const readable = <T>(item: Item, convert: (item: Item) => T): T | undefined => {
		try {
			return convert(item);
		} catch (error) {
			if (!(error instanceof UnreadableItemError)) throw error;
			// One line for each fault: every query of a room comes upon the same item again.
			if (!reported.has(error.message)) log.warn("item_unreadable", { fault: error.message });
			reported.add(error.message);
			return undefined;
		}
	};

	/** The record in an item, undefined if it has expired or cannot be read. */
	const read = <T>(item: Item | undefined, convert: (item: Item) => T): T | undefined =>
		item === undefined || (endOf(item) ?? Number.POSITIVE_INFINITY) <= now() ? undefined : readable(item, convert);

	/** A call with a condition. @returns its output, or undefined if the condition did not hold */
	const callIf = async <Name extends Operation>(
		operation: Name,
		input: Input<Name>,
	): Promise<Output<Name> | undefined> => {
		const startedAt = performance.now();
		let outcome: CountName = "Store_ok";
		try {
			return await send(operation, input);
		} catch (cause) {
			if (cause instanceof ServiceError && cause.name === "ConditionalCheckFailedException") {
				outcome = "Store_unmet";
				return undefined;
			}
			outcome = cause instanceof Error && THROTTLES.has(cause.name) ? "Store_throttled" : "Store_failed";
			throw new DependencyError(`dynamodb:${operation}`, { cause });
		} finally {
			metrics?.count(outcome);
			metrics?.time("StoreLatency", performance.now() - startedAt);
		}
	};

	/** A call. Turns its failures into the core's. */
	const call = <Name extends Operation>(operation: Name, input: Input<Name>): Promise<Output<Name>> =>
		callIf(operation, input) as Promise<Output<Name>>; // without a condition there is an output

	const getItem = async (Key: Item, strong: boolean): Promise<Item | undefined> => {
		const { Item: item } = await call("GetItem", { TableName, Key, ConsistentRead: strong });
		return item;
	};

	/** @returns whether it is in that state now */
	const moveConnection = async (
		connectionId: string,
		to: ConnectionState,
		from?: ConnectionState,
	): Promise<boolean> => {
		const moved = await callIf("UpdateItem", {
			TableName,
			Key: connectionKey(connectionId),
			UpdateExpression: "SET #state = :to",
			ConditionExpression: from === undefined ? "attribute_exists(pk)" : "#state = :from OR #state = :to",
			ExpressionAttributeNames: STATE_NAME,
			ExpressionAttributeValues: { ":to": { S: to }, ...(from !== undefined && { ":from": { S: from } }) },
		});
		return moved !== undefined;
	};

	return {
		async getConnection(connectionId, consistency) {
			const item = await getItem(connectionKey(connectionId), consistency === "strong");
			return read(item, (found) => toConnection(found, connectionId));
		},

		async openConnection(record) {
			const written = await callIf("PutItem", {
				TableName,
				Item: fromConnection(record),
				...vacant(CONNECTION, now()),
			});
			return written !== undefined;
		},

		confirmConnection: (connectionId) => moveConnection(connectionId, "joined", "joining"),

		async endConnection(connectionId, state) {
			await moveConnection(connectionId, state);
		},

		async deleteConnection(connectionId) {
			await call("DeleteItem", { TableName, Key: connectionKey(connectionId) });
		},

		async saveGrant(record) {
			await call("PutItem", { TableName, Item: fromGrant(record) });
		},

		async getGrant(connectionId) {
			const item = await getItem(grantKey(connectionId), true);
			return read(item, toGrant);
		},

		async countFrames(connectionId, window, frames, expiresAt) {
			const { Attributes } = await call("UpdateItem", {
				TableName,
				Key: { ...connectionKey(connectionId), sk: { S: `frames#${window}` } },
				UpdateExpression: "ADD frames :frames SET expiresAt = :expiresAt, v = :v",
				ExpressionAttributeValues: {
					":frames": { N: String(frames) },
					":expiresAt": { N: String(expiresAt) },
					":v": VERSION.v,
				},
				ReturnValues: "UPDATED_NEW",
			});
			return numberOf(Attributes ?? {}, "frames");
		},

		async getPeer(identity, consistency) {
			const item = await getItem(peerKey(identity), consistency === "strong");
			return read(item, (found) => toPeer(found, identity.room));
		},

		async claimPeer(record, holder) {
			const written = await callIf("PutItem", {
				TableName,
				Item: fromPeer(record),
				...(holder === undefined ? vacant(LEASE, now()) : heldBy(holder, now())),
			});
			return written !== undefined;
		},

		async releasePeer(identity, connectionId) {
			const deleted = await callIf("DeleteItem", {
				TableName,
				Key: peerKey(identity),
				ConditionExpression: "connectionId = :connectionId",
				ExpressionAttributeValues: { ":connectionId": { S: connectionId } },
				ReturnValues: "ALL_OLD",
			});
			return deleted?.Attributes && readable(deleted.Attributes, (found) => toPeer(found, identity.room));
		},

		async range({ room, from, to, direction, limit, consistency }) {
			const { Items = [], LastEvaluatedKey } = await call("Query", {
				TableName,
				KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
				ExpressionAttributeValues: { ":pk": { S: roomKey(room) }, ":from": { S: from }, ":to": { S: to } },
				ScanIndexForward: direction === "ascending",
				Limit: limit,
				ConsistentRead: consistency === "strong",
			});
			const peers = Items.flatMap((item) => read(item, (found) => toPeer(found, room)) ?? []);
			if (LastEvaluatedKey === undefined) return { peers };
			// The caller computes with this position. A sort key of another form stands for the last good one before it.
			const seen = [
				direction === "ascending" ? from : to,
				...[...Items, LastEvaluatedKey].map((item) => item.sk?.S ?? ""),
			];
			return { peers, stoppedAt: seen.findLast((position, n) => n === 0 || isPosition(position)) as string };
		},
	};
}

/** A condition that holds if the connection holds the lease. */
function heldBy(connectionId: string, now: number) {
	return {
		ConditionExpression: "connectionId = :holder AND expiresAt > :now",
		ExpressionAttributeValues: { ":holder": { S: connectionId }, ":now": { N: String(now) } },
	};
}
