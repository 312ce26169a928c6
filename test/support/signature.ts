import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * The signature that a request should have, computed from what arrived and by the documentation, without the SDK.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @returns the value of its header `authorization`
 */
export function expectedAuthorization(
	{ method, url = "", headers }: IncomingMessage,
	body: string,
	{ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): string {
	const [, scope = "", names = ""] =
		/Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(headers.authorization ?? "") ?? [];
	const [date = "", region = "", service = "", ending = ""] = scope.split("/");
	const canonical = [
		method,
		// Of a path that is escaped already, each part is escaped once more.
		url.split("/").map(encodeURIComponent).join("/"),
		"",
		...names.split(";").map((name) => `${name}:${headers[name]}`),
		"",
		names,
		sha256(body),
	].join("\n");
	const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
	const key = [date, region, service, ending].reduce<string | Buffer>(
		(secret, part) => createHmac("sha256", secret).update(part).digest(),
		`AWS4${secretAccessKey}`,
	);
	const signature = createHmac("sha256", key).update(text).digest("hex");
	return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
