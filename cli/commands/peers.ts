import { DEPLOYMENT_OPTIONS, findDeployment, tableOf } from "../aws/deployment.ts";
import type { Lease, Leases } from "../aws/leases.ts";
import { declare } from "../command-line/command.ts";
import { printable } from "../command-line/console.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { number, text } from "../command-line/options.ts";
import { alignedRows, dollars, grouped } from "../command-line/table.ts";
import { PRICES } from "../prices.ts";

interface Listed {
	readonly peers: readonly Lease[];
	readonly readUnits: number;
	readonly more: boolean;
}

export const peers = declare({
	name: "peers",
	summary: "Lists the peers of a room, in the order of their keys.",
	operands: [{ name: "room", sentence: "the room; the one of clients that name none is `default`" }],
	options: {
		limit: number({ value: "n", whole: true, least: 1, most: 1_000_000, default: 100, sentence: "most peers to list" }),
		after: text({ value: "peer id", sentence: "begin behind this peer, the last one of an earlier list" }),
		...DEPLOYMENT_OPTIONS,
	},
	remarks: [
		"It reads the table by Query, page by page. A peer that lost its network is listed until the server finds out, which " +
			"is when API Gateway ends its connection or when another peer sends it something.",
		"The key is the beginning of the hash of the peer's public key, if its client has told one; --json has all of it. " +
			"Peers prove it to each other, not to the server.",
	],
	examples: [
		"npx p2pmesh-signaling peers lobby --limit 20",
		"npx p2pmesh-signaling peers lobby --json | jq -r '.peers[].peerId'",
	],

	async run({ values, operands: [room = ""] }, console) {
		const deployment = await findDeployment(values, console);
		const table = tableOf(deployment);
		const { openLeases } = await import("../aws/leases.ts");
		const leases = openLeases(table, deployment.region);
		try {
			const listed = await console.during("Reading the room", () => list(leases, room, values));
			for (const line of show(listed, room)) console.line(line);
			const { readUnits, more } = listed;
			return {
				exitCode: EXIT.ok,
				data: {
					table,
					room,
					peers: listed.peers.map(({ peerId, connectionId, since, expiresAt, identity }) => ({
						peerId,
						identity,
						connectionId,
						joinedAt: time(since),
						expiresAt: time(expiresAt),
					})),
					more,
					readUnits,
					dollars: readUnits * PRICES.readUnit,
				},
			};
		} finally {
			leases.close();
		}
	},
});

async function list(leases: Leases, room: string, { limit, after }: { limit: number; after: string | undefined }) {
	const found: Lease[] = [];
	let readUnits = 0;
	let more = false;
	for await (const page of leases.peers(room, after)) {
		found.push(...page.items);
		readUnits += page.readUnits;
		more = page.more;
		if (found.length >= limit) break;
	}
	return { peers: found.slice(0, limit), readUnits, more: more || found.length > limit };
}

function show({ peers, readUnits, more }: Listed, room: string): string[] {
	const rows = peers.map(({ peerId, connectionId, since, expiresAt, identity }) => [
		printable(peerId),
		keyOf(peerId, identity),
		time(since),
		time(expiresAt),
		printable(connectionId),
	]);
	const count = `${grouped(peers.length)} ${peers.length === 1 ? "peer" : "peers"} in ${printable(room)}`;
	const last = peers.at(-1);
	return [
		...(rows.length === 0 ? [] : alignedRows(["peer", "key", "joined", "lease ends", "connection"], rows)),
		`${count}${more ? ", and there may be more" : ""}. ${grouped(readUnits, 1)} read units, ${dollars(readUnits * PRICES.readUnit)}.`,
		...(more && last !== undefined ? [`The next ones: --after '${printable(last.peerId)}'`] : []),
	];
}

/** The beginning of the key's hash, as much as people compare. */
function keyOf(peerId: string, identity: string | undefined): string {
	if (identity === undefined) return "";
	return identity === peerId ? "is its id" : `${identity.slice(0, 8)}…`;
}

/** 2026-11-30T03:25:01Z */
function time(ms: number): string {
	return Number.isFinite(ms) ? new Date(ms).toISOString().replace(/\.\d+Z$/, "Z") : "";
}
