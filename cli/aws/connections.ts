import { ApiGatewayManagementApiClient, DeleteConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { explainFailure } from "./failures.ts";

/**
 * Closes a client's connection.
 * @param endpoint the API's callback URL, with the stage
 * @returns false if it had ended before
 */
export async function closeConnection(
	connectionId: string,
	endpoint: string,
	region: string | undefined,
): Promise<boolean> {
	const client = new ApiGatewayManagementApiClient({
		endpoint,
		...(region !== undefined && { region }),
		maxAttempts: 3,
	});
	try {
		await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
		return true;
	} catch (error) {
		const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
		// 410 is a connection that has ended, 400 an id that never was one.
		if (status === 410 || status === 400) return false;
		throw explainFailure(error, { action: "execute-api:ManageConnections", on: `DELETE/@connections of ${endpoint}` });
	} finally {
		client.destroy();
	}
}
