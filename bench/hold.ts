/**
 * Puts the local server under load: many connected and joined peers in several rooms, while signals flow, and while some
 * peers drop without a close frame and come back. Exits with 1 if a signal was lost, or if a peer is listed and not there.
 *
 * npm run bench:hold -- [--connections 10000] [--drops 1000] [--rooms 20] [--signals-per-second 2000]
 */
import { parseArgs } from "node:util";
import { createFleet, type Fleet, RETURNS } from "./hold/fleet.ts";
import { createLedger, type Ledger } from "./hold/ledger.ts";
import { checkPresence } from "./hold/presence.ts";
import { type Server, startServer } from "./hold/server.ts";
import { table } from "./report.ts";

/** Time limit for the whole run, in ms. */
const TIME_LIMIT_MS = 110_000;
/** Connections that drop at the same time. */
const WAVE = 100;
/** How long the signals flow undisturbed, before the drops and after them, in ms. */
const CALM_MS = 2_000;
/** Open files that a process needs for other purposes than connections. */
const SPARE_FILES = 200;

class BenchError extends Error {
	override readonly name = "BenchError";
}

type Options = ReturnType<typeof readOptions>;

function readOptions() {
	const { values } = parseArgs({
		options: {
			connections: { type: "string", default: "10000" },
			drops: { type: "string", default: "1000" },
			rooms: { type: "string", default: "20" },
			"signals-per-second": { type: "string", default: "2000" },
		},
	});
	const whole = (name: keyof typeof values, lowest: number): number => {
		const value = Number(values[name]);
		if (Number.isInteger(value) && value >= lowest) return value;
		throw new BenchError(`--${name} must be a whole number, ${lowest} or more; got ${values[name]}.`);
	};
	const options = {
		connections: whole("connections", 2),
		drops: whole("drops", 0),
		rooms: whole("rooms", 1),
		signalsPerSecond: whole("signals-per-second", 1),
	};
	if (options.connections < 2 * options.rooms) throw new BenchError("Each room needs at least two peers.");
	if (options.drops > options.connections) throw new BenchError("There are more drops than connections.");
	return options;
}

/** A connection is an open file, in the server's process and in this one. */
function checkOpenFiles(connections: number): void {
	const report = process.report.getReport() as unknown as { userLimits?: { open_files?: { soft: number | string } } };
	const limit = report.userLimits?.open_files?.soft; // missing on Windows, which has no such limit
	if (typeof limit === "number" && limit < connections + SPARE_FILES) {
		throw new BenchError(
			`${connections} connections need ${connections + SPARE_FILES} open files, and this shell allows ${limit}. ` +
				`Raise it (ulimit -n ${connections + SPARE_FILES}), or hold fewer: --connections ${limit - SPARE_FILES}`,
		);
	}
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until all signals have arrived, or until no further one arrives. */
async function settled(ledger: Ledger): Promise<void> {
	for (let before = -1; ; await sleep(500)) {
		const { sent, delivered, refused } = ledger.sums();
		const left = sent - delivered - refused;
		if (left === 0 || left === before) return;
		before = left;
	}
}

async function dropSome(fleet: Fleet, drops: number): Promise<void> {
	const victims = [...fleet.members.values()].slice(0, drops);
	for (let start = 0; start < drops; start += WAVE) {
		const wave = victims.slice(start, start + WAVE);
		await fleet.dropAndReturn(wave, (index) => RETURNS[index % RETURNS.length] as (typeof RETURNS)[number]);
	}
}

/** @returns whether all is well */
async function hold(server: Server, options: Options): Promise<boolean> {
	const { connections, drops, rooms, signalsPerSecond } = options;
	const ledger = createLedger();
	const fleet = createFleet(server.url, rooms, ledger);
	const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
	const rows: [string, string][] = [];
	const note = (what: string, value: string | number) =>
		rows.push([what, typeof value === "number" ? value.toLocaleString("en-US") : value]);

	const memoryBefore = server.memory();
	const filling = performance.now();
	await fleet.fill(connections);
	note("rooms", rooms);
	note("connected and joined in", seconds(filling));
	const memoryAfter = server.memory();

	const signalling = performance.now();
	const stopSignals = fleet.signal(signalsPerSecond);
	await sleep(CALM_MS);
	await dropSome(fleet, drops);
	await sleep(CALM_MS);
	stopSignals();
	await settled(ledger);
	const signalTime = seconds(signalling);
	const { missing, ghosts } = await checkPresence(fleet);

	// A signal to an abandoned id must get an answer, in every case.
	for (const [peerId, { room }] of fleet.abandoned) {
		ledger.noticed(peerId);
		const asker = fleet.neighbour(peerId, room);
		asker.send({ type: "signal", to: peerId, id: ledger.send(asker.peerId, peerId) });
	}
	await settled(ledger);

	const held = await server.connections();
	const open = [...fleet.members.values()].filter((client) => client.isOpen()).length;
	note("connections held", `${held.toLocaleString("en-US")} of ${connections.toLocaleString("en-US")}`);
	note("drops injected", drops);
	note("ended without a reason", fleet.ends());
	note("joined and not found", missing);
	note("ghosts left", ghosts);
	const { sent, delivered, refused, cutOff, lost, wrong } = ledger.sums();
	note(`signals sent, in ${signalTime}`, sent);
	note("- delivered", delivered);
	note("- answered by an error", refused);
	note("- from or to a connection as it was cut", cutOff);
	note("- delivered twice or wrongly", wrong);
	note("- lost", lost);
	if (memoryBefore !== undefined && memoryAfter !== undefined) {
		note("memory of the server, idle", `${Math.round(memoryBefore / 1024 ** 2)} MiB`);
		note("memory per connection", `${((memoryAfter - memoryBefore) / connections / 1024).toFixed(1)} KiB`);
	}

	const ends = fleet.ends();
	const stopping = performance.now();
	server.stop();
	const code = await server.ended;
	note("told to go away on SIGTERM", fleet.goAways());
	note("then ended", `with ${code}, in ${seconds(stopping)}`);

	console.log(table(["what", "how much"], rows));
	const intact = held === connections && open === connections && ends === 0 && code === 0;
	return intact && missing === 0 && ghosts === 0 && lost === 0 && wrong === 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
setTimeout(() => {
	console.error(`It took longer than ${TIME_LIMIT_MS / 1000} s.`);
	process.exit(1);
}, TIME_LIMIT_MS).unref();

try {
	const options = readOptions();
	checkOpenFiles(options.connections);
	process.exitCode = (await hold(await startServer(), options)) ? 0 : 1;
} catch (error) {
	console.error(error instanceof BenchError ? error.message : error);
	process.exit(1);
}
