/** The leases of the table, as far as an operator may see them: the keys in them are never read. */
import {
	type AttributeValue,
	DescribeTableCommand,
	DynamoDBClient,
	GetItemCommand,
	QueryCommand,
	ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { identityOf, isPosition, peerKey, roomKey } from "../../lambda/adapters/dynamodb-items.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { peerIdOf, positionOf, routingKey } from "../../lambda/core/routing-key.ts";
import { explainFailure } from "./failures.ts";

type Item = Record<string, AttributeValue>;

/** A peer that is joined. */
export interface Lease {
	readonly peerId: string;
	readonly connectionId: string;
	/** When the peer arrived, in ms since the epoch: resumes do not change it. */
	readonly since: number;
	/** When the lease ends at the latest, in ms since the epoch. */
	readonly expiresAt: number;
	/** The hash of its public key, if its client told one. */
	readonly identity?: string;
}

export interface Page<T> {
	readonly items: readonly T[];
	/** Read units that DynamoDB bills for it. */
	readonly readUnits: number;
	/** Whether DynamoDB has more. */
	readonly more: boolean;
}

export interface TableSize {
	readonly items: number;
	readonly bytes: number;
}

export type Leases = ReturnType<typeof openLeases>;

const LEASE_ATTRIBUTES = {
	ProjectionExpression: "pk, sk, connectionId, lastSeen, since, expiresAt, k",
} as const;

/** DynamoDB deletes expired items late. */
const alive = () => ({
	FilterExpression: "expiresAt > :now",
	values: { ":now": { N: String(Math.floor(Date.now() / 1000)) } },
});

/** @param region undefined: the SDK's own configuration says it */
export function openLeases(TableName: string, region: string | undefined) {
	const client = new DynamoDBClient({ ...(region !== undefined && { region }), maxAttempts: 3 });
	const on = `table ${TableName}${region === undefined ? "" : ` in ${region}`}`;

	const attempt = async <T>(action: string, send: () => Promise<T>): Promise<T> => {
		try {
			return await send();
		} catch (error) {
			throw explainFailure(error, { action: `dynamodb:${action}`, on });
		}
	};

	/** The pages of a room from a position on, in the order of the key space. */
	async function* query(room: string, after: string | undefined, select: "COUNT" | "SPECIFIC_ATTRIBUTES") {
		const { values, ...filter } = alive();
		let start: Item | undefined =
			after === undefined ? undefined : { pk: { S: roomKey(room) }, sk: { S: positionIn(after) } };
		do {
			const answer = await attempt("Query", () =>
				client.send(
					new QueryCommand({
						TableName,
						KeyConditionExpression: "pk = :pk",
						...filter,
						ExpressionAttributeValues: { ...values, ":pk": { S: roomKey(room) } },
						Select: select,
						...(select === "SPECIFIC_ATTRIBUTES" && LEASE_ATTRIBUTES),
						...(start !== undefined && { ExclusiveStartKey: start }),
						ReturnConsumedCapacity: "TOTAL",
					}),
				),
			);
			start = answer.LastEvaluatedKey;
			yield answer;
		} while (start !== undefined);
	}

	return {
		/** Finds out whether the table can be read, by the smallest query there is. */
		async probe(): Promise<void> {
			await attempt("Query", () =>
				client.send(
					new QueryCommand({
						TableName,
						KeyConditionExpression: "pk = :pk",
						ExpressionAttributeValues: { ":pk": { S: roomKey("") } },
						Limit: 1,
					}),
				),
			);
		},

		/** The peers of a room. @param after a peer id: begins behind its place */
		async *peers(room: string, after?: string): AsyncGenerator<Page<Lease>> {
			for await (const { Items = [], ConsumedCapacity, LastEvaluatedKey } of query(
				room,
				after,
				"SPECIFIC_ATTRIBUTES",
			)) {
				const items = Items.flatMap((item) => leaseOf(item) ?? []);
				yield { items, readUnits: ConsumedCapacity?.CapacityUnits ?? 0, more: LastEvaluatedKey !== undefined };
			}
		},

		/** The number of peers of a room. */
		async count(room: string): Promise<{ peers: number; readUnits: number }> {
			let peers = 0;
			let readUnits = 0;
			for await (const { Count = 0, ConsumedCapacity } of query(room, undefined, "COUNT")) {
				peers += Count;
				readUnits += ConsumedCapacity?.CapacityUnits ?? 0;
			}
			return { peers, readUnits };
		},

		/** A peer's lease, read consistently. */
		async get(room: string, peerId: string): Promise<Lease | undefined> {
			const key = routingKey(peerId, nodeCrypto);
			const { Item: item } = await attempt("GetItem", () =>
				client.send(
					new GetItemCommand({
						TableName,
						Key: peerKey({ room, peerId, key }),
						ConsistentRead: true,
						...LEASE_ATTRIBUTES,
					}),
				),
			);
			const lease = item === undefined ? undefined : leaseOf(item);
			return lease !== undefined && lease.expiresAt > Date.now() ? lease : undefined;
		},

		/** As DynamoDB counted it some hours ago. */
		async size(): Promise<TableSize> {
			const { Table } = await attempt("DescribeTable", () => client.send(new DescribeTableCommand({ TableName })));
			return { items: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
		},

		/** Reads the whole table. Each lease is given by the name of its room. */
		async *scan(): AsyncGenerator<Page<string>> {
			const { values, FilterExpression } = alive();
			let start: Item | undefined;
			do {
				const answer = await attempt("Scan", () =>
					client.send(
						new ScanCommand({
							TableName,
							FilterExpression: `begins_with(pk, :room) AND ${FilterExpression}`,
							ExpressionAttributeValues: { ...values, ":room": { S: roomKey("") } },
							ProjectionExpression: "pk",
							...(start !== undefined && { ExclusiveStartKey: start }),
							ReturnConsumedCapacity: "TOTAL",
						}),
					),
				);
				start = answer.LastEvaluatedKey;
				const items = (answer.Items ?? []).map((item) => (item.pk?.S ?? "").slice(roomKey("").length));
				yield { items, readUnits: answer.ConsumedCapacity?.CapacityUnits ?? 0, more: start !== undefined };
			} while (start !== undefined);
		},

		close: () => client.destroy(),
	};
}

function positionIn(peerId: string): string {
	return positionOf({ peerId, key: routingKey(peerId, nodeCrypto) });
}

/** Undefined: the item is no lease that the server would read. */
function leaseOf(item: Item): Lease | undefined {
	const position = item.sk?.S ?? "";
	const connectionId = item.connectionId?.S;
	if (!isPosition(position) || connectionId === undefined) return undefined;
	return {
		peerId: peerIdOf(position),
		connectionId,
		since: Number(item.since?.N ?? item.lastSeen?.N),
		expiresAt: Number(item.expiresAt?.N) * 1000,
		...identityOf(item),
	};
}
