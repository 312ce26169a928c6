/**
 * examples/production: everything that production may want switched on, applied, talked to, rolled back, switched off and
 * destroyed. What the emulator lacks, and so nobody has seen here:
 *
 * - It does not serve a WebSocket API at a domain (asserted below), and takes a certificate for validated at once.
 * - A function in a VPC reaches everything, whatever routes and security groups say, and leaves no network interfaces.
 * - Provisioned concurrency is noted, and nothing is kept warm. X-Ray is no service of it (asserted), so no trace arrives.
 * - The API's own endpoint answers also if it is turned off, and an alias may name a version that does not exist.
 */
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { aRoom, connect, refusedStatus } from "../support/client.ts";
import { run } from "../support/command.ts";
import { actionsOf } from "../support/iam-actions.ts";
import { inventory } from "../support/inventory.ts";
import { CREDENTIALS, REGION } from "../support/ministack.ts";
import { type RefusingProxy, startRefusingProxy } from "../support/refusing-proxy.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { type Terraform, terraformIn } from "../support/terraform.ts";

const TIMEOUT_MS = 600_000;
const ORIGIN = "https://app.example.com";

/** As in deployment.test.ts: what the emulator forgets. */
const DRIFT = [
	{ address: "module.signaling.aws_apigatewayv2_api.signaling", change: "ip_address_type" },
	{ address: "module.signaling.aws_apigatewayv2_integration.ping", change: "template_selection_expression" },
];

/**
 * The further changes of the first plan after the creation: as in deployment.test.ts, and the emulator leaves a new security
 * group the rule that lets everything out, although the provider revokes it.
 */
const DRIFT_AFTER_CREATION = [
	{ address: "aws_security_group.function", change: "egress" },
	{ address: "module.signaling.aws_apigatewayv2_api.signaling", change: "ip_address_type" },
	{ address: "module.signaling.aws_apigatewayv2_integration.ping", change: "integration_method" },
	{ address: "module.signaling.aws_apigatewayv2_integration.ping", change: "template_selection_expression" },
];

const MAKE_ZONE = `
import botocore.session
route53 = botocore.session.get_session().create_client("route53")
print(route53.create_hosted_zone(Name="example.com", CallerReference="production")["HostedZone"]["Id"].split("/")[-1])
`;

/** The calls of the example's own resources, and of what the emulator's credentials are asked. */
const OF_THE_EXAMPLE =
	/^(ec2:(?!Describe(NetworkInterfaces|SecurityGroups|Subnets|Vpcs)$)|iam:(\w*Policy|\w*PolicyVersions?|ListEntitiesForPolicy)$|sns:|sts:)/;

const missing = inject("missing");

describe.skipIf(missing !== undefined)("examples/production", () => {
	const emulator = inject("endpoint");
	const python = inject("python");

	let clone: string;
	let proxy: RefusingProxy;
	let terraform: Terraform;
	let versionBefore = "";
	let broken: string | undefined;
	const apiId = "production";
	const path = `/_aws/execute-api/${apiId}/prod`;
	const url = `${emulator?.replace("http:", "ws:")}${path}`;
	const variables = [`-var=callback_endpoint=${emulator}${path}`];

	/** A step that all later ones need. */
	const step = (title: string, act: () => Promise<void>) =>
		it(
			title,
			async () => {
				try {
					await act();
				} catch (error) {
					broken = title;
					throw error;
				}
			},
			TIMEOUT_MS,
		);

	const apply = async (...args: string[]) => {
		await terraform.run("apply", "-input=false", "-auto-approve", ...variables, ...args);
		return terraform.outputs();
	};

	/** Joins and asks for a peer that is not there. @returns the sentence that the served code answers with */
	const answer = async (): Promise<unknown> => {
		const client = await connect(url, { origin: ORIGIN });
		await client.join("alice", { room: aRoom() });
		client.send({ type: "signal", to: "nobody" });
		return (await client.next()).message;
	};

	beforeAll(async () => {
		if (missing !== undefined) return;
		clone = join(inject("folder"), "production");
		await copyRepository(clone);
		await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"), "dir");
		proxy = await startRefusingProxy(emulator);
		terraform = terraformIn(join(clone, "examples", "production"), proxy.endpoint, apiId);
		await terraform.init();
		const env = { PATH: process.env.PATH, AWS_ENDPOINT_URL: emulator, AWS_DEFAULT_REGION: REGION, ...CREDENTIALS };
		const zone = await run(python, ["-c", MAKE_ZONE], { env, timeoutMs: 30_000 });
		variables.push(`-var=route53_zone_id=${zone.stdout.trim()}`, "-var=force_destroy=true");
	});
	afterAll(async () => proxy?.stop());
	beforeEach(({ skip }) => skip(broken !== undefined, `needs the step that failed: ${broken}`));

	/** The plan's changes but for the alarms, which the emulator gives back in another form: watching.test.ts looks at them. */
	const planned = async () =>
		(await terraform.plan(...variables)).filter(({ address }) => !address.includes(".aws_cloudwatch_metric_alarm."));

	step("is applied, and needs no change afterwards", async () => {
		const { api_id, websocket_url, lambda_served_version = "" } = await apply();
		expect({ api_id, websocket_url }).toEqual({ api_id: apiId, websocket_url: "wss://signaling.example.com" });
		versionBefore = lambda_served_version;

		expect(await planned()).toEqual(DRIFT_AFTER_CREATION);
		expect(await inventory(python, emulator)).toMatchObject({
			buckets: [expect.stringMatching(/^p2pmesh-signaling-prod-/)],
			certificates: ["signaling.example.com"],
			domains: ["signaling.example.com"],
			records: expect.arrayContaining(["A signaling.example.com.", "AAAA signaling.example.com."]),
		});
	});

	// Under the permissions boundary, which this emulator enforces, and with the code from the bucket.
	it("lets two peers find each other", { timeout: TIMEOUT_MS }, async () => {
		const room = aRoom();
		const alice = await connect(url, { origin: ORIGIN });
		await alice.join("alice", { room });
		const bob = await connect(url, { origin: ORIGIN });
		expect(await bob.join("bob", { room })).toMatchObject({ peers: [{ id: "alice" }] });
		bob.send({ type: "signal", to: "alice", data: "hello" });
		expect(await alice.nextOf("signal")).toMatchObject({ from: "bob", data: "hello" });
	});

	it("is tested without what the emulator lacks", async () => {
		expect(
			await refusedStatus(emulator.replace("http:", "ws:"), { host: "signaling.example.com", origin: ORIGIN }),
		).toBe(403);
		const health = (await (await fetch(`${emulator}/_localstack/health`)).json()) as { services: object };
		expect(Object.keys(health.services)).toContain("lambda");
		expect(Object.keys(health.services)).not.toContain("xray");
	});

	step("serves new code, and by one variable the old code again", async () => {
		const source = join(clone, "protocol", "write.ts");
		await writeFile(source, (await readFile(source, "utf8")).replace("not found.`", "is not here.`"));
		const { lambda_served_version } = await apply();
		expect(Number(lambda_served_version)).toBe(Number(versionBefore) + 1);
		expect(await answer()).toBe("Peer nobody is not here.");

		const rolledBack = await apply(`-var=function_version=${versionBefore}`);
		expect(rolledBack.lambda_served_version).toBe(versionBefore);
		expect(await answer()).toBe("Peer nobody not found.");
	});

	step("is switched off in place, all at once", async () => {
		const main = join(clone, "examples", "production", "main.tf");
		const text = await readFile(main, "utf8");
		const kept = /^ {2}(source|aws_region|stage|tags|allowed_origins|callback_endpoint) /;
		const module = /module "signaling" \{\n([\s\S]*?)\n\}/;
		const body =
			module
				.exec(text)?.[1]
				?.split("\n")
				.filter((line) => kept.test(line)) ?? [];
		await writeFile(main, text.replace(module, `module "signaling" {\n${body.join("\n")}\n}`));

		const { websocket_url, api_id } = await apply();

		expect(websocket_url).toBe(`wss://${api_id}.execute-api.us-east-1.amazonaws.com/prod`);
		expect(await planned()).toEqual(DRIFT);
		expect(await inventory(python, emulator)).toMatchObject({ buckets: [], certificates: [], domains: [] });
		expect(await answer()).toBe("Peer nobody is not here."); // the newest version again
	});

	step("is destroyed, and leaves nothing behind", async () => {
		await terraform.run("destroy", "-input=false", "-auto-approve", ...variables);

		expect((await terraform.run("state", "list")).stdout).toBe("");
		const left = await inventory(python, emulator);
		expect(
			Object.values(left)
				.flat()
				.filter((name) => /signaling|example/.test(name)),
		).toEqual([]);
		expect(left.networkInterfaces).toEqual([]);
	});

	it("took no action that docs/deployer-policy.json does not allow", async () => {
		const policy = JSON.parse(await readFile(join(ROOT, "docs", "deployer-policy.json"), "utf8"));
		const allowed = new Set(policy.Statement.flatMap((statement: { Action: string[] }) => statement.Action));
		const taken = new Set([...proxy.seen].flatMap(actionsOf).filter((action) => !OF_THE_EXAMPLE.test(action)));

		expect(taken.size).toBeGreaterThan(60);
		expect([...taken].filter((action) => !allowed.has(action)).sort()).toEqual([]);
	});
});
