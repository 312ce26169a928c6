/** A secret's value, by a name that says where it is. */
import type { SecretName } from "../config.ts";

/** Each kind's client is loaded only where it is needed: neither is small. */
export function awsSecret({ store, name }: SecretName): () => Promise<string> {
	return async () => {
		const { readValue } =
			store === "ssm" ? await import("./ssm-parameter.ts") : await import("./secrets-manager-secret.ts");
		return readValue(name);
	};
}
