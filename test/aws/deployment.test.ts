/**
 * The stack's life, as a user lives it: cloned, planned, applied, used, changed, destroyed. Every step builds on those
 * before it, so they run in the order in which they stand here, and not at all once one that all others need has failed.
 *
 * AWS is an emulator. A difference from AWS is named at the place that tolerates it.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { aMesh, nextMessage } from "../client/support/mesh-node.ts";
import { authorizationContract } from "../contract/authorization.contract.ts";
import { signalingContract } from "../contract/signaling.contract.ts";
import { aRoom, connect, refusedStatus } from "../support/client.ts";
import { run } from "../support/command.ts";
import { inventory } from "../support/inventory.ts";
import { CREDENTIALS, REGION } from "../support/ministack.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { openTerminal } from "../support/terminal.ts";
import { type PlannedChange, type Terraform, terraformIn, userEnvironment } from "../support/terraform.ts";
import { aSecret } from "../support/tokens.ts";

const TERRAFORM_TIMEOUT_MS = 300_000;

/**
 * Proposed by every plan on this emulator, and never on AWS: it neither stores nor returns these two, so the provider
 * wants to set them again.
 */
const DRIFT: readonly PlannedChange[] = [
	{ address: "aws_apigatewayv2_api.signaling", change: "ip_address_type" },
	{ address: "aws_apigatewayv2_integration.ping", change: "template_selection_expression" },
];

/**
 * The further changes of the first plan after the creation: the emulator makes a MOCK integration with the method POST, which AWS
 * leaves out, and forgets the method with the first update.
 */
const DRIFT_AFTER_CREATION: readonly PlannedChange[] = [
	{ address: "aws_apigatewayv2_api.signaling", change: "ip_address_type" },
	{ address: "aws_apigatewayv2_integration.ping", change: "integration_method" },
	{ address: "aws_apigatewayv2_integration.ping", change: "template_selection_expression" },
];

/** What publishes a version: the function's attributes that change, those of the new version, and the alias that serves it. */
const publishes = (...attributes: readonly string[]): readonly PlannedChange[] => [
	{ address: "aws_lambda_alias.live", change: "function_version" },
	...[...attributes, "qualified_arn", "qualified_invoke_arn", "version"].map((change) => ({
		address: "aws_lambda_function.signaling_server",
		change,
	})),
];
const SERVED: PlannedChange = { address: "output.lambda_served_version", change: "update" };

/** What only further settings make. */
const NOTHING_ELSE = { buckets: [], certificates: [], domains: [], records: [], networkInterfaces: [] };

const missing = inject("missing");

describe.skipIf(missing !== undefined)("the stack that `terraform apply` deploys", () => {
	const endpoint = inject("endpoint");
	const python = inject("python");
	const name = "p2pmesh-signaling-prod";

	let clone: string;
	let terraform: Terraform;
	let url: string;
	/** The settings beside the defaults, as arguments. */
	const variables: string[] = [];
	/** Why the rest cannot run. */
	let broken: string | undefined;

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
			TERRAFORM_TIMEOUT_MS,
		);

	beforeAll(async () => {
		clone = join(inject("folder"), "clone");
		await copyRepository(clone);
		terraform = terraformIn(clone, endpoint);
	});
	beforeEach(({ skip }) => skip(broken !== undefined, `needs the step that failed: ${broken}`));

	describe("on a fresh clone", () => {
		step("is valid", async () => {
			await terraform.run("init", "-input=false");
			await terraform.run("validate");
		});

		step("can be planned with nothing installed or built", async () => {
			const changes = await terraform.plan();

			expect(changes.length).toBeGreaterThan(0);
			expect(changes.filter(({ change }) => change !== "create")).toEqual([]);
			expect(existsSync(join(clone, "node_modules"))).toBe(false);
			expect(existsSync(join(clone, "dist"))).toBe(false);
		});

		step("is built and applied by one command", async () => {
			await terraform.run("apply", "-input=false", "-auto-approve");

			const outputs = await terraform.outputs();
			expect(outputs).toMatchObject({
				websocket_url: `wss://${outputs.api_id}.execute-api.us-east-1.amazonaws.com/prod`,
				callback_endpoint: `https://${outputs.api_id}.execute-api.us-east-1.amazonaws.com/prod`,
			});
			url = `${endpoint.replace("http:", "ws:")}/_aws/execute-api/${outputs.api_id}/prod`;
		});

		step("names everything after the project and the stage", async () => {
			expect(await inventory(python, endpoint)).toEqual({
				apis: [name],
				functions: [name],
				logGroups: [`/aws/lambda/${name}`],
				roles: [expect.stringMatching(new RegExp(`^${name}-us-east-1-\\d+$`))],
				tables: [name],
				...NOTHING_ELSE,
			});
		});

		// The emulator's API does not answer at the name that Terraform derives from its id.
		step("takes another callback endpoint in place", async () => {
			variables.push(`-var=callback_endpoint=${url.replace("ws:", "http:")}`);

			expect(sorted(await terraform.plan(...variables))).toEqual(
				sorted([
					...DRIFT_AFTER_CREATION,
					...publishes("environment"),
					{ address: "output.callback_endpoint", change: "update" },
					SERVED,
				]),
			);
			await terraform.applyPlan();
		});

		it("needs no change when nothing changed", { timeout: TERRAFORM_TIMEOUT_MS }, async () => {
			expect(await terraform.plan(...variables)).toEqual(DRIFT);
		});
	});

	signalingContract("the deployed stack", {
		url: () => url,
		differs: ["literal-pong", "keeps-binary", "moving-connected-at", "no-subprotocol", "no-deep-json"],
	});

	describe("in wscat", () => {
		const wscat = () => {
			const program = join(ROOT, "node_modules", "wscat", "bin", "wscat");
			return openTerminal(python, process.execPath, [program, "--no-color", "-c", url]);
		};

		it("shows two people typing how they find each other", async () => {
			const alice = wscat();
			await alice.shows(/^Connected \(press CTRL\+C to quit\)$/);
			alice.type('{"type":"join","peerId":"alice"}');
			await alice.shows(/^< \{"type":"bootstrap_peers","peers":\[\],"room":"default","peerId":"alice",/);

			const bob = wscat();
			await bob.shows(/^Connected/);
			bob.type('{"type":"join","peerId":"bob"}');
			await bob.shows(/^< \{"type":"bootstrap_peers","peers":\[\{"id":"alice","lastSeen":\d+\}\],/);
			await alice.shows(/^< \{"type":"peer_joined","peerId":"bob","room":"default","at":\d+\}$/);

			bob.type('{"type":"signal","to":"alice","data":"hello"}');
			await alice.shows(/^< \{"type":"signal","to":"alice","data":"hello","from":"bob"\}$/);

			bob.type('{"type":"signal","to":"nobody","data":"hello"}');
			await bob.shows(/^< \{"type":"error","code":"PEER_NOT_FOUND","message":"Peer nobody not found\.",/);

			bob.type('{"type":"leave"}');
			await bob.shows(/^Disconnected \(code: 1000/);
			await alice.shows(/^< \{"type":"peer_left","peerId":"bob","room":"default","at":\d+\}$/);

			await alice.interrupt();
		});
	});

	it("passes the smoke test", async () => {
		const { stdout } = await run(process.execPath, ["cli/bin.mjs", "smoke", url], {
			cwd: ROOT,
			timeoutMs: 60_000,
		});

		expect(stdout).toMatch(/^Passed: 14 steps in \d+ ms\.$/m);
	});

	it("is looked after by the command line, which finds it in Terraform's state", { timeout: 120_000 }, async () => {
		const cli = async (...args: string[]) => {
			const command = ["cli/bin.mjs", ...args, "--terraform", clone, "--json"];
			const env = userEnvironment(endpoint);
			const { stdout } = await run(process.execPath, command, { cwd: ROOT, env, timeoutMs: 60_000 });
			return JSON.parse(stdout);
		};
		const room = aRoom();
		const [alice, bob] = [await connect(url), await connect(url)];
		for (const [client, peerId] of [
			[alice, "alice"],
			[bob, "bob"],
		] as const) {
			client.send({ type: "join", peerId, room });
			await client.nextOf("bootstrap_peers");
		}

		const { peers } = await cli("peers", room);
		expect(peers.map((peer: { peerId: string }) => peer.peerId).sort()).toEqual(["alice", "bob"]);
		expect((await cli("rooms", room)).rooms).toEqual([{ room, peers: 2 }]);
		expect((await cli("rooms", "--yes")).rooms).toContainEqual({ room, peers: 2 });
		expect(await cli("kick", room, "bob")).toMatchObject({ closed: true, lease: "released" });
		expect(await alice.nextOf("peer_left")).toMatchObject({ peerId: "bob" });
		expect(await cli("doctor", url)).toMatchObject({ failed: 0 });
	});

	it("brings two peers to an open data channel", async () => {
		const room = aRoom();
		const [alice, bob] = [await aMesh(url, { room }), await aMesh(url, { room })];
		const links = Promise.all([alice, bob].map((mesh) => new Promise((resolve) => mesh.once("peer:connect", resolve))));

		await alice.join();
		await bob.join();
		expect(await links).toEqual([bob.peerId, alice.peerId]);

		const heard = nextMessage(alice);
		await bob.send(alice.peerId, { hello: "Alice" });
		expect(await heard).toMatchObject({ from: bob.peerId, data: { hello: "Alice" }, direct: true });
	});

	describe("changed by a variable", () => {
		step("is updated in place", async () => {
			variables.push("-var=duplicate_peer_policy=reject", '-var=allowed_origins=["https://app.example.com"]');

			expect(sorted(await terraform.plan(...variables))).toEqual(
				sorted([
					...DRIFT,
					{ address: "aws_iam_role_policy.signaling", change: "policy" }, // it now asks whether a holder is still open
					...publishes("environment"),
					SERVED,
				]),
			);
			await terraform.applyPlan();
		});

		it("refuses the second of two peers with one id", async () => {
			const room = aRoom();
			const first = await connect(url);
			await first.join("bob", { room });
			const second = await connect(url);

			expect(await second.join("bob", { room })).toMatchObject({ type: "error", code: "PEER_ID_TAKEN" });
			expect(await first.unread()).toEqual([]);
		});

		it("refuses pages of other origins", async () => {
			expect(await refusedStatus(url, { origin: "https://elsewhere.example.com" })).toBe(403);
			await connect(url, { origin: "https://app.example.com" });
		});
	});

	describe("asking for tokens", () => {
		const secretName = "/p2pmesh/auth";
		const secret = aSecret();
		const ssm = () =>
			new SSMClient({
				endpoint,
				region: REGION,
				credentials: { accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID, secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY },
			});
		const store = async (secrets: readonly string[]) => {
			const Value = secrets.join("\n");
			await ssm().send(new PutParameterCommand({ Name: secretName, Value, Type: "SecureString", Overwrite: true }));
		};

		step("is updated in place, and may read its secret", async () => {
			await store([secret]);
			variables.push(
				"-var=auth_mode=shared_secret",
				"-var=auth_claims_required=false",
				`-var=auth_secret_name=ssm:${secretName}`,
			);

			expect(sorted(await terraform.plan(...variables))).toEqual(
				sorted([
					...DRIFT,
					{ address: "aws_iam_role_policy.signaling", change: "policy" },
					...publishes("environment"),
					SERVED,
				]),
			);
			await terraform.applyPlan();
		});

		it("has its secret neither in the state nor in the function's environment", async () => {
			expect(await readFile(join(clone, "terraform.tfstate"), "utf8")).not.toContain(secret);
		});

		authorizationContract("the deployed stack", {
			url: () => url,
			secret: () => secret,
			store,
			differs: ["no-subprotocol", "always-403"],
		});

		step("lets every client in again, without a trace", async () => {
			variables.splice(-3);
			await terraform.plan(...variables);
			await terraform.applyPlan();
			await ssm().send(new DeleteParameterCommand({ Name: secretName }));
			await (await connect(url)).join("alice", { room: aRoom() });
		});
	});

	describe("changed in its source", () => {
		step("is built again and updated in place", async () => {
			const source = join(clone, "protocol", "write.ts");
			const bundle = join(clone, "dist", "lambda.zip");
			const before = await readFile(bundle);
			await replaceIn(source, "not found.`", "is not here.`");

			expect(sorted(await terraform.plan(...variables))).toEqual(
				sorted([
					...DRIFT,
					...publishes("last_modified", "source_code_hash"),
					{ address: "terraform_data.bundle[0]", change: "create, delete" },
					SERVED,
				]),
			);
			await terraform.applyPlan();
			expect(await readFile(bundle)).not.toEqual(before);
		});

		it("serves the new code", async () => {
			const alice = await connect(url);
			await alice.join("alice", { room: aRoom() });

			alice.send({ type: "signal", to: "nobody" });

			expect(await alice.next()).toMatchObject({ message: "Peer nobody is not here." });
		});
	});

	describe("destroyed", () => {
		step("leaves nothing behind", async () => {
			await terraform.run("destroy", "-input=false", "-auto-approve");

			const { stdout } = await terraform.run("state", "list");
			expect(stdout).toBe("");
			expect(await inventory(python, endpoint)).toEqual({
				apis: [],
				functions: [],
				logGroups: [],
				roles: [],
				tables: [],
				...NOTHING_ELSE,
			});
		});
	});
});

/** The order of a plan is the provider's, and says nothing. */
function sorted(changes: readonly PlannedChange[]): PlannedChange[] {
	const key = ({ address, change }: PlannedChange) => `${address} ${change}`;
	return [...changes].sort((a, b) => key(a).localeCompare(key(b)));
}

/** Replaces the only occurrence of a text in a file. */
async function replaceIn(file: string, text: string, by: string): Promise<void> {
	const [head, tail, ...more] = (await readFile(file, "utf8")).split(text);
	if (head === undefined || tail === undefined || more.length > 0) {
		throw new Error(`${file} does not hold ${text} once.`);
	}
	await writeFile(file, head + by + tail);
}
