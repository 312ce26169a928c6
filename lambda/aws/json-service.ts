/** A service of AWS whose calls are JSON in both directions: DynamoDB, SSM and Secrets Manager. */
import { partition } from "@aws-sdk/core/client";
import { isServerError, isThrottlingError, isTransientError, StandardRetryStrategy } from "@smithy/core/retry";
import { awsService } from "./service.ts";

const SERVICES = {
	dynamodb: { target: "DynamoDB_20120810", version: "1.0", variable: "AWS_ENDPOINT_URL_DYNAMODB" },
	ssm: { target: "AmazonSSM", version: "1.1", variable: "AWS_ENDPOINT_URL_SSM" },
	secretsmanager: { target: "secretsmanager", version: "1.1", variable: "AWS_ENDPOINT_URL_SECRETS_MANAGER" },
} as const;

export interface JsonServiceOptions {
	/** How often a call is made at most. It is repeated if it was throttled, or if the failure may pass. */
	readonly attempts: number;
	/** Longest time for one attempt to reach the endpoint, in ms. */
	readonly connectMs: number;
	/** Longest time until an attempt's answer begins, and in which it may pause, in ms. */
	readonly answerMs: number;
}

/** The inputs and outputs of a service's operations, by the operation's name. */
type Operations = Record<string, { readonly input: object; readonly output: object }>;

export function jsonService<All extends Operations>(
	service: keyof typeof SERVICES,
	{ attempts, connectMs, answerMs }: JsonServiceOptions,
) {
	const { target, version } = SERVICES[service];
	const once = awsService({ service, endpoint: endpointOf(service), connectMs, answerMs });
	const retries = new StandardRetryStrategy(attempts);

	return async <Name extends keyof All & string>(
		operation: Name,
		input: All[Name]["input"],
	): Promise<All[Name]["output"]> => {
		const call = {
			method: "POST",
			path: "/",
			headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${operation}` },
			body: JSON.stringify(input),
		} as const;
		let token = await retries.acquireInitialRetryToken(service);
		for (;;) {
			try {
				const text = await once(call);
				retries.recordSuccess(token);
				return JSON.parse(text);
			} catch (error) {
				// It waits, and rejects if the failure does not pass or the attempts are used up.
				token = await retries
					.refreshRetryTokenForRetry(token, { errorType: typeOf(error) })
					.catch(() => Promise.reject(error));
			}
		}
	};
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function endpointOf(
	service: keyof typeof SERVICES,
	env: Readonly<Record<string, string | undefined>> = process.env,
): string {
	const configured = env[SERVICES[service].variable] || env.AWS_ENDPOINT_URL;
	if (configured) return configured;
	const { AWS_REGION = "" } = env;
	return `https://${service}.${AWS_REGION}.${partition(AWS_REGION).dnsSuffix}`;
}

function typeOf(failure: unknown) {
	const error = failure as Parameters<typeof isTransientError>[0];
	if (isThrottlingError(error)) return "THROTTLING";
	if (isTransientError(error)) return "TRANSIENT";
	return isServerError(error) ? "SERVER_ERROR" : "CLIENT_ERROR";
}
