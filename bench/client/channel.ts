/**
 * The throughput of `send` beside a raw `RTCDataChannel` between the same two programs: in two tabs of Chromium, and in two processes
 * of Node.js. Both send with a look at `bufferedAmount`, give whole messages to the receiver, and take turns.
 *
 *     node --import tsx bench/client/channel.ts [--rounds 7] [--only Chromium|Node.js]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../report.ts";
import type { End, Kind } from "./channel-ends.ts";
import { nodeEnds } from "./channel-node.ts";
import { tabEnds } from "./channel-tabs.ts";

/** Messages of a run. A run takes some hundred ms. */
const RUNS = [
	{ name: "100 B", bytes: 100, count: 5_000 },
	{ name: "16 kB", bytes: 16 * 1024, count: 600 },
	{ name: "64 kB", bytes: 64 * 1024, count: 200 },
	{ name: "1 MiB", bytes: 1024 * 1024, count: 12 },
] as const;

export interface Ends {
	readonly a: End;
	readonly b: End;
	close(): Promise<void>;
}

const median = (values: readonly number[]) => values.toSorted((x, y) => x - y)[values.length >> 1] ?? Number.NaN;

/** @returns MB/s */
async function run({ a, b }: Ends, kind: Kind, bytes: number, count: number): Promise<number> {
	await b.count(bytes, count);
	const [ms] = await Promise.all([b.counted(), a.send(kind, bytes, count)]);
	return (bytes * (count - 1)) / 1_000 / ms;
}

async function measure(place: string, ends: Ends, rounds: number): Promise<string[][]> {
	await ends.a.accept(await ends.b.describe(await ends.a.describe()));
	const rows: string[][] = [];
	for (const { name, bytes, count } of RUNS) {
		const rates: Record<Kind, number[]> = { raw: [], ours: [] };
		for (let round = -1; round < rounds; round++) {
			const order: readonly Kind[] = round % 2 === 0 ? ["raw", "ours"] : ["ours", "raw"];
			for (const kind of order) {
				const rate = await run(ends, kind, bytes, count);
				if (round >= 0) rates[kind].push(rate); // the first warms the code and the path
			}
		}
		const ratio = median(rates.ours.map((rate, n) => rate / (rates.raw[n] ?? Number.NaN)));
		rows.push([`${name}, ${place}`, median(rates.raw).toFixed(1), median(rates.ours).toFixed(1), ratio.toFixed(2)]);
	}
	await ends.close();
	return rows;
}

const PLACES: Readonly<Record<string, () => Promise<Ends>>> = { Chromium: tabEnds, "Node.js": nodeEnds };

/**
 * A table of the medians of the rounds, and of the ratios within the rounds.
 * @param only one of the places. @default all of them
 */
export async function measureChannel(only?: string, rounds = 7): Promise<string> {
	if (only !== undefined && !(only in PLACES)) throw new Error(`${only} is none of ${Object.keys(PLACES).join(", ")}.`);
	const rows: string[][] = [];
	for (const [place, ends] of Object.entries(PLACES)) {
		if (only === undefined || only === place) rows.push(...(await measure(place, await ends(), rounds)));
	}
	return table(["messages of", "raw channel, MB/s", "`send`, MB/s", "ratio"], rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const options = { rounds: { type: "string", default: "7" }, only: { type: "string" } } as const;
	const { rounds, only } = parseArgs({ options }).values;
	console.log(await measureChannel(only, Number(rounds)));
	process.exit();
}
