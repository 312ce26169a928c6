/** What the function calls AWS with: how a call is signed, to which endpoint it goes, and when it is repeated. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awsSecret } from "../../lambda/adapters/aws-secret.ts";
import { endpointOf, jsonService } from "../../lambda/aws/json-service.ts";
import { awsService } from "../../lambda/aws/service.ts";
import { type Answer, aRecordingEndpoint, CREDENTIALS } from "../support/recording-endpoint.ts";
import { expectedAuthorization } from "../support/signature.ts";

beforeEach(() => {
	vi.stubEnv("AWS_REGION", "eu-west-1");
	vi.stubEnv("AWS_ACCESS_KEY_ID", CREDENTIALS.accessKeyId);
	vi.stubEnv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secretAccessKey);
	vi.stubEnv("AWS_SESSION_TOKEN", undefined);
	vi.spyOn(Math, "random").mockReturnValue(0); // no wait before a repetition
});
afterEach(() => {
	vi.unstubAllEnvs();
	vi.restoreAllMocks();
});

const json =
	(status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
	(response) =>
		response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));

/** An endpoint that answers as it is told, and notes the requests. */
async function anEndpoint(answer: Answer, limits = { connectMs: 10_000, answerMs: 10_000 }) {
	const { url, requests } = await aRecordingEndpoint(answer);
	return {
		url,
		requests,
		callbacks: () => awsService({ service: "execute-api", endpoint: `${url}/prod`, ...limits }),
		dynamodb(attempts = 2) {
			vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", url);
			return jsonService<Record<string, { input: object; output: object }>>("dynamodb", { attempts, ...limits });
		},
	};
}

describe("a call of AWS", () => {
	it.each([
		["POST", "/@connections/R0oX%2BAd%2FwkCH6w%3D", '{"a":"ü"}'],
		["DELETE", "/@connections/c", undefined],
	] as const)("is signed as the documentation says: %s %s", async (method, path, body) => {
		const { callbacks, requests } = await anEndpoint(json(200, ""));

		await callbacks()({ method, path, ...(body !== undefined && { body }) });

		const { request, body: arrived } = requests[0] as (typeof requests)[number];
		expect(request.url).toBe(`/prod${path}`);
		expect(arrived).toBe(body ?? "");
		expect(request.headers.authorization).toMatch(
			/\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=[^,]*\bhost\b/,
		);
		expect(request.headers.authorization).toBe(expectedAuthorization(request, arrived, CREDENTIALS));
	});

	it("names the operation, and signs its name and the session's token", async () => {
		vi.stubEnv("AWS_SESSION_TOKEN", "a session");
		const { dynamodb, requests } = await anEndpoint(json(200, { Item: { pk: { S: "ü" } } }));

		const output = await dynamodb()("GetItem", { TableName: "t" });

		expect(output).toEqual({ Item: { pk: { S: "ü" } } });
		const { request, body } = requests[0] as (typeof requests)[number];
		expect(request.headers).toMatchObject({
			"content-type": "application/x-amz-json-1.0",
			"x-amz-target": "DynamoDB_20120810.GetItem",
			"x-amz-security-token": "a session",
		});
		expect(request.headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token;x-amz-target/);
		expect(request.headers.authorization).toBe(expectedAuthorization(request, body, CREDENTIALS));
	});

	it("takes the credentials that are in force when it is made", async () => {
		const { dynamodb, requests } = await anEndpoint(json(200, {}));
		const call = dynamodb();

		await call("GetItem", {});
		vi.stubEnv("AWS_ACCESS_KEY_ID", "ANOTHER");
		await call("GetItem", {});

		expect(requests.map(({ request }) => /Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1])).toEqual([
			CREDENTIALS.accessKeyId,
			"ANOTHER",
		]);
	});

	it.each(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])("says that %s is missing", async (variable) => {
		const { dynamodb, requests } = await anEndpoint(json(200, {}));
		vi.stubEnv(variable, undefined);

		await expect(dynamodb()("GetItem", {})).rejects.toThrow(variable);
		expect(requests).toEqual([]);
	});

	it("hands on the trace of the event in Lambda", async () => {
		const { dynamodb, requests } = await anEndpoint(json(200, {}));
		const call = dynamodb();
		vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-a;Sampled=1");

		await call("GetItem", {});
		vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "signaling");
		await call("GetItem", {});

		expect(requests.map(({ request }) => request.headers["x-amzn-trace-id"])).toEqual([
			undefined,
			"Root=1-a;Sampled=1",
		]);
	});
});

describe("a refusal of AWS", () => {
	it.each([
		["in the body", { __type: "com.amazonaws.dynamodb.v20120810#ThatException", message: "why" }, {}],
		["without a namespace", { __type: "ThatException", Message: "why" }, {}],
		["in a header", { message: "why" }, { "x-amzn-ErrorType": "ThatException:http://internal.amazon.com/" }],
	])("has the name of its fault: %s", async (_where, body, headers) => {
		const { dynamodb } = await anEndpoint(json(400, body, headers));

		await expect(dynamodb()("PutItem", {})).rejects.toMatchObject({
			name: "ThatException",
			message: "why",
			$metadata: { httpStatusCode: 400 },
		});
	});

	it.each(["", "<html>Bad gateway</html>", "null", '"text"'])("may be no JSON of AWS: %j", async (body) => {
		const { dynamodb } = await anEndpoint(json(404, body));

		await expect(dynamodb()("PutItem", {})).rejects.toMatchObject({
			name: "UnknownError",
			message: "status 404",
			$metadata: { httpStatusCode: 404 },
		});
	});
});

describe("a call in JSON", () => {
	/** The first answer is this one, and the others are good. */
	const first =
		(answer: Answer): Answer =>
		(response, attempt, ...call) =>
			(attempt === 1 ? answer : json(200, { n: 1 }))(response, attempt, ...call);

	const passing: readonly [string, Answer][] = [
		["a throttle", json(400, { __type: "x#ThrottlingException" })],
		["a throughput that is used up", json(400, { __type: "x#ProvisionedThroughputExceededException" })],
		["a fault of the service", json(500, { __type: "x#InternalServerError" })],
		["a page of a proxy", json(503, "<html>")],
		["a connection that ends", (_response, _attempt, request) => request.socket.resetAndDestroy()],
		[
			"an answer that breaks off",
			(response, _attempt, request) =>
				response.writeHead(200, { "content-length": "9" }).write("{", () => request.socket.destroy()),
		],
	];

	it.each(passing)("is repeated after %s", async (_name, answer) => {
		const { dynamodb, requests } = await anEndpoint(first(answer));

		expect(await dynamodb()("GetItem", {})).toEqual({ n: 1 });
		expect(requests).toHaveLength(2);
	});

	it.each([
		["does not begin", () => {}],
		["does not go on", (response) => response.writeHead(200).write("{")],
	] as [string, Answer][])("is repeated if its answer %s", async (_name, answer) => {
		const { dynamodb, requests } = await anEndpoint(first(answer), { connectMs: 10_000, answerMs: 1_000 });

		expect(await dynamodb()("GetItem", {})).toEqual({ n: 1 });
		expect(requests).toHaveLength(2);
	});

	it("is made as often as it may be, and ends with the last failure", async () => {
		const { dynamodb, requests } = await anEndpoint((response, attempt, ...call) =>
			json(500, { __type: `x#Fault${attempt}` })(response, attempt, ...call),
		);

		await expect(dynamodb(3)("GetItem", {})).rejects.toMatchObject({ name: "Fault3" });
		expect(requests).toHaveLength(3);
	});

	it.each(["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"])(
		"is not repeated after %s",
		async (name) => {
			const { dynamodb, requests } = await anEndpoint(json(400, { __type: `x#${name}` }));

			await expect(dynamodb()("PutItem", {})).rejects.toMatchObject({ name });
			expect(requests).toHaveLength(1);
		},
	);
});

describe("an endpoint", () => {
	const REGIONS = [
		"us-east-1",
		"eu-central-1",
		"cn-north-1",
		"us-gov-west-1",
		"us-iso-east-1",
		"us-isob-east-1",
		"eusc-de-east-1",
		"xx-new-9",
	];

	it.each(REGIONS)("is the SDK's in %s", async (region) => {
		// What the SDK resolves: the client's rules for its region.
		const urlOf = (client: { config: { endpointProvider: unknown } }) => {
			const resolve = client.config.endpointProvider as (parameters: object) => { url: URL };
			const parameters = { Region: region, UseDualStack: false, UseFIPS: false, AccountIdEndpointMode: "disabled" };
			return resolve(parameters).url.href.replace(/\/$/, "");
		};

		expect(endpointOf("dynamodb", { AWS_REGION: region })).toBe(urlOf(new DynamoDBClient({ region })));
		expect(endpointOf("ssm", { AWS_REGION: region })).toBe(urlOf(new SSMClient({ region })));
	});

	it("is the one that the environment names, for the service or for all", () => {
		const all = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "http://all.test" };

		expect(endpointOf("dynamodb", all)).toBe("http://all.test");
		expect(endpointOf("secretsmanager", { ...all, AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://one.test" })).toBe(
			"http://one.test",
		);
		expect(endpointOf("ssm", { ...all, AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://one.test" })).toBe("http://all.test");
	});
});

describe("a secret", () => {
	it.each([
		["ssm", "AmazonSSM.GetParameter", { Name: "n", WithDecryption: true }, { Parameter: { Value: "s" } }],
		["secretsmanager", "secretsmanager.GetSecretValue", { SecretId: "n" }, { SecretString: "s" }],
	] as const)("is read from %s", async (store, target, input, output) => {
		const { url, requests } = await anEndpoint(json(200, output));
		vi.stubEnv("AWS_ENDPOINT_URL", url);

		expect(await awsSecret({ store, name: "n" })()).toBe("s");

		expect(requests.map(({ request, body }) => [request.headers["x-amz-target"], JSON.parse(body)])).toEqual([
			[target, input],
		]);
	});
});
