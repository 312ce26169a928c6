/**
 * The function calls AWS by the SDK's parts and not by its clients (lambda/aws/). So here the clients are the measure: for each
 * call that the function makes they send the same request, and of each answer they make the same output or the same fault.
 */
import {
	ApiGatewayManagementApiClient,
	DeleteConnectionCommand,
	GetConnectionCommand,
	PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import {
	DeleteItemCommand,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { connectionsApiSender } from "../../lambda/adapters/connections-api-sender.ts";
import { dynamodbStore } from "../../lambda/adapters/dynamodb-store.ts";
import { dynamodb, type Operation } from "../../lambda/aws/dynamodb.ts";
import { awsService } from "../../lambda/aws/service.ts";
import type { RemoteStore } from "../../lambda/core/ports.ts";
import { FIRST_POSITION, LAST_POSITION } from "../../lambda/core/routing-key.ts";
import { someLog } from "../support/defaults.ts";
import { aRecordingEndpoint, CREDENTIALS, type Recorded } from "../support/recording-endpoint.ts";
import { aClock, aConnection, aPeer } from "../support/records.ts";
import { expectedAuthorization } from "../support/signature.ts";

const REGION = "eu-west-1";
const LIMITS = { connectMs: 10_000, answerMs: 10_000 };

/** With all characters that an id can have, and that a path cannot. */
const CONNECTION = "R0oX+Ad/wkCH6w=";

beforeEach(() => {
	vi.stubEnv("AWS_REGION", REGION);
	vi.stubEnv("AWS_ACCESS_KEY_ID", CREDENTIALS.accessKeyId);
	vi.stubEnv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secretAccessKey);
	vi.stubEnv("AWS_SESSION_TOKEN", "a session");
	onTestFinished(() => void vi.unstubAllEnvs());
});

/** An endpoint that gives one answer to all, for the function and for the SDK's clients. */
async function anEndpoint({
	status = 200,
	headers = {},
	body = "{}",
}: {
	status?: number;
	headers?: Record<string, string>;
	body?: string;
} = {}) {
	const { url: endpoint, requests } = await aRecordingEndpoint((response) =>
		response.writeHead(status, headers).end(body),
	);
	vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", endpoint);
	const settings = { region: REGION, credentials: { ...CREDENTIALS, sessionToken: "a session" }, maxAttempts: 1 };
	const table = new DynamoDBClient({ ...settings, endpoint });
	const callbacks = new ApiGatewayManagementApiClient({ ...settings, endpoint: `${endpoint}/prod` });
	onTestFinished(() => {
		table.destroy();
		callbacks.destroy();
	});
	return { endpoint, table, callbacks, take: () => requests.splice(0) };
}

/** What AWS reads of a request. The SDK's clients sign some headers about themselves, too: each signature has to be right by itself. */
function readBy({ request, body }: Recorded, isJson: boolean) {
	const { method, url, headers } = request;
	return {
		method,
		url,
		target: headers["x-amz-target"],
		token: headers["x-amz-security-token"],
		type: body === "" ? undefined : headers["content-type"],
		length: headers["content-length"] ?? "0",
		body: isJson ? JSON.parse(body) : body,
		isSigned: headers.authorization === expectedAuthorization(request, body, CREDENTIALS),
	};
}

const COMMANDS = {
	GetItem: GetItemCommand,
	PutItem: PutItemCommand,
	UpdateItem: UpdateItemCommand,
	DeleteItem: DeleteItemCommand,
	Query: QueryCommand,
};

/** The SDK's client takes and gives bytes. The wire has base64. */
const asGiven = (_key: string, value: unknown) => (isBytes(value) ? { B: Buffer.from(value.B, "base64") } : value);
const isBytes = (value: unknown): value is { B: string } => typeof Object(value).B === "string";

function sendBySdk(table: DynamoDBClient, operation: Operation, body: string) {
	const Command = COMMANDS[operation] as typeof GetItemCommand;
	return table.send(new Command(JSON.parse(body, asGiven)));
}

describe("a call of the table is the one that the SDK's client makes", () => {
	const peer = aPeer({ identity: "0123456789abcdef0123456789abcdef01234567" });
	const calls: [string, (store: RemoteStore) => Promise<unknown>][] = [
		["getConnection", (store) => store.getConnection(CONNECTION, "strong")],
		["openConnection", (store) => store.openConnection(aConnection({ connectionId: CONNECTION, room: "räume" }))],
		["confirmConnection", (store) => store.confirmConnection(CONNECTION)],
		["endConnection", (store) => store.endConnection(CONNECTION, "left")],
		["deleteConnection", (store) => store.deleteConnection(CONNECTION)],
		["getGrant", (store) => store.getGrant(CONNECTION)],
		[
			"saveGrant",
			(store) =>
				store.saveGrant({
					connectionId: CONNECTION,
					rooms: ["a", "b*"],
					until: 1_900_000_000,
					expiresAt: 2_000_000_000,
				}),
		],
		["countFrames", (store) => store.countFrames(CONNECTION, 7, 250, 2_000_000_000)],
		["getPeer", (store) => store.getPeer(peer, "eventual")],
		["claimPeer", (store) => store.claimPeer(peer, undefined)],
		["claimPeer, of a holder", (store) => store.claimPeer(peer, CONNECTION)],
		["releasePeer", (store) => store.releasePeer(peer, CONNECTION)],
		[
			"range",
			(store) =>
				store.range({
					room: peer.room,
					from: FIRST_POSITION,
					to: LAST_POSITION,
					direction: "descending",
					limit: 16,
					consistency: "strong",
				}),
		],
	];

	it.each(calls)("%s", async (_name, make) => {
		const { table, take } = await anEndpoint();
		await make(dynamodbStore({ tableName: "presence", clock: aClock(), log: someLog() }));
		const [own] = take() as [Recorded];
		const operation = String(own.request.headers["x-amz-target"]).split(".")[1] as Operation;

		await sendBySdk(table, operation, own.body);

		const [sdk] = take() as [Recorded];
		expect(readBy(own, true)).toEqual(readBy(sdk, true));
		expect(readBy(own, true).isSigned).toBe(true);
	});

	it("is looked at for every method of the store", () => {
		const store = dynamodbStore({ tableName: "presence", clock: aClock(), log: someLog() });
		expect([...new Set(calls.map(([name]) => name.split(",")[0]))].sort()).toEqual(Object.keys(store).sort());
	});
});

describe("an answer of the table is read as the SDK's client reads it", () => {
	it("an item of all kinds", async () => {
		const Item = { pk: { S: "ü" }, n: { N: "1.5" }, b: { BOOL: true }, l: { L: [{ S: "a" }] }, k: { B: "AQID" } };
		const { table } = await anEndpoint({ body: JSON.stringify({ Item }) });

		const own = await dynamodb({ attempts: 1, ...LIMITS })("GetItem", {
			TableName: "t",
			Key: {},
			ConsistentRead: true,
		});
		const sdk = await table.send(new GetItemCommand({ TableName: "t", Key: {} }));

		expect(JSON.parse(JSON.stringify(own), asGiven).Item).toEqual(
			JSON.parse(
				JSON.stringify(sdk.Item, (_key, value) => value),
				(_key, value) => (value?.B === undefined ? value : { B: Buffer.from(Object.values(value.B) as number[]) }),
			),
		);
	});

	it.each([
		["ConditionalCheckFailedException", 400],
		["ProvisionedThroughputExceededException", 400],
		["ThrottlingException", 400],
		["ResourceNotFoundException", 400],
		["ValidationException", 400],
		["AccessDeniedException", 400],
		["InternalServerError", 500],
	])("the fault %s", async (name, status) => {
		const { table } = await anEndpoint({
			status,
			headers: { "content-type": "application/x-amz-json-1.0" },
			body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "why" }),
		});
		const own = () => dynamodb({ attempts: 1, ...LIMITS })("DeleteItem", { TableName: "t", Key: {} });
		const sdk = () => table.send(new DeleteItemCommand({ TableName: "t", Key: {} }));

		const fault = { name, message: "why", $metadata: expect.objectContaining({ httpStatusCode: status }) };
		await expect(sdk()).rejects.toMatchObject(fault);
		await expect(own()).rejects.toMatchObject(fault);
	});
});

describe("a callback is the one that the SDK's client makes", () => {
	const FRAME = JSON.stringify({ type: "signal", from: "a", signal: "ü".repeat(100) });
	const callbacks = [
		[
			"post",
			(sender) => sender.post(CONNECTION, FRAME),
			new PostToConnectionCommand({ ConnectionId: CONNECTION, Data: FRAME }),
		],
		["close", (sender) => sender.close(CONNECTION), new DeleteConnectionCommand({ ConnectionId: CONNECTION })],
		["isOpen", (sender) => sender.isOpen(CONNECTION), new GetConnectionCommand({ ConnectionId: CONNECTION })],
	] as const satisfies readonly [string, (sender: ReturnType<typeof connectionsApiSender>) => unknown, object][];

	it.each(callbacks)("%s", async (_name, make, command) => {
		const { endpoint, callbacks: client, take } = await anEndpoint();
		await make(connectionsApiSender({ endpoint: `${endpoint}/prod`, log: someLog() }));
		const [own] = take() as [Recorded];

		await client.send(command as PostToConnectionCommand);

		const [sdk] = take() as [Recorded];
		expect(readBy(own, false)).toEqual(readBy(sdk, false));
		expect(readBy(own, false).isSigned).toBe(true);
	});

	it.each([
		["a client that is gone", 410, "GoneException", ""],
		["a client that reads too slowly", 429, "LimitExceededException", '{"message":"slow"}'],
		["a role that may not", 403, "ForbiddenException", '{"message":"no"}'],
		["a frame that is too large", 413, "PayloadTooLargeException", '{"message":"large"}'],
	])("and %s is the same fault", async (_name, status, name, body) => {
		const { endpoint, callbacks: client } = await anEndpoint({ status, headers: { "x-amzn-errortype": name }, body });
		const own = awsService({ service: "execute-api", endpoint: `${endpoint}/prod`, ...LIMITS });

		const fault = { name, $metadata: expect.objectContaining({ httpStatusCode: status }) };
		await expect(client.send(new GetConnectionCommand({ ConnectionId: CONNECTION }))).rejects.toMatchObject(fault);
		await expect(own({ method: "GET", path: "/@connections/c" })).rejects.toMatchObject(fault);
	});
});
