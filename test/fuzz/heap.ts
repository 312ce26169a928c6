import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How much the heap may grow from the second part of a run to its last, in bytes: room for caches and compiled code. */
export const HEAP_ALLOWANCE = 16 * 1024 * 1024;

const PARTS = 8;

// A worker of vitest starts without --expose-gc; set this late it shows in new contexts alone.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/**
 * Does a run in parts, one after the other. Each is told its share of the whole, from the beginning: 1/8, 2/8, …
 * @returns by how many bytes the heap has grown since the second part; the first part fills everything that is filled once
 */
export async function growthOver(part: (share: number) => Promise<unknown>): Promise<number> {
	const sizes: number[] = [];
	for (let n = 1; n <= PARTS; n++) {
		await part(n / PARTS);
		await new Promise((resolve) => setImmediate(resolve)); // lets go of everything that ended a moment ago
		collect();
		sizes.push(process.memoryUsage().heapUsed);
	}
	return (sizes.at(-1) ?? 0) - (sizes[1] ?? 0);
}
