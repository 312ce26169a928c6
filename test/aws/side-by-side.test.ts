/** Several deployments in one account, each with its own state, as the README makes them. */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { aRoom, connect } from "../support/client.ts";
import { inventory } from "../support/inventory.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { type Terraform, terraformIn } from "../support/terraform.ts";

const TIMEOUT_MS = 600_000;

const missing = inject("missing");

describe.skipIf(missing !== undefined)("deployments side by side", () => {
	const emulator = inject("endpoint");
	const python = inject("python");
	const project = "beside";

	let clone: string;
	let terraform: Terraform;

	const deployments = [
		{ workspace: "dev", region: "us-east-1", stage: "dev" },
		{ workspace: "staging", region: "us-east-1", stage: "staging" },
		{ workspace: "eu", region: "eu-central-1", stage: "dev" },
	] as const;
	type Deployment = (typeof deployments)[number];

	const variablesOf = ({ region, stage }: Deployment) => [
		`-var=project_name=${project}`,
		`-var=stage=${stage}`,
		`-var=aws_region=${region}`,
	];

	/** Everything in these regions that is named after the project. */
	const left = async () => {
		const inventories = await Promise.all(
			["us-east-1", "eu-central-1"].map((region) => inventory(python, emulator, region)),
		);
		return inventories.map((all) =>
			Object.values(all)
				.flat()
				.filter((name) => name.includes(project)),
		);
	};

	beforeAll(async () => {
		if (missing !== undefined) return;
		clone = join(inject("folder"), "side-by-side");
		await copyRepository(clone);
		await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"), "dir");
		terraform = terraformIn(clone, emulator);
		await terraform.init();
	});

	it("of two stages and two regions are applied, answer and leave nothing", { timeout: TIMEOUT_MS }, async () => {
		const urls = new Map<string, string>();
		for (const deployment of deployments) {
			await terraform.run("workspace", "new", deployment.workspace);
			const apiId = `beside-${deployment.workspace}`;
			const path = `/_aws/execute-api/${apiId}/${deployment.stage}`;
			const settings = [...variablesOf(deployment), `-var=callback_endpoint=${emulator}${path}`];
			await terraformIn(clone, emulator, apiId).run("apply", "-input=false", "-auto-approve", ...settings);
			urls.set(deployment.workspace, `${emulator.replace("http:", "ws:")}${path}`);
		}

		const room = aRoom();
		for (const url of urls.values()) {
			const alice = await connect(url);
			expect(await alice.join("alice", { room })).toMatchObject({ type: "bootstrap_peers", peers: [] });
		}

		// The variables of one deployment in the workspace of another.
		for (const other of deployments.slice(0, 2)) {
			await expect(terraform.plan(...variablesOf(other))).rejects.toThrow(
				/This state holds the deployment "beside-dev"/,
			);
		}

		for (const deployment of deployments) {
			await terraform.run("workspace", "select", deployment.workspace);
			// With the region of another deployment: the state's own counts.
			const destroy = ["destroy", "-input=false", "-auto-approve", ...variablesOf(deployment)];
			await terraform.run(...destroy, "-var=aws_region=ap-south-1");
		}
		expect(await left()).toEqual([[], []]);
	});
});
