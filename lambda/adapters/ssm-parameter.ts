import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

const client = new SSMClient({
	maxAttempts: 3,
	requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

/** The value of a parameter of SSM Parameter Store, decrypted. Rejects with the SDK's errors. */
export async function readValue(name: string): Promise<string> {
	const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
	return Parameter?.Value ?? "";
}
