/**
 * The bundle as it ships, with its real calls of AWS: DynamoDB is embedded, @connections is the local gateway's. Its clients
 * mark their private values, the bundle writes all its log lines, and its calls are noted. After the conversation the tests
 * compare the permissions and the log with them.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startBundle } from "../support/bundle-server.ts";
import { aRoom, connect, type Marks } from "../support/client.ts";
import { someLog } from "../support/defaults.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { eventually } from "../support/eventually.ts";
import { type RecordedCalls, recordCalls } from "../support/recorded-calls.ts";
import { type SecretsServer, startSecretsServer } from "../support/secrets-server.ts";
import { aSecret, aToken } from "../support/tokens.ts";
import { signalingContract } from "./signaling.contract.ts";

const MARK = "nobody-elses-business";
const marks: Marks = {
	fields: {
		sdp: `v=0 ${MARK}`,
		candidate: { candidate: `candidate:1 1 udp 1 203.0.113.9 9 typ host ${MARK}` },
		token: `token ${MARK}`,
	},
	headers: { "X-Forwarded-For": "203.0.113.9", Cookie: MARK, Authorization: MARK },
	query: `token=${MARK}`,
	address: "127.0.0.77",
	resumeKeys: new Set(),
};

let dynamodb: LocalDynamodb;
let secrets: SecretsServer;
let gateway: Gateway;
let calls: RecordedCalls;
const gatewayLog = someLog();
const output: string[] = [];

beforeAll(async () => {
	vi.spyOn(process.stdout, "write").mockImplementation((line) => output.push(String(line)) > 0);
	dynamodb = await startDynamodb();
	secrets = await startSecretsServer();
	calls = recordCalls();
	gateway = await startBundle(dynamodb.tableName, { log: gatewayLog }, { LOG_LEVEL: "debug" });
});
afterAll(async () => {
	await gateway.close();
	secrets.close();
	await dynamodb.close();
	calls.stop();
	vi.restoreAllMocks();
});

signalingContract("the built bundle", { url: () => gateway.url, marks });

describe("after that conversation", () => {
	const policy = readFileSync(new URL("../../iam.tf", import.meta.url), "utf8");
	const statement = (sid: string) =>
		new RegExp(`sid\\s+= "${sid}"[\\s\\S]*?actions\\s+= \\[([^\\]]*)\\]`).exec(policy)?.[1];
	const granted = (sid: string) =>
		[...(statement(sid) ?? "").matchAll(/"([^"]+)"/g)].map((match) => match[1] as string);
	/** The methods on connections that `duplicate_peer_policy` takes. */
	const methods = (condition: string) => {
		const [, withReject = "", without = ""] = /"reject" \? (\[[^\]]*\]) : (\[[^\]]*\])/.exec(policy) ?? [];
		return JSON.parse(condition === "reject" ? withReject : without) as string[];
	};
	const made = (prefix: string) => [...calls.actions].filter((action) => action.startsWith(prefix)).sort();
	const methodsUsed = () => [...calls.actions].filter((action) => !action.includes(":")).sort();

	it("the policy allows exactly the calls that were made", () => {
		expect(made("dynamodb:")).toEqual(granted("KeepPresence").sort());
		expect(methodsUsed()).toEqual(methods("replace").sort());
		expect(made("ssm:")).toEqual([]);
		expect(made("secretsmanager:")).toEqual([]);
	});

	it("and with every option on, exactly those", async () => {
		const secret = aSecret();
		secrets.values.set("/auth", secret).set("turn", "a TURN secret");
		const full = await startBundle(
			dynamodb.tableName,
			{ log: gatewayLog },
			{
				AUTH_MODE: "shared_secret",
				AUTH_CLAIMS_REQUIRED: "false",
				AUTH_SECRET_NAME: "ssm:/auth",
				TURN_URLS: "turn:turn.test",
				TURN_SECRET_NAME: "secretsmanager:turn",
				DUPLICATE_PEER_POLICY: "reject",
			},
		);
		onTestFinished(() => full.close());
		const room = aRoom();
		const token = await aToken(secret);
		const first = await connect(`${full.url}?token=${token}`);
		expect(await first.join("alice", { room })).toMatchObject({ iceServers: [{ urls: ["turn:turn.test"] }] });
		const second = await connect(full.url);
		expect(await second.join("alice", { room, token })).toMatchObject({ code: "PEER_ID_TAKEN" });
		await full.close();

		expect(made("dynamodb:")).toEqual(granted("KeepPresence").sort());
		expect(methodsUsed()).toEqual(methods("reject").sort());
		expect(made("ssm:")).toEqual(granted("ReadParameters"));
		expect(made("secretsmanager:")).toEqual(granted("ReadSecrets"));
		expect(output.join("")).not.toContain(token);
		expect(output.join("")).not.toContain(secret);
	});

	it("no line of any log holds a session description, a candidate, a token, a resume key or an address", async () => {
		// Failures are logged too, and their lines say most.
		const failing = await startBundle(
			dynamodb.tableName,
			{ log: gatewayLog, faults: { failed: { share: 0.5 } } },
			{ AUTH_MODE: "none", TURN_URLS: "" },
		);
		onTestFinished(() => failing.close()); // before the database, if this fails
		const client = await connect(failing.url, { marks });
		for (let n = 0; n < 20; n++)
			client.send({ type: n % 2 ? "signal" : "join", peerId: "alice", to: "alice", room: aRoom() });
		client.sendText(`{"sdp":"${MARK}`);
		client.sendText(`{"type":"${MARK.repeat(2)}"}`);
		await eventually(() => output.some((line) => line.includes("dependency_failed")));
		await failing.close();

		const written = output.join("") + JSON.stringify(gatewayLog.lines);
		expect(output.length).toBeGreaterThan(100);
		expect(marks.resumeKeys.size).toBeGreaterThan(20);
		for (const secret of [MARK, "203.0.113.9", marks.address, ...marks.resumeKeys])
			expect(written).not.toContain(secret);
	});
});
