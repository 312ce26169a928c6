import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type CommandResult, run } from "./command.ts";
import { CREDENTIALS, REGION } from "./ministack.ts";

/** Far more than any command takes: the machine may be busy. */
const TIMEOUT_MS = 600_000;
const PLAN_FILE = "test.tfplan";

/**
 * A command of Terraform's allocates much and ends after seconds: to collect garbage less often spares a fifth of the
 * processor's time (https://pkg.go.dev/runtime#hdr-Environment_Variables).
 */
const SPARING = { GOGC: "400", CHECKPOINT_DISABLE: "1" } as const;

/** A change that a plan proposes: an attribute for an update in place, otherwise the actions, such as `delete, create`. */
export interface PlannedChange {
	readonly address: string;
	readonly change: string;
}

export interface Terraform {
	/** Installs the provider. Its checksum is not compared at each command: that reads hundreds of megabytes. */
	init(): Promise<void>;
	/** Runs a command that asks nothing. Its failure's message holds all that it printed. */
	run(...args: string[]): Promise<CommandResult>;
	outputs(): Promise<Record<string, string>>;
	/** Plans, and tells what would change, of resources and of outputs. */
	plan(...args: string[]): Promise<PlannedChange[]>;
	/** Applies the last plan. */
	applyPlan(): Promise<CommandResult>;
}

/**
 * Terraform in a folder, with an emulator in AWS's place.
 * @param apiId The emulator gives this id to the API that is made. So its callback endpoint is known before.
 */
export function terraformIn(cwd: string, endpoint: string, apiId?: string): Terraform {
	const env = {
		...userEnvironment(endpoint),
		...SPARING,
		// A tag that the provider adds to every resource, and that the emulator reads.
		...(apiId !== undefined && { "TF_AWS_DEFAULT_TAGS_ms-custom-id": apiId }),
	};
	const terraform = (...args: string[]) => run("terraform", args, { cwd, env, timeoutMs: TIMEOUT_MS });

	return {
		async init() {
			await terraform("init", "-input=false", "-no-color");
			const lockFile = join(cwd, ".terraform.lock.hcl");
			const locks = await readFile(lockFile, "utf8");
			await writeFile(lockFile, locks.replaceAll(/^ *hashes = \[[^\]]*\]\n/gm, ""));
		},

		run: (...args) => terraform(...args, "-no-color"),

		applyPlan: () => terraform("apply", "-input=false", "-no-color", PLAN_FILE),

		async outputs() {
			const { stdout } = await terraform("output", "-json");
			const outputs: Record<string, { value: string }> = JSON.parse(stdout);
			return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
		},

		async plan(...args) {
			await terraform("plan", "-input=false", "-no-color", `-out=${PLAN_FILE}`, ...args);
			const { stdout } = await terraform("show", "-json", PLAN_FILE);
			return changesIn(JSON.parse(stdout));
		},
	};
}

interface Change {
	readonly actions: readonly string[];
	readonly before: Readonly<Record<string, unknown>> | null;
	readonly after: Readonly<Record<string, unknown>> | null;
	readonly after_unknown: Readonly<Record<string, unknown>>;
}

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
interface Plan {
	readonly resource_changes?: readonly { readonly address: string; readonly change: Change }[];
	readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

function changesIn({ resource_changes = [], output_changes = {} }: Plan): PlannedChange[] {
	const changes: PlannedChange[] = [];
	for (const { address, change } of resource_changes) {
		const actions = change.actions.join(", ");
		if (actions === "no-op" || actions === "read") continue;
		if (actions === "update") {
			for (const attribute of changedAttributes(change)) changes.push({ address, change: attribute });
		} else {
			changes.push({ address, change: actions });
		}
	}
	for (const [name, { actions }] of Object.entries(output_changes)) {
		if (actions.join() !== "no-op") changes.push({ address: `output.${name}`, change: actions.join(", ") });
	}
	return changes;
}

function changedAttributes({ before, after, after_unknown: unknown }: Change): string[] {
	const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...Object.keys(unknown)]);
	return [...names].filter((name) => !isDeepStrictEqual(before?.[name], after?.[name]) || isUnknown(unknown[name]));
}

/** Whether a value, or anything in it, is known only after the apply. */
function isUnknown(value: unknown): boolean {
	if (typeof value === "object" && value !== null) return Object.values(value).some(isUnknown);
	return value === true;
}

/**
 * The environment of a user who follows the README, with the emulator's endpoint and credentials. Nothing of the
 * developer's own AWS settings is left in it, so that no real account can be reached, and nothing that npm and vitest add.
 */
export function userEnvironment(endpoint: string): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(
		([name]) =>
			!/^(AWS_|TF_|VITEST|npm_lifecycle_|npm_package_|npm_config_local_prefix$|NODE_ENV$|NODE_OPTIONS$)/.test(name) ||
			name === "TF_CLI_CONFIG_FILE" ||
			name === "TF_PLUGIN_CACHE_DIR",
	);
	return {
		...Object.fromEntries(kept),
		AWS_ENDPOINT_URL: endpoint,
		AWS_REGION: REGION,
		...CREDENTIALS,
		AWS_CONFIG_FILE: "/dev/null",
		AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
		AWS_EC2_METADATA_DISABLED: "true",
	};
}
