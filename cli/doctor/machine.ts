import { type Check, failed, ok, warning } from "./check.ts";

/** The oldest version on which the tools run, and the oldest one that its makers support. */
const NODE = { runs: [20, 15], supported: [22, 0] } as const;
const TERRAFORM = [1, 9] as const;

const NODE_SOURCE = "Install it from https://nodejs.org/";
/** Homebrew's own `terraform` stays at 1.5. */
const TERRAFORM_SOURCE =
	"Install it from https://developer.hashicorp.com/terraform/install (macOS: brew install hashicorp/tap/terraform).";

export const node: Check = {
	name: "Node.js",
	async look({ nodeVersion }) {
		if (!isAtLeast(nodeVersion, NODE.runs))
			return failed(`${nodeVersion} is too old: 22 or later is needed`, NODE_SOURCE);
		if (!isAtLeast(nodeVersion, NODE.supported)) {
			return warning(
				`${nodeVersion} works, but its makers have ended its support`,
				"Install version 22 or later from https://nodejs.org/",
			);
		}
		return ok(nodeVersion);
	},
};

export const terraform: Check = {
	name: "Terraform",
	async look({ run }) {
		const { code, stdout } = await run("terraform", ["version", "-json"]);
		if (code === -1) {
			return warning("not installed: this machine can operate a deployment, but not make one", TERRAFORM_SOURCE);
		}
		const version = versionIn(stdout);
		if (code !== 0 || version === undefined) {
			return failed(`\`terraform version\` ended with exit code ${code}`, "Run it to see why.");
		}
		return isAtLeast(version, TERRAFORM)
			? ok(version)
			: failed(`${version} is too old: 1.9 or later is needed`, TERRAFORM_SOURCE);
	},
};

function versionIn(json: string): string | undefined {
	try {
		return (JSON.parse(json) as { terraform_version?: string }).terraform_version;
	} catch {
		return undefined; // not what the command prints
	}
}

/** `v22.1.0` is 22.1, and a pre-release counts as its release. */
function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
	const [found = 0, foundMinor = 0] = version
		.replace(/^v/, "")
		.split(".")
		.map((part) => Number.parseInt(part, 10));
	return found > major || (found === major && foundMinor >= minor);
}
