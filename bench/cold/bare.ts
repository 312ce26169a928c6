/**
 * What the SDK alone takes: the same clients with the same settings, and the calls of a first join in their order, without the
 * function's own code.
 */
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { GatewayEvent } from "../../lambda/gateway-event.ts";

const TableName = process.env.TABLE_NAME;
const dynamodb = new DynamoDBClient({
	maxAttempts: 2,
	requestHandler: { connectionTimeout: 250, requestTimeout: 700, throwOnRequestTimeout: true },
});
const connections = new ApiGatewayManagementApiClient({
	endpoint: process.env.CALLBACK_ENDPOINT as string,
	maxAttempts: 1,
	requestHandler: { connectionTimeout: 500, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

/** Queries that look for a newcomer's neighbours. */
const QUERIES = 5;

export async function handler({ requestContext, body = "" }: GatewayEvent): Promise<void> {
	const { connectionId } = requestContext;
	const { room, peerId } = JSON.parse(body);
	const connection = { pk: { S: `connection#${connectionId}` }, sk: { S: "connection" } };
	const vacant = {
		ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :now",
		ExpressionAttributeValues: { ":now": { N: "1" } },
	};
	await dynamodb.send(new PutItemCommand({ TableName, Item: { ...connection, state: { S: "joining" } }, ...vacant }));
	const peer = { pk: { S: `room#${room}` }, sk: { S: `${peerId}#${peerId}` }, connectionId: { S: connectionId } };
	await dynamodb.send(new PutItemCommand({ TableName, Item: peer, ...vacant }));
	const query = () =>
		dynamodb.send(
			new QueryCommand({
				TableName,
				KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
				ExpressionAttributeValues: { ":pk": peer.pk, ":from": { S: "0" }, ":to": { S: "g" } },
				Limit: 8,
				ConsistentRead: true,
			}),
		);
	await Promise.all(Array.from({ length: QUERIES }, query));
	await connections.send(
		new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify({ room, peerId }) }),
	);
	await dynamodb.send(
		new UpdateItemCommand({
			TableName,
			Key: connection,
			UpdateExpression: "SET #state = :to",
			ConditionExpression: "attribute_exists(pk)",
			ExpressionAttributeNames: { "#state": "state" },
			ExpressionAttributeValues: { ":to": { S: "joined" } },
		}),
	);
}
