/**
 * A deployment that is watched: alarms, dashboard and access logs are made and removed, and a conversation is found again in
 * the function's own log lines, in the form of which CloudWatch makes metrics.
 *
 * The emulator keeps alarms and dashboards and evaluates neither. It keeps the stage's setting of access logs and writes no
 * line of them. It makes no metrics of log lines, and it loses the lines of an invocation that a WebSocket causes. So the
 * last events of the conversation are invocations by Lambda's own API: they reach the same instance, which then reports.
 */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { NAMESPACE } from "../../lambda/adapters/traffic-report.ts";
import type { GatewayEvent, GatewayResult } from "../../lambda/gateway-event.ts";
import { aRoom, connect } from "../support/client.ts";
import { run } from "../support/command.ts";
import { emfFaults, emfMetrics } from "../support/emf.ts";
import { aConnectEvent, aMessageEvent } from "../support/events.ts";
import { CREDENTIALS, REGION } from "../support/ministack.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { type Terraform, terraformIn } from "../support/terraform.ts";

const TIMEOUT_MS = 600_000;

/** Asks by the SDK for Python, which comes with the emulator and knows every service. */
const LOOK = `
import botocore.session, json, sys
project, group = sys.argv[1:3]
session = botocore.session.get_session()
cloudwatch, logs, iam, gateway = (session.create_client(name) for name in ("cloudwatch", "logs", "iam", "apigateway"))
groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
print(json.dumps({
    "alarms": {alarm["AlarmName"]: {"missing": alarm["TreatMissingData"], "actions": alarm["AlarmActions"], "text": alarm["AlarmDescription"]}
        for alarm in cloudwatch.describe_alarms(AlarmNamePrefix=project)["MetricAlarms"]},
    "dashboards": [dashboard["DashboardName"] for dashboard in cloudwatch.list_dashboards(DashboardNamePrefix=project)["DashboardEntries"]],
    "groups": sorted(name for name in groups if project in name),
    "roles": [role["RoleName"] for role in iam.list_roles()["Roles"] if project in role["RoleName"]],
    "accountRole": gateway.get_account().get("cloudwatchRoleArn"),
}))
`;

/** Invokes a function with each of some events, and prints the answers and every line of its log. */
const INVOKE = `
import botocore.session, json, sys
function, group, events = sys.argv[1:4]
session = botocore.session.get_session()
client, logs = session.create_client("lambda"), session.create_client("logs")
answers = [json.load(client.invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event))["Payload"]) for event in json.loads(events)]
lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
print(json.dumps({"answers": answers, "lines": [line for line in lines if line.startswith("{")]}))
`;

interface Found {
	readonly alarms: Readonly<Record<string, { missing: string; actions: readonly string[]; text: string }>>;
	readonly dashboards: readonly string[];
	readonly groups: readonly string[];
	readonly roles: readonly string[];
	readonly accountRole: string | null;
}

const missing = inject("missing");

describe.skipIf(missing !== undefined)("a deployment that is watched", () => {
	const emulator = inject("endpoint");
	const project = "watched";
	const name = `${project}-prod`;
	const topic = "arn:aws:sns:us-east-1:000000000000:on-call";
	const apiId = "watched";
	const path = `/_aws/execute-api/${apiId}/prod`;
	const settings = [
		`-var=project_name=${project}`,
		'-var=allowed_origins=["https://app.example.com"]',
		"-var=metrics=on",
		"-var=create_dashboard=true",
		"-var=create_alarms=true",
		`-var=alarm_actions=["${topic}"]`,
		"-var=create_access_logs=true",
		"-var=manage_account_logging=true",
		`-var=callback_endpoint=${emulator}${path}`,
	];
	let terraform: Terraform;

	const python = async (program: string, ...args: string[]) => {
		const env = { PATH: process.env.PATH, AWS_ENDPOINT_URL: emulator, AWS_DEFAULT_REGION: REGION, ...CREDENTIALS };
		return JSON.parse((await run(inject("python"), ["-c", program, ...args], { env, timeoutMs: 120_000 })).stdout);
	};
	const look = (): Promise<Found> => python(LOOK, project, `/aws/lambda/${name}`);
	const invoke = (events: readonly GatewayEvent[]): Promise<{ answers: GatewayResult[]; lines: string[] }> =>
		python(INVOKE, name, `/aws/lambda/${name}`, JSON.stringify(events));

	beforeAll(async () => {
		if (missing !== undefined) return;
		const clone = join(inject("folder"), "watched");
		await copyRepository(clone);
		await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"), "dir");
		terraform = terraformIn(clone, emulator, apiId);
		await terraform.init();
	});

	it("has all that is asked for, tells of a conversation, and leaves nothing", { timeout: TIMEOUT_MS }, async () => {
		await terraform.run("apply", "-input=false", "-auto-approve", ...settings);

		const made = await look();
		expect(Object.keys(made.alarms)).toHaveLength(17);
		for (const { missing, actions, text } of Object.values(made.alarms)) {
			expect({ missing, actions }).toEqual({ missing: "notBreaching", actions: [topic] });
			expect(text).toContain("docs/operations.md");
		}
		expect(made.dashboards).toEqual([name]);
		expect(made.groups).toEqual([`/aws/apigateway/${name}`, `/aws/lambda/${name}`]);
		expect(made.accountRole).toMatch(/role\/watched-prod-logs-us-east-1/);

		// The first event of an instance is reported at once.
		const stranger = aConnectEvent({ headers: { Origin: "https://elsewhere.example.com" } });
		const first = await invoke([stranger]);
		expect(first.answers).toEqual([{ statusCode: 403 }]);
		expect(first.lines.map((line) => JSON.parse(line))).toMatchObject([
			{ event: "connect_refused", reason: "forbidden", origin: "https://elsewhere.example.com" },
			{ event: "traffic", ColdStarts: 1, ConnectsRefused: 1, Refused_forbidden: 1 },
		]);

		// Its next report is lost if it comes during the conversation, as it does on a machine that takes a minute for it.
		let reported = first.lines.length;
		for (let attempt = 1; ; attempt++) {
			await converse(`${emulator.replace("http:", "ws:")}${path}`);
			const { lines } = await invoke(storeCalls());
			const reports = lines.slice(reported).filter((line) => line.includes('"event":"traffic"'));
			for (const line of reports) expect(emfFaults(line, Date.now())).toEqual([]);
			const metrics = reports.flatMap(emfMetrics);
			for (const { namespace, dimensions } of metrics) {
				expect({ namespace, dimensions }).toEqual({
					namespace: NAMESPACE,
					dimensions: { Service: project, Stage: "prod" },
				});
			}
			const sums = Object.fromEntries(metrics.map(({ name, values }) => [name, values.reduce((a, b) => a + b, 0)]));
			if (sums.Joins === undefined && attempt < 3) {
				reported = lines.length;
				continue;
			}
			expect(sums).toMatchObject({
				Joins: 2,
				Resumes: 1,
				Leaves: 1,
				Notices: 2,
				SignalsRelayed: 5,
				Error_PEER_NOT_FOUND: 1,
				Evictions: expect.any(Number), // of the invocations that made it report
				Callback_gone: expect.any(Number),
				StoreLatency: expect.any(Number),
			});
			break;
		}

		await terraform.run("destroy", "-input=false", "-auto-approve", ...settings);
		// Version 5 of the provider leaves the account's setting, as docs/operations.md says.
		const { accountRole: _, ...left } = await look();
		expect(left).toEqual({ alarms: {}, dashboards: [], groups: [], roles: [] });
	});
});

/** Joins of connections that do not exist: each makes a dozen calls of the table, and after eighty calls there is a report. */
const storeCalls = () =>
	Array.from({ length: 12 }, (_, n) =>
		aMessageEvent(JSON.stringify({ type: "join", peerId: `ghost-${n}`, room: "ghosts" }), {
			requestContext: { connectionId: `ghost-${n}=`, connectedAt: Date.now() },
		}),
	);

async function converse(url: string): Promise<void> {
	const origin = "https://app.example.com";
	const room = aRoom();
	const alice = await connect(url, { origin });
	await alice.join("alice", { room });
	const old = await connect(url, { origin });
	const { resumeKey } = await old.join("bob", { room });
	await alice.next(); // the notice
	const bob = await connect(url, { origin });
	await bob.join("bob", { room, resumeKey });
	for (let n = 0; n < 5; n++) {
		alice.send({ type: "signal", to: "bob", n });
		await bob.next();
	}
	alice.send({ type: "signal", to: "nobody" });
	await alice.next();
	bob.send({ type: "leave" });
	await alice.next(); // the notice
}
