import { setTimeout as wait } from "node:timers/promises";
import {
	DEPLOYMENT_OPTIONS,
	type Deployment,
	ENDPOINT_OPTION,
	endpointOf,
	findDeployment,
	tableOf,
} from "../aws/deployment.ts";
import type { Lease, Leases } from "../aws/leases.ts";
import { declare, type Outcome } from "../command-line/command.ts";
import { type Console, printable } from "../command-line/console.ts";
import { CommandError, UsageError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { number, text } from "../command-line/options.ts";

/** Time between two looks at the lease, in ms. */
const LOOK_MS = 250;

/**
 * The end of a kick:
 * - `released`: the lease is gone, so the neighbours were told
 * - `returned`: the same id is held by another connection
 * - `held`: the lease is still there
 */
type Fate = "released" | "returned" | "held";

export const kick = declare({
	name: "kick",
	summary: "Closes the connection of a peer, and waits until the server has let go of it.",
	operands: [
		{ name: "room", sentence: "the peer's room", optional: true },
		{ name: "peer", sentence: "its id", optional: true },
	],
	options: {
		connection: text({ value: "id", sentence: "a connection to close, as in the log, instead of a room and a peer" }),
		wait: number({ value: "seconds", least: 0, most: 600, default: 10, sentence: "how long to wait for the server" }),
		...DEPLOYMENT_OPTIONS,
		...ENDPOINT_OPTION,
	},
	remarks: [
		"The gateway closes the connection; the function then removes the lease and tells the neighbours. The command itself " +
			"writes nothing into the table. Links between peers do not end: they do not pass through the server.",
		"A kick is no ban. A client reconnects by itself, and gets its id back with its resume key or its owner's key. To keep " +
			"it out, let no new token be issued for it (auth_mode), and kick it when its last one has ended.",
	],
	examples: ["npx p2pmesh-signaling kick lobby alice", "npx p2pmesh-signaling kick --connection 'L0SM9cOFvHcCIhw='"],

	async run({ values, operands: [room, peerId] }, console) {
		const one = values.connection !== undefined;
		if (one === (room !== undefined)) throw new UsageError("Say which peer: <room> <peer>, or --connection <id>.");
		if (!one && peerId === undefined) throw new UsageError("<peer> is missing: the id of the peer to kick.");
		const deployment = await findDeployment(values, console);
		return values.connection === undefined
			? kickPeer({ room: room as string, peerId: peerId as string }, deployment, values.wait * 1000, console)
			: kickConnection(values.connection, deployment, console);
	},
});

async function kickConnection(connectionId: string, deployment: Deployment, console: Console): Promise<Outcome> {
	const closed = await close(connectionId, deployment, console);
	console.line(closed ? `Closed ${printable(connectionId)}.` : "There is no such connection: it has ended already.");
	return { exitCode: closed ? EXIT.ok : EXIT.bad, data: { connectionId, closed } };
}

interface Target {
	readonly room: string;
	readonly peerId: string;
}

async function kickPeer(target: Target, deployment: Deployment, waitMs: number, console: Console): Promise<Outcome> {
	const { room, peerId } = target;
	endpointOf(deployment);
	const { openLeases } = await import("../aws/leases.ts");
	const leases = openLeases(tableOf(deployment), deployment.region);
	try {
		const lease = await console.during("Looking for the peer", () => leases.get(room, peerId));
		if (lease === undefined) {
			throw new CommandError(`There is no peer ${printable(peerId)} in the room ${printable(room)}.`, {
				exitCode: EXIT.bad,
				hint: `\`npx p2pmesh-signaling peers '${printable(room)}'\` lists the peers of the room.`,
			});
		}
		const closed = await close(lease.connectionId, deployment, console);
		const fate = await console.during("Waiting until the server has let go of the peer", () =>
			fateOf(lease, target, leases, waitMs),
		);
		console.line(sentenceOf(fate, closed, target, lease));
		const exitCode = fate === "held" ? EXIT.bad : EXIT.ok;
		return { exitCode, data: { room, peerId, connectionId: lease.connectionId, closed, lease: fate } };
	} finally {
		leases.close();
	}
}

/** @returns false if the connection had ended before */
async function close(connectionId: string, deployment: Deployment, console: Console): Promise<boolean> {
	const { closeConnection } = await import("../aws/connections.ts");
	return console.during("Closing the connection", () =>
		closeConnection(connectionId, endpointOf(deployment), deployment.region),
	);
}

async function fateOf(kicked: Lease, { room, peerId }: Target, leases: Leases, waitMs: number): Promise<Fate> {
	const deadline = performance.now() + waitMs;
	for (;;) {
		const lease = await leases.get(room, peerId);
		if (lease === undefined) return "released";
		if (lease.connectionId !== kicked.connectionId) return "returned";
		if (performance.now() >= deadline) return "held";
		await wait(LOOK_MS);
	}
}

function sentenceOf(fate: Fate, closed: boolean, { room, peerId }: Target, { expiresAt }: Lease): string {
	const peer = `${printable(peerId)} in ${printable(room)}`;
	if (fate === "released") return `Kicked ${peer}: the connection is closed, and the lease is released.`;
	if (fate === "returned") {
		return `Kicked ${peer}, and it is back on another connection: a client reconnects by itself. See kick --help.`;
	}
	const until = new Date(expiresAt).toISOString();
	if (!closed) {
		return (
			`The connection of ${peer} had ended before, and its lease is still there. The server removes it when a peer ` +
			`sends it something, and at ${until} at the latest.`
		);
	}
	return (
		`The connection of ${peer} is closed, but its lease is still there: the function has not handled the end of the ` +
		`connection yet, or failed. Look at its log. The lease ends at ${until}.`
	);
}
