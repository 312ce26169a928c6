import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const client = new SecretsManagerClient({
	maxAttempts: 3,
	requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

/** The text of a secret of Secrets Manager. Rejects with the SDK's errors. */
export async function readValue(name: string): Promise<string> {
	const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
	return SecretString ?? "";
}
