/**
 * Applies that fail half-way, and resources that are made again: the next apply mends the stack, and the new code serves.
 *
 * AWS is an emulator, and a proxy in front of it refuses calls. The emulator takes two routes with one key, which AWS does
 * not: a route that is to be made again although its API stays is refused there.
 */
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { aRoom, connect } from "../support/client.ts";
import type { CommandError } from "../support/command.ts";
import { inventory } from "../support/inventory.ts";
import { REFUSAL, type RefusingProxy, startRefusingProxy } from "../support/refusing-proxy.ts";
import { copyRepository, ROOT } from "../support/repository.ts";
import { type Terraform, terraformIn } from "../support/terraform.ts";

const TIMEOUT_MS = 600_000;

/** Calls that make or change something. Terraform's reads are retried by the provider itself. */
const CREATES =
	/^(iam (Create|Put|Attach)|dynamodb (Create|Update)|logs (Create|Put|Tag)|lambda (POST|PUT functions\/concurrency)|apigateway POST)/;
const UPDATES =
	/^(iam (Update|Put)|dynamodb Update|logs Put|lambda PUT functions\/(configuration|concurrency|aliases)|apigateway PATCH)/;
const DELETES = /^(iam Delete|dynamodb Delete|logs Delete|lambda DELETE|apigateway DELETE)/;

/** More applies than there are calls in a row that each need the one before. */
const MOST_APPLIES = 12;

const missing = inject("missing");

describe.skipIf(missing !== undefined)("an apply that fails", () => {
	const python = inject("python");
	const emulator = inject("endpoint");
	const name = "recovery-dev";
	const variables = ["-var=project_name=recovery", "-var=stage=dev"];

	let clone: string;
	let proxy: RefusingProxy;
	let terraform: Terraform;
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
			TIMEOUT_MS,
		);

	const apply = (...args: string[]) => terraform.run("apply", "-input=false", "-auto-approve", ...variables, ...args);

	/** Applies again after each failure that the proxy is to blame for. @returns how often it failed */
	const applyUntilDone = async (...args: string[]): Promise<number> => {
		for (let failures = 0; failures < MOST_APPLIES; failures += 1) {
			const message = await apply(...args).then(
				() => undefined,
				(error: CommandError) => error.message,
			);
			if (message === undefined) return failures;
			expect(errorsIn(message).filter((error) => !error.includes(REFUSAL))).toEqual([]);
		}
		throw new Error(`It still fails after ${MOST_APPLIES} applies.`);
	};

	/** Joins and asks for a peer that is not there. @returns the sentence that the deployed code answers with */
	const answer = async (): Promise<unknown> => {
		const { api_id } = await terraform.outputs();
		const client = await connect(`${emulator.replace("http:", "ws:")}/_aws/execute-api/${api_id}/dev`);
		await client.join("alice", { room: aRoom() });
		client.send({ type: "signal", to: "nobody" });
		return (await client.next()).message;
	};

	beforeAll(async () => {
		if (missing !== undefined) return;
		clone = join(inject("folder"), "recovery");
		await copyRepository(clone);
		await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"), "dir");
		proxy = await startRefusingProxy(emulator);
		terraform = terraformIn(clone, proxy.endpoint);
		await terraform.init();
	});
	afterAll(async () => proxy?.stop());
	beforeEach(({ skip }) => skip(broken !== undefined, `needs the step that failed: ${broken}`));

	/** From now on the callback endpoint is the emulator's, which does not answer at the name made from the API's id. */
	const callBackTo = async () => {
		const { api_id } = await terraform.outputs();
		const endpoint = `-var=callback_endpoint=${emulator}/_aws/execute-api/${api_id}/dev`;
		proxy.refuseNothing();
		variables.splice(2, variables.length, endpoint, "-var=lambda_reserved_concurrency=5");
		await apply();
	};

	step("when each call that creates something is refused once is mended by later ones", async () => {
		proxy.refuseOnce(CREATES);
		variables.push("-var=lambda_reserved_concurrency=5");

		expect(await applyUntilDone()).toBeGreaterThan(1);

		expect([...proxy.refused].sort()).toEqual([
			"apigateway POST apis",
			"apigateway POST apis/deployments",
			"apigateway POST apis/integrations",
			"apigateway POST apis/integrations/integrationresponses",
			"apigateway POST apis/routes",
			"apigateway POST apis/routes/routeresponses",
			"apigateway POST apis/stages",
			"dynamodb CreateTable",
			"dynamodb UpdateTimeToLive",
			"iam CreateRole",
			"iam PutRolePolicy",
			"lambda POST functions",
			"lambda POST functions/aliases",
			"lambda POST functions/policy",
			"lambda PUT functions/concurrency",
			"logs CreateLogGroup",
			"logs PutRetentionPolicy",
		]);
		await callBackTo();
		expect(await answer()).toBe("Peer nobody not found.");
	});

	step("when each call that changes something is refused once is mended by later ones", async () => {
		proxy.refuseOnce(UPDATES);
		const changes = [
			"-var=duplicate_peer_policy=reject",
			"-var=log_retention_days=7",
			"-var=table_deletion_protection=true",
			"-var=table_point_in_time_recovery=true",
			"-var=throttling_rate_limit=900",
		];

		expect(await applyUntilDone(...changes)).toBeGreaterThan(0);
		// By itself: refused together with other settings, it keeps them from being published.
		expect(await applyUntilDone(...changes, "-var=lambda_reserved_concurrency=6")).toBeGreaterThan(0);

		expect([...proxy.refused].sort()).toEqual(
			expect.arrayContaining([
				"apigateway PATCH apis/stages",
				"dynamodb UpdateContinuousBackups",
				"dynamodb UpdateTable",
				"iam PutRolePolicy",
				"lambda PUT functions/aliases",
				"lambda PUT functions/concurrency",
				"lambda PUT functions/configuration",
				"logs PutRetentionPolicy",
			]),
		);
		proxy.refuseNothing();
		await apply(); // with the protection off again
		expect(await answer()).toBe("Peer nobody not found.");
	});

	// Version 5 of the provider notes the new code as deployed although it was refused.
	step("when Lambda refused the new code says so until that code is there", async () => {
		const source = join(clone, "protocol", "write.ts");
		await writeFile(source, (await readFile(source, "utf8")).replace("not found.`", "is not here.`"));
		proxy.refuseOnce(/^lambda PUT functions\/code$/);

		await expect(apply()).rejects.toThrow(REFUSAL);
		expect(await answer()).toBe("Peer nobody not found.");
		await expect(terraform.plan(...variables)).rejects.toThrow("Lambda runs other code than this");
		await apply("-replace=aws_lambda_function.signaling_server");

		expect(await answer()).toBe("Peer nobody is not here.");
	});

	// The alias stays where it was, and the provider notes the settings as deployed.
	step("when Lambda took a change and did not publish it says so until it is served", async () => {
		proxy.refuseOnce(/^lambda POST functions\/versions$/);
		const changes = ["-var=log_level=warn"];

		await expect(apply(...changes)).rejects.toThrow(REFUSAL);
		await expect(apply(...changes)).rejects.toThrow(
			/Clients are served by version \d+, which has other code or settings/,
		);
		await apply(...changes, "-replace=terraform_data.release");

		expect(await answer()).toBe("Peer nobody is not here.");
		await apply();
	});

	it("leaves no old or strange bundle for a function that is made again", { timeout: TIMEOUT_MS }, async () => {
		await writeFile(join(clone, "dist", "lambda.zip"), "a stub");

		await apply("-replace=aws_lambda_function.signaling_server");

		expect(await answer()).toBe("Peer nobody is not here.");
	});

	// In pairs, since each apply takes its time. Not more: with three `-replace` options Terraform (seen with 1.11) forgets some of
	// what `replace_triggered_by` adds, now this and now that, and then the alias is not made again with its function. Every
	// resource is tainted below, all at once.
	it.each([
		[["aws_iam_role.signaling", "aws_lambda_function.signaling_server"]],
		[["aws_apigatewayv2_stage.signaling", "aws_apigatewayv2_deployment.signaling"]],
		[["aws_iam_role_policy.signaling", "aws_cloudwatch_log_group.signaling"]],
		[["aws_lambda_permission.signaling", "aws_apigatewayv2_integration.function"]],
		[["aws_dynamodb_table.connections"]],
	])("leaves %j free to be made again", { timeout: TIMEOUT_MS }, async (addresses) => {
		await apply(...addresses.map((address) => `-replace=${address}`));

		expect(await answer()).toBe("Peer nobody is not here.");
	});

	it("is mended when everything that it left is tainted", { timeout: TIMEOUT_MS }, async () => {
		const { stdout } = await terraform.run("state", "list");
		const addresses = stdout.split("\n").filter((address) => address !== "" && !address.startsWith("data."));
		for (const address of addresses) await terraform.run("taint", address);

		await apply();
		await callBackTo();

		expect(await answer()).toBe("Peer nobody is not here.");
	});

	it("builds the bundle for a function that is made again on a clone without it", { timeout: TIMEOUT_MS }, async () => {
		const other = join(inject("folder"), "recovery-elsewhere");
		await copyRepository(other);
		await symlink(join(ROOT, "node_modules"), join(other, "node_modules"), "dir");
		for (const file of ["terraform.tfstate", "protocol/write.ts"]) {
			await writeFile(join(other, file), await readFile(join(clone, file)));
		}
		const elsewhere = terraformIn(other, emulator);
		await elsewhere.init();

		await elsewhere.run(
			"apply",
			"-input=false",
			"-auto-approve",
			...variables,
			"-replace=aws_lambda_function.signaling_server",
		);

		await writeFile(join(clone, "terraform.tfstate"), await readFile(join(other, "terraform.tfstate")));
		expect(await answer()).toBe("Peer nobody is not here.");
	});

	it("can destroy the function alone, and put it back", { timeout: TIMEOUT_MS }, async () => {
		const target = "-target=aws_lambda_function.signaling_server";
		await terraform.run("destroy", "-input=false", "-auto-approve", ...variables, target);
		expect((await inventory(python, emulator)).functions).not.toContain(name);

		await apply();

		expect(await answer()).toBe("Peer nobody is not here.");
	});

	step("to destroy leaves nothing behind in the end", async () => {
		proxy.refuseOnce(DELETES);
		const destroy = () => terraform.run("destroy", "-input=false", "-auto-approve", ...variables);
		let failures = 0;
		for (; failures < MOST_APPLIES; failures += 1) {
			const message = await destroy().then(
				() => undefined,
				(error: CommandError) => error.message,
			);
			if (message === undefined) break;
			expect(errorsIn(message).filter((error) => !error.includes(REFUSAL))).toEqual([]);
		}

		expect(failures).toBeGreaterThan(0);
		const left = Object.values(await inventory(python, emulator)).flat();
		expect(left.filter((resource) => resource.includes("recovery"))).toEqual([]);
	});
});

/** Terraform's errors, each as one line. */
function errorsIn(output: string): string[] {
	return output
		.split(/^Error: /m)
		.slice(1)
		.map((error) => error.replaceAll(/\s+/g, " "));
}
