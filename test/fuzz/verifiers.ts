import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cachedSecrets } from "../../lambda/adapters/cached-secrets.ts";
import { jwtVerifier, sharedSecretVerifier } from "../../lambda/adapters/token-verifier.ts";
import type { Clock, TokenVerifier } from "../../lambda/core/ports.ts";
import { someLog } from "../support/defaults.ts";
import { PUBLIC_JWK, SECRET } from "./tokens.ts";

/** Takes the tokens that {@link SECRET} signed. */
export function secretVerifier(clock: Clock): TokenVerifier {
	const secrets = cachedSecrets({ read: async () => SECRET, name: "the fuzz's secret", clock, log: someLog() });
	return sharedSecretVerifier(secrets, clock);
}

/** Takes the tokens of an issuer that publishes {@link PUBLIC_JWK}; no program has its private key. */
export async function jwksVerifier(): Promise<{ verifier: TokenVerifier; close(): void }> {
	const body = JSON.stringify({ keys: [PUBLIC_JWK] });
	const provider = createServer((_request, response) => {
		response.writeHead(200, { "content-type": "application/json" }).end(body);
	});
	await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
	const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
	return {
		verifier: jwtVerifier({
			issuer: "https://issuer.test/",
			audience: ["signaling"],
			jwksUrl,
			clock: Date,
			log: someLog(),
		}),
		close: () => void provider.close(),
	};
}
