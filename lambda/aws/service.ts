/**
 * Calls of one service of AWS, signed and sent by the SDK's own parts. The SDK's generated clients are left out: they take
 * most of a cold start, for what a few calls in JSON do not need (docs/costs.md).
 */
import { createHash, createHmac } from "node:crypto";
import { HttpRequest } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";

export interface ServiceOptions {
	/** The service's name in signatures. */
	readonly service: string;
	/** Its URL, to which the paths of the calls are appended. */
	readonly endpoint: string;
	/** Longest time for one call to reach the endpoint, in ms. */
	readonly connectMs: number;
	/** Longest time until the answer begins, and in which it may pause, in ms. */
	readonly answerMs: number;
}

export interface ServiceCall {
	readonly method: "POST" | "GET" | "DELETE";
	/** Escaped, with its first slash. */
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** A service's refusal. The SDK's parts and the log know its fields. */
export class ServiceError extends Error {
	/** The service's name of the fault, such as `ConditionalCheckFailedException`. */
	override readonly name: string;
	readonly $metadata: { readonly httpStatusCode: number };

	constructor(name: string, message: string, httpStatusCode: number) {
		super(message);
		this.name = name;
		this.$metadata = { httpStatusCode };
	}
}

/**
 * Makes a call once.
 * @returns the body of the answer
 * @throws ServiceError, or what Node.js says of the connection: `code`, or the name TimeoutError or AbortError
 */
export type Service = (call: ServiceCall, options?: { abortSignal?: AbortSignal }) => Promise<string>;

export function awsService({ service, endpoint, connectMs, answerMs }: ServiceOptions): Service {
	const { protocol, host, hostname, port, pathname } = new URL(endpoint);
	const base = pathname.replace(/\/$/, "");
	const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
	// Without `throwOnRequestTimeout` the handler only warns when the time is over.
	const http = new NodeHttpHandler({
		connectionTimeout: connectMs,
		requestTimeout: answerMs,
		socketTimeout: answerMs,
		throwOnRequestTimeout: true,
	});

	return async ({ method, path, headers, body }, options) => {
		const request = await signer.sign(
			new HttpRequest({
				method,
				protocol,
				hostname,
				...(port !== "" && { port: Number(port) }),
				path: base + path,
				headers: { host, "user-agent": "p2pmesh-signaling", ...trace(), ...headers },
				body,
			}),
		);
		const { response } = await http.handle(request as HttpRequest, options);
		let text = "";
		for await (const part of response.body.setEncoding("utf8")) text += part;
		if (response.statusCode >= 300) throw refusal(response.statusCode, response.headers, text);
		return text;
	};
}

/** The function's region, which Lambda sets. */
export async function region(): Promise<string> {
	const { AWS_REGION } = process.env;
	if (!AWS_REGION) throw new Error("AWS_REGION is required: the region whose services are called.");
	return AWS_REGION;
}

/**
 * The role's credentials, which Lambda puts into the environment.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
async function credentials() {
	const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
	if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
		throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are required: the credentials of the calls.");
	return {
		accessKeyId: AWS_ACCESS_KEY_ID,
		secretAccessKey: AWS_SECRET_ACCESS_KEY,
		...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
	};
}

/** The header by which X-Ray follows a request. Lambda sets the variable for each event. */
function trace(): Record<string, string> {
	const { AWS_LAMBDA_FUNCTION_NAME, _X_AMZN_TRACE_ID } = process.env;
	return AWS_LAMBDA_FUNCTION_NAME && _X_AMZN_TRACE_ID ? { "x-amzn-trace-id": _X_AMZN_TRACE_ID } : {};
}

/** The fault's name is in a header (REST) or in the body (JSON): `namespace#Name` or `Name:url`. */
function refusal(status: number, headers: Readonly<Record<string, string>>, text: string): ServiceError {
	const { __type, message, Message } = jsonOf(text);
	const [, name] = /([^#:]+)(?::|$)/.exec(String(headers["x-amzn-errortype"] ?? __type ?? "")) ?? [];
	return new ServiceError(name ?? "UnknownError", String(message ?? Message ?? `status ${status}`), status);
}

function jsonOf(text: string): Record<string, unknown> {
	try {
		return Object(JSON.parse(text));
	} catch {
		return {}; // a page of a proxy, or nothing
	}
}

/** The hash, or with a secret the HMAC, in the form that the signer takes. */
class Sha256 {
	readonly #hash;

	constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
		this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array);
	}

	update(data: string | Uint8Array): void {
		this.#hash.update(data);
	}

	async digest(): Promise<Uint8Array> {
		return this.#hash.digest();
	}

	reset(): void {} // the signer makes a new one each time
}
