/** Which deployment a command is about: from a URL, from Terraform's outputs, or said option by option. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Console, Environment } from "../command-line/console.ts";
import { CommandError, UsageError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { text, type ValuesOf } from "../command-line/options.ts";
import { checkedUrl } from "../smoke/url.ts";
import { runProgram } from "./run-program.ts";

const group = "Which deployment (default: the one in the Terraform state of the current folder)";

export const DEPLOYMENT_OPTIONS = {
	url: text({
		group,
		value: "url",
		sentence: "its websocket_url, wss://{api}.execute-api.{region}.amazonaws.com/{stage}; the rest follows from it",
	}),
	terraform: text({
		group,
		value: "folder",
		sentence: "the folder of its configuration, for `terraform output`; the selected workspace counts",
	}),
	project: text({
		group,
		value: "name",
		sentence: "its project_name, if that is not p2pmesh-signaling: the table is <project>-<stage>",
	}),
	table: text({ group, value: "name", sentence: "its table, the output connections_table_name" }),
	region: text({ group, value: "region", sentence: "its region (default: the URL's, then AWS's own configuration)" }),
} as const;

/** Of the commands that call @connections. */
export const ENDPOINT_OPTION = {
	endpoint: text({
		group,
		value: "url",
		sentence: "its @connections, the output callback_endpoint; needed with --url if that is a domain of your own",
	}),
} as const;

export type DeploymentValues = ValuesOf<typeof DEPLOYMENT_OPTIONS> & Partial<ValuesOf<typeof ENDPOINT_OPTION>>;

export interface Deployment {
	readonly url?: string | undefined;
	readonly tableName?: string | undefined;
	/** Undefined: the SDK finds it in the environment or in the profile, or does not. */
	readonly region?: string | undefined;
	readonly endpoint?: string | undefined;
}

/** @throws UsageError if nothing says which, CommandError if Terraform does not answer */
export async function findDeployment(
	values: DeploymentValues,
	{ env, folder: here }: Pick<Console, "env" | "folder">,
): Promise<Deployment> {
	const said = {
		url: values.url === undefined ? undefined : checkedUrl(values.url),
		tableName: values.table,
		region: values.region,
		endpoint: values.endpoint,
	};
	const mayLook = said.url === undefined && said.tableName === undefined && hasState(here);
	const folder = values.terraform ?? (mayLook ? "." : undefined);
	const outputs = folder === undefined ? {} : await readOutputs(resolve(here, folder), env);
	const url = said.url ?? outputs.websocket_url;
	const parts = partsOf(url) ?? partsOf(outputs.callback_endpoint);
	const stageTable = parts && `${values.project ?? "p2pmesh-signaling"}-${parts.stage}`;
	const deployment = {
		url,
		tableName: said.tableName ?? outputs.connections_table_name ?? stageTable,
		region: said.region ?? parts?.region,
		endpoint: said.endpoint ?? outputs.callback_endpoint ?? parts?.endpoint,
	};
	if (Object.values(deployment).every((part) => part === undefined)) {
		throw new UsageError("Which deployment? Say --url <websocket_url>, or --terraform <folder>.");
	}
	return deployment;
}

/** The name of its table. @throws UsageError if nothing says it */
export function tableOf({ tableName }: Deployment): string {
	if (tableName !== undefined) return tableName;
	throw new UsageError("The URL does not say which table: add --table, the output connections_table_name.");
}

/** @throws UsageError if nothing says it */
export function endpointOf({ endpoint }: Deployment): string {
	if (endpoint !== undefined) return endpoint;
	throw new UsageError("The URL does not say where @connections is: add --endpoint, the output callback_endpoint.");
}

/** The parts of a URL that API Gateway made. Undefined for any other one. */
export function partsOf(url: string | undefined) {
	const [, host, region, stage] =
		/^(?:wss|https):\/\/([a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)\/([^/?]+)/.exec(url ?? "") ??
		[];
	if (host === undefined || region === undefined || stage === undefined) return undefined;
	return { region, stage, endpoint: `https://${host}/${stage}` };
}

function hasState(folder: string): boolean {
	return [".terraform", "terraform.tfstate"].some((name) => existsSync(join(folder, name)));
}

type Outputs = Readonly<Partial<Record<"websocket_url" | "connections_table_name" | "callback_endpoint", string>>>;

/** @throws CommandError */
async function readOutputs(folder: string, env: Environment): Promise<Outputs> {
	const { code, stdout, stderr } = await runProgram("terraform", ["output", "-json"], { cwd: folder, env });
	if (code !== 0) {
		throw new CommandError(`\`terraform output -json\` failed in ${folder}: ${stderr.trim() || `exit code ${code}`}`, {
			exitCode: EXIT.unable,
			hint: "Run `terraform init` there, or say --url <websocket_url>.",
		});
	}
	const outputs = JSON.parse(stdout) as Record<string, { value?: unknown } | undefined>;
	const found = Object.fromEntries(
		Object.entries(outputs).flatMap(([name, output]) =>
			typeof output?.value === "string" ? [[name, output.value]] : [],
		),
	) as Outputs;
	if (found.websocket_url !== undefined || found.connections_table_name !== undefined) return found;
	throw new CommandError(`The Terraform state of ${folder} has no output websocket_url.`, {
		exitCode: EXIT.unable,
		hint: "Is another workspace selected (`terraform workspace list`), or was nothing applied yet? Or say --url <websocket_url>.",
	});
}
