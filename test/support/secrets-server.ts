import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SecretsServer {
	/** Name -> value, in both stores. */
	readonly values: Map<string, string>;
	/** The calls, e.g. `ssm:GetParameter`. */
	readonly calls: string[];
	close(): void;
}

/** SSM Parameter Store and Secrets Manager, as far as a value is read from them, and the environment that points at them. */
export async function startSecretsServer(): Promise<SecretsServer> {
	const values = new Map<string, string>();
	const calls: string[] = [];
	const server = createServer(async (request, response) => {
		let text = "";
		for await (const chunk of request) text += chunk;
		const [service, operation] = String(request.headers["x-amz-target"]).split(".");
		const { Name, SecretId } = JSON.parse(text);
		calls.push(`${service === "AmazonSSM" ? "ssm" : "secretsmanager"}:${operation}`);
		const value = values.get(Name ?? SecretId);
		if (value === undefined) {
			const __type = service === "AmazonSSM" ? "ParameterNotFound" : "ResourceNotFoundException";
			response.writeHead(400, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify({ __type }));
			return;
		}
		const answer = service === "AmazonSSM" ? { Parameter: { Name, Value: value } } : { SecretString: value };
		response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	process.env.AWS_ENDPOINT_URL_SSM = endpoint;
	process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint;
	return {
		values,
		calls,
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}
