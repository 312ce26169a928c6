/** A secret's value, by a name that starts with its store. */
import { jsonService } from "../aws/json-service.ts";
import type { SecretName } from "../config.ts";

const LIMITS = { attempts: 3, connectMs: 1_000, answerMs: 2_000 };

type Parameters = {
	GetParameter: {
		input: { Name: string; WithDecryption: boolean };
		output: { Parameter?: { Value?: string } };
	};
};

type Secrets = {
	GetSecretValue: { input: { SecretId: string }; output: { SecretString?: string } };
};

/** @returns what reads the secret, decrypted: a parameter of SSM, or the text of a secret of Secrets Manager */
export function awsSecret({ store, name }: SecretName): () => Promise<string> {
	if (store === "ssm") {
		const ssm = jsonService<Parameters>("ssm", LIMITS);
		return async () => (await ssm("GetParameter", { Name: name, WithDecryption: true })).Parameter?.Value ?? "";
	}
	const secretsManager = jsonService<Secrets>("secretsmanager", LIMITS);
	return async () => (await secretsManager("GetSecretValue", { SecretId: name })).SecretString ?? "";
}
