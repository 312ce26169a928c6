import { setTimeout as wait } from "node:timers/promises";
import { DEPLOYMENT_OPTIONS, findDeployment, tableOf } from "../aws/deployment.ts";
import type { Leases } from "../aws/leases.ts";
import { declare } from "../command-line/command.ts";
import { type Console, printable } from "../command-line/console.ts";
import { CommandError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { toggle } from "../command-line/options.ts";
import { alignedRows, dollars, grouped } from "../command-line/table.ts";
import { PRICES } from "../prices.ts";

/** One partition gives 3,000 read units a second, and the deployment needs some of them itself. */
const UNITS_PER_SECOND = 1_000;

/** An eventually consistent read unit reads twice as much. */
const BYTES_PER_UNIT = 2 * 4_096;

interface Counted {
	readonly rooms: readonly { readonly room: string; readonly peers: number }[];
	readonly readUnits: number;
}

export const rooms = declare({
	name: "rooms",
	summary: "Counts the peers of the rooms that you name, or lists all rooms.",
	operands: [
		{ name: "room", sentence: "a room to count, by Query; without one all rooms, by Scan", optional: true, many: true },
	],
	options: {
		yes: toggle({ sentence: "agree to the Scan that lists all rooms; otherwise the command asks on a terminal" }),
		...DEPLOYMENT_OPTIONS,
	},
	remarks: [
		"No index lists the rooms, so a list of all of them reads the whole table by Scan, with your own credentials: the " +
			"deployed role may not. The command says beforehand how much that is and what it costs, and asks.",
	],
	examples: ["npx p2pmesh-signaling rooms lobby team-7", "npx p2pmesh-signaling rooms --yes --json"],

	async run({ values, operands }, console) {
		const deployment = await findDeployment(values, console);
		const table = tableOf(deployment);
		const { openLeases } = await import("../aws/leases.ts");
		const leases = openLeases(table, deployment.region);
		try {
			if (operands.length === 0) await agree(leases, table, values.yes, console);
			const counted = operands.length === 0 ? await countAll(leases, console) : await count(leases, operands, console);
			return conclude(counted, table, console);
		} finally {
			leases.close();
		}
	},
});

/** @throws CommandError without the user's consent */
async function agree(leases: Leases, table: string, yes: boolean, console: Console): Promise<void> {
	const size = await console.during(`Asking for the size of ${table}`, () => leases.size());
	const units = Math.ceil(size.bytes / BYTES_PER_UNIT);
	console.note(
		`A list of all rooms reads the whole table ${table} by Scan: some ${grouped(size.items)} items and ` +
			`${grouped(size.bytes / 1_000)} kB, as of a few hours ago; ${grouped(units)} read units, ` +
			`${dollars(units * PRICES.readUnit)} (us-east-1), and ${Math.ceil(units / UNITS_PER_SECOND)} s or more.`,
	);
	if (yes) return;
	const agreed = await console.confirm("Read it?");
	if (agreed === true) return;
	throw agreed === undefined
		? new CommandError("There is no terminal to ask on.", { exitCode: EXIT.usage, hint: "Add --yes to agree." })
		: new CommandError("Nothing was read.", { exitCode: EXIT.bad });
}

function countAll(leases: Leases, console: Console): Promise<Counted> {
	return console.during("Reading the table", async (progress) => {
		const peers = new Map<string, number>();
		const startedAt = performance.now();
		let readUnits = 0;
		for await (const page of leases.scan()) {
			for (const room of page.items) peers.set(room, (peers.get(room) ?? 0) + 1);
			readUnits += page.readUnits;
			progress.update(`Reading the table: ${grouped(peers.size)} rooms so far, ${grouped(readUnits)} read units`);
			const ahead = (readUnits / UNITS_PER_SECOND) * 1000 - (performance.now() - startedAt);
			if (page.more && ahead > 0) await wait(ahead);
		}
		const rooms = [...peers].map(([room, count]) => ({ room, peers: count }));
		return { rooms: rooms.sort((a, b) => b.peers - a.peers || (a.room < b.room ? -1 : 1)), readUnits };
	});
}

function count(leases: Leases, names: readonly string[], console: Console): Promise<Counted> {
	return console.during("Counting", async (progress) => {
		const rooms = [];
		let readUnits = 0;
		for (const room of new Set(names)) {
			progress.update(`Counting ${printable(room)}`);
			const counted = await leases.count(room);
			rooms.push({ room, peers: counted.peers });
			readUnits += counted.readUnits;
		}
		return { rooms, readUnits };
	});
}

function conclude({ rooms, readUnits }: Counted, table: string, console: Console) {
	const peers = rooms.reduce((sum, room) => sum + room.peers, 0);
	const [head = "", ...rows] = alignedRows(
		["peers", "room"],
		rooms.map((room) => [grouped(room.peers), printable(room.room)]),
	);
	if (rooms.length > 0) console.line(console.style.bold(head));
	for (const row of rows) console.line(row);
	const price = readUnits * PRICES.readUnit;
	console.line(
		console.style.dim(
			`${grouped(peers)} peers in ${grouped(rooms.length)} rooms. ${grouped(readUnits, 1)} read units, ${dollars(price)}.`,
		),
	);
	return { exitCode: EXIT.ok, data: { table, rooms, peers, readUnits, dollars: price } };
}
