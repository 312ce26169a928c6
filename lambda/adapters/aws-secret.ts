/** A secret's value, by a name that starts with its store. */
import type { SecretName } from "../config.ts";

/** Loads the client of one store only if it is needed: neither client is small. */
export function awsSecret({ store, name }: SecretName): () => Promise<string> {
	return async () => {
		const { readValue } =
			store === "ssm" ? await import("./ssm-parameter.ts") : await import("./secrets-manager-secret.ts");
		return readValue(name);
	};
}
