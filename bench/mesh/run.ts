/** One run: peers join, then come and go for a while, then half of them go at once. */
import { type Shape, shapeOf } from "./graph.ts";
import { seededRandom } from "./random.ts";
import { type MeshSettings, simulatedMesh } from "./simulated-mesh.ts";

/** Share of the peers that are replaced in a minute. */
const REPLACED_PER_MINUTE = 1 / 5;

/** One by one: spread over a minute. */
export type Joining = "one by one" | "at once";

export interface Plan {
	readonly settings: MeshSettings;
	readonly size: number;
	readonly joining: Joining;
	/** Minutes of coming and going. */
	readonly minutes: number;
	readonly seed: number;
}

export interface Outcome {
	/** After the joining, and after every minute of coming and going. */
	readonly samples: readonly Shape[];
	readonly noticesOfJoining: number;
	readonly noticesPerJoin: number;
	readonly refillsPerPeerMinute: number;
	/** The share of the rest in the largest component when half of the peers are gone. */
	readonly halved: { readonly beforeRefill: number; readonly afterRefill: number };
}

export async function run({ settings, size, joining, minutes, seed }: Plan): Promise<Outcome> {
	const random = seededRandom(seed);
	const mesh = simulatedMesh(settings, random);
	const shape = () => shapeOf(mesh.peers, random);

	if (joining === "at once") await mesh.joinAtOnce(size);
	else await overAMinute(size, mesh.join, mesh.second);
	const samples = [shape()];
	const { notices: noticesOfJoining, refills: refillsOfJoining } = mesh;

	const replaceOne = async () => {
		await mesh.leave();
		await mesh.join();
	};
	for (let minute = 0; minute < minutes; minute++) {
		await overAMinute(Math.round(size * REPLACED_PER_MINUTE), replaceOne, mesh.second);
		samples.push(shape());
	}
	const refillsPerPeerMinute = (mesh.refills - refillsOfJoining) / (size * minutes);
	const noticesPerJoin = mesh.notices / mesh.joins;

	await mesh.leaveAtOnce(Math.floor(size / 2));
	const beforeRefill = shape().largestShare;
	await mesh.everybodyChecks();
	const afterRefill = shape().largestShare;

	return { samples, noticesOfJoining, noticesPerJoin, refillsPerPeerMinute, halved: { beforeRefill, afterRefill } };
}

/** Does something `count` times, evenly spread over sixty seconds. */
async function overAMinute(count: number, act: () => Promise<void>, second: () => Promise<void>): Promise<void> {
	let done = 0;
	for (let elapsed = 1; elapsed <= 60; elapsed++) {
		for (; done < Math.round((count * elapsed) / 60); done++) await act();
		await second();
	}
}
