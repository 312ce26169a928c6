/** A deployment of version 0.1.0 is upgraded in place: its peers stay, and so do its URL and its table. */
import { spawnSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { aRoom, connect } from "../support/client.ts";
import { run } from "../support/command.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { type Terraform, terraformIn } from "../support/terraform.ts";

/** The last commit before the role's name held the region. No tag names it. */
const VERSION_0_1_0 = "a60bf52";

const TIMEOUT_MS = 600_000;

const missing = inject("missing");

/** A shallow clone does not have it. */
const hasOldVersion = spawnSync("git", ["cat-file", "-e", `${VERSION_0_1_0}^{commit}`], { cwd: ROOT }).status === 0;

describe.skipIf(missing !== undefined || !hasOldVersion)("a deployment of version 0.1.0", () => {
	const emulator = inject("endpoint");
	const apiId = "upgrade";
	const path = `/_aws/execute-api/${apiId}/staging`;
	const variables = ["-var=project_name=upgrade", "-var=stage=staging", `-var=callback_endpoint=${emulator}${path}`];

	let old: string;
	let present: string;

	beforeAll(async () => {
		if (missing !== undefined) return;
		const folder = inject("folder");
		old = join(folder, "upgrade-old");
		present = join(folder, "upgrade-present");
		const archive = join(folder, "old.tar");
		await run("git", ["archive", `--output=${archive}`, VERSION_0_1_0], { cwd: ROOT, timeoutMs: 60_000 });
		await mkdir(old);
		await run("tar", ["-xf", archive, "-C", old], { timeoutMs: 60_000 });
		await copyRepository(present);
		// The old one installs its own packages: `npm ci` through a link would delete this repository's.
		await symlink(join(ROOT, "node_modules"), join(present, "node_modules"), "dir");
	});

	const apply = async (terraform: Terraform, ...args: string[]) => {
		await terraform.run("apply", "-input=false", "-auto-approve", ...variables, ...args);
		return terraform.outputs();
	};

	it("keeps its peers, its URL and its table", { timeout: TIMEOUT_MS }, async () => {
		const before = terraformIn(old, emulator, apiId);
		await before.init();
		const outputs = await apply(before);
		const url = `${emulator.replace("http:", "ws:")}${path}`;
		const room = aRoom();
		const alice = await connect(url);
		await alice.join("alice", { room });

		await writeFile(join(present, "terraform.tfstate"), await readFile(join(old, "terraform.tfstate")));
		const after = terraformIn(present, emulator, apiId);
		await after.init();
		const changes = await after.plan(...variables);
		await after.applyPlan();

		// The role, its policy and the snapshot of the routes are the only resources of AWS that are made again, the new ones
		// first. The routes now lead to the alias.
		const resources = changes.filter(({ address }) => !address.startsWith("output."));
		expect(resources.filter(({ change }) => /create|delete/.test(change))).toEqual([
			{ address: "aws_apigatewayv2_deployment.signaling", change: "create, delete" },
			{ address: "aws_iam_role.signaling", change: "create, delete" },
			{ address: "aws_iam_role_policy.signaling", change: "create, delete" },
			{ address: "aws_lambda_alias.live", change: "create" },
			{ address: "aws_lambda_permission.live", change: "create" },
			{ address: "terraform_data.bundle[0]", change: "create, delete" },
			{ address: "terraform_data.deployment", change: "create" },
			{ address: "terraform_data.release", change: "create" },
			{ address: "terraform_data.source_key", change: "create" },
		]);
		expect(await after.outputs()).toMatchObject(outputs);
		const bob = await connect(url);
		expect(await bob.join("bob", { room })).toMatchObject({ peers: [{ id: "alice" }] });
		expect(await alice.nextOf("peer_joined")).toMatchObject({ peerId: "bob" });
		bob.send({ type: "signal", to: "alice", data: "hello" });
		expect(await alice.nextOf("signal")).toMatchObject({ from: "bob", data: "hello" });

		await after.run("destroy", "-input=false", "-auto-approve", ...variables);
	});
});
