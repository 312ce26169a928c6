/**
 * Measures rooms of 10 to 1,000,000 peers, counts the calls in a room of 100,000 on the embedded DynamoDB, simulates a hot room,
 * and computes which limit is reached at how many peers.
 *
 * npm run bench:scaling [-- --largest 1000000] [-- --dynamodb 100000] [-- --dry]
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { build } from "../scripts/build.mjs";
import { startMeteredAws } from "../test/support/metered-aws.ts";
import { replaceBetweenMarkers, table } from "./report.ts";
import { boundsOf, DEFAULT_LOAD } from "./scaling/bounds.ts";
import { joinsPerSecond } from "./scaling/hot-room.ts";
import { measureRoom, OPERATIONS, type RoomFigures } from "./scaling/rooms.ts";

const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const PARTITIONS = [1, 2, 4, 8, 16];

const { values } = parseArgs({
	options: {
		largest: { type: "string", default: "1000000" },
		dynamodb: { type: "string", default: "100000" },
		dry: { type: "boolean", default: false },
	},
});
const whole = (value: number) => Math.round(value).toLocaleString("en-US");

async function rooms(): Promise<string> {
	const sizes = SIZES.filter((size) => size <= Number(values.largest));
	await measureRoom(100); // warms the code
	const figures: RoomFigures[] = [];
	for (const size of sizes) figures.push(await measureRoom(size));
	const times = (operation: (typeof OPERATIONS)[number]) => figures.map(({ micros }) => micros[operation]);
	const rows = figures.map(({ peers, micros, bytesPerPeer }) => [
		whole(peers),
		...OPERATIONS.map((operation) => micros[operation].toFixed(1)),
		whole(bytesPerPeer),
	]);
	const ratios = OPERATIONS.map((operation) =>
		(Math.max(...times(operation)) / Math.min(...times(operation))).toFixed(2),
	);
	return table(
		["peers in the room", ...OPERATIONS.map((operation) => `${operation}, µs`), "bytes per peer"],
		[...rows, ["largest / least", ...ratios, ""]],
	);
}

/** The calls of DynamoDB that each operation makes in a small room and in a large one. */
async function calls(large: number): Promise<string> {
	const { bundle } = await build();
	process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
	const aws = await startMeteredAws(bundle);
	const rows: string[][] = [];
	for (const size of [10, large]) {
		const room = `room-of-${size}`;
		const residents = Array.from({ length: size }, () => randomBytes(20).toString("hex"));
		await aws.fill(room, residents);
		const handler = await aws.anInstance();
		const connectionId = `${randomBytes(8).toString("hex")}=`;
		const count = async (frame: object) => {
			aws.take();
			await handler({
				requestContext: { eventType: "MESSAGE", routeKey: "$default", connectionId, connectedAt: Date.now() },
				body: JSON.stringify(frame),
			});
			return String(aws.take().filter(({ partition }) => partition !== undefined).length);
		};
		rows.push([
			whole(size),
			await count({ type: "join", room, peerId: randomBytes(20).toString("hex") }),
			await count({ type: "signal", to: residents[0] }),
			await count({ type: "find_peers" }),
			await count({ type: "leave" }),
		]);
	}
	await aws.close();
	return table(["peers in the room", ...OPERATIONS], rows);
}

const hotRoom = () =>
	table(
		["partitions of the room", "joins per second, a storm", "joins per second, with as many departures"],
		PARTITIONS.map((partitions) => [
			String(partitions),
			whole(joinsPerSecond({ partitions, departures: 0 })),
			whole(joinsPerSecond({ partitions, departures: 1 })),
		]),
	);

const bounds = () =>
	table(
		["limit", "in force", "reached at so many peers", "what lifts it"],
		boundsOf({ ...DEFAULT_LOAD, peers: 10_000 }).map(({ name, most, reachedAt, lift }) => [
			name,
			whole(most),
			whole(Math.floor(reachedAt / 1_000) * 1_000),
			lift,
		]),
	);

for (const [name, report] of [
	["bounds", bounds],
	["hot-room", hotRoom],
	["rooms", rooms],
	["calls", () => calls(Number(values.dynamodb))],
] as const) {
	const text = await report();
	console.log(`${text}\n`);
	if (!values.dry) replaceBetweenMarkers("docs/performance.md", name, text);
}
process.exit();
