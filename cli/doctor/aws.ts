import { AwsFailure, type FailureKind } from "../aws/failures.ts";
import { type Check, type Finding, failed, notRun, ok, type World } from "./check.ts";
import { isThisMachine } from "./network.ts";

export const region: Check = {
	name: "Region",
	async look(world) {
		if (isLocal(world)) return notRun("a local server needs no AWS");
		const { deployment, env } = world;
		if (deployment.region !== undefined) {
			const other = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
			const note = other === undefined || other === deployment.region ? "" : ` (AWS_REGION, ${other}, does not count)`;
			return ok(`${deployment.region}${note}`);
		}
		const found = await configuredRegion();
		if (found !== undefined) return ok(`${found}, by AWS's own configuration`);
		return failed("not known", "Say --region, set AWS_REGION, or give the profile a region.");
	},
};

export const credentials: Check = {
	name: "Credentials",
	needs: ["Region"],
	async look(world) {
		const failure = await probe(world);
		const refused: readonly FailureKind[] = ["credentials", "signature", "network", "region"];
		if (failure !== undefined && refused.includes(failure.kind)) return refusal(failure);
		return ok("AWS takes them");
	},
};

export const table: Check = {
	name: "Table",
	needs: ["Credentials"],
	async look(world) {
		const name = world.deployment.tableName;
		if (name === undefined) return notRun("no table is known: say --table or --terraform");
		const failure = await probe(world);
		return failure === undefined ? ok(`${name} can be read`) : refusal(failure);
	},
};

/** The table of a first deployment with the defaults, to try credentials on. */
const DEFAULT_TABLE = "p2pmesh-signaling-prod";

/** The smallest query there is. @returns undefined if it succeeds */
async function probe({ deployment }: World): Promise<AwsFailure | undefined> {
	const { openLeases } = await import("../aws/leases.ts");
	const leases = openLeases(deployment.tableName ?? DEFAULT_TABLE, deployment.region);
	try {
		await leases.probe();
		return undefined;
	} catch (error) {
		if (error instanceof AwsFailure) return error;
		throw error;
	} finally {
		leases.close();
	}
}

/** The region of the environment or of the profile. */
async function configuredRegion(): Promise<string | undefined> {
	const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
	const client = new DynamoDBClient({});
	try {
		return await client.config.region();
	} catch {
		return undefined; // "Region is missing"
	} finally {
		client.destroy();
	}
}

const refusal = ({ message, hint }: AwsFailure): Finding => failed(message, hint);

function isLocal({ deployment: { url, tableName } }: World): boolean {
	return url !== undefined && isThisMachine(url) && tableName === undefined;
}
