/** What AWS's refusals mean to an operator, and what to do about them. */
import { CommandError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";

/** A call, for messages. */
export interface CallInfo {
	/** The IAM action, such as `dynamodb:Query`. */
	readonly action: string;
	/** What it acts on, in words. */
	readonly on: string;
}

export type FailureKind =
	| "region"
	| "credentials"
	| "signature"
	| "permission"
	| "missing"
	| "throttled"
	| "network"
	| "other";

/** A call of AWS that failed, in words for an operator. */
export class AwsFailure extends CommandError {
	readonly kind: FailureKind;

	constructor(kind: FailureKind, message: string, hint: string | undefined, cause: unknown) {
		super(message, { exitCode: EXIT.unable, hint, cause });
		this.kind = kind;
	}
}

/** One kind of failure: how it is recognized, and the sentences about it. */
interface Meaning {
	readonly kind: FailureKind;
	readonly names: RegExp;
	readonly message: (call: CallInfo, error: Error) => string;
	readonly hint: (call: CallInfo) => string;
}

/** In order: the first that fits counts. */
const MEANINGS: readonly Meaning[] = [
	{
		kind: "credentials",
		names: /^(CredentialsProviderError|TokenProviderError)$/,
		message: (_call, error) => `There are no AWS credentials: ${firstLine(error.message)}`,
		hint: () =>
			"Run `aws configure` or `aws sso login`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	},
	{
		kind: "credentials",
		names: /^(ExpiredToken|ExpiredTokenException)$/,
		message: () => "The AWS credentials have expired.",
		hint: () => "Get new ones: `aws sso login`, or the way in which you got these.",
	},
	{
		kind: "credentials",
		names:
			/^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken(Exception)?)$/,
		message: (_call, error) => `AWS does not take the credentials: ${firstLine(error.message)}`,
		hint: () =>
			"Look for an old key in the environment (AWS_ACCESS_KEY_ID wins over AWS_PROFILE), or a wrong secret. If the message is about a signature's time, set this machine's clock.",
	},
	{
		kind: "signature",
		names: /^(RequestTimeTooSkewed|RequestExpired|SignatureDoesNotMatch)$/,
		message: (_call, error) => `AWS does not take the signature: ${firstLine(error.message)}`,
		hint: () => "Set this machine's clock: a signature is good for five minutes. Then look at the secret key.",
	},
	{
		kind: "permission",
		names: /^(AccessDenied(Exception)?|ForbiddenException|UnauthorizedException|NotAuthorized)$/,
		message: ({ action, on }) => `The credentials may not ${action} on ${on}.`,
		hint: ({ action }) => `Allow ${action} to the operator: docs/cli.md lists the permissions of each command.`,
	},
	{
		kind: "missing",
		names: /^ResourceNotFoundException$/,
		message: ({ on }) => `There is no ${on}.`,
		hint: () => "Is it another region (--region), account (AWS_PROFILE), project (--project) or table (--table)?",
	},
	{
		kind: "throttled",
		names:
			/^(ProvisionedThroughputExceededException|ThrottlingException|RequestLimitExceeded|LimitExceededException|TooManyRequestsException)$/,
		message: ({ action }) => `AWS throttles ${action}.`,
		hint: () => "Try again in a while.",
	},
];

/** The failure of an AWS call. */
export function explainFailure(error: unknown, call: CallInfo): AwsFailure {
	if (error instanceof AwsFailure) return error;
	const failure = error instanceof Error ? error : new Error(String(error));
	if (/region is missing/i.test(failure.message)) {
		const hint = "Say --region, set AWS_REGION, or give the profile a region.";
		return new AwsFailure("region", "The region is not known.", hint, error);
	}
	const meaning = MEANINGS.find(({ names }) => names.test(failure.name) || names.test(codeOf(failure)));
	if (meaning !== undefined) {
		return new AwsFailure(meaning.kind, meaning.message(call, failure), meaning.hint(call), error);
	}
	const message = `${call.action} on ${call.on} failed: ${firstLine(failure.message || codeOf(failure) || failure.name)}`;
	return isNetwork(failure)
		? new AwsFailure("network", message, "Look at the network, a proxy, and the region.", error)
		: new AwsFailure("other", message, undefined, error);
}

function codeOf(error: Error): string {
	return String((error as { code?: unknown; Code?: unknown }).code ?? "");
}

function isNetwork(error: Error): boolean {
	return error.name === "TimeoutError" || /^(E[A-Z]+|CERT_|DEPTH_|SELF_|UNABLE_)/.test(codeOf(error));
}

function firstLine(text: string): string {
	return text.split("\n")[0] ?? text;
}
