import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { eventually } from "./eventually.ts";

export interface LocalDynamodb {
	readonly tableName: string;
	close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB with the table that table.tf describes, and points the AWS SDK at it by its environment
 * variables, as a deployment would.
 */
export async function startDynamodb(): Promise<LocalDynamodb> {
	const server: Server = dynalite({ createTableMs: 0 });
	let underWay = 0;
	server.on("request", (_request, response: ServerResponse) => {
		if (response.writableEnded) return;
		underWay += 1;
		// A caller that has given up closes the response, and its call goes on until dynalite ends it.
		const end = response.end.bind(response) as (...rest: unknown[]) => ServerResponse;
		response.end = (...rest: unknown[]) => {
			underWay -= 1;
			response.end = end;
			return end(...rest);
		};
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;

	process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${port}`;
	process.env.AWS_REGION = "us-east-1";
	process.env.AWS_ACCESS_KEY_ID = "test";
	process.env.AWS_SECRET_ACCESS_KEY = "test";

	const tableName = "p2pmesh-signaling-test";
	const client = new DynamoDBClient();
	await client.send(
		new CreateTableCommand({
			TableName: tableName,
			BillingMode: "PAY_PER_REQUEST",
			AttributeDefinitions: [
				{ AttributeName: "pk", AttributeType: "S" },
				{ AttributeName: "sk", AttributeType: "S" },
			],
			KeySchema: [
				{ AttributeName: "pk", KeyType: "HASH" },
				{ AttributeName: "sk", KeyType: "RANGE" },
			],
		}),
	);
	client.destroy();

	return {
		tableName,
		async close() {
			// dynalite closes its database first: a call under way would fail, and no test could catch that.
			await eventually(() => underWay === 0);
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		},
	};
}
