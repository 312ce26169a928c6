/**
 * Several function instances share the table and the sockets, but not their memory. For all joins, takeovers, resumes,
 * leaves and drops, and for every order of their steps, a frame goes to the right connection or its sender gets an error.
 */
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import type { Signaling } from "../../lambda/core/signaling.ts";
import { aWorld, noFault, type World } from "../support/world.ts";

const PEER_IDS = ["alice", "bob", "carol"] as const;
const INSTANCES = 3;

type Command =
	| { readonly kind: "join"; readonly peer: number; readonly instance: number; readonly resume: boolean }
	| { readonly kind: "signal"; readonly from: number; readonly to: number; readonly instance: number }
	| { readonly kind: "leave" | "drop" | "vanish"; readonly connection: number; readonly instance: number };

const instance = fc.nat(INSTANCES - 1);
const peer = fc.nat(PEER_IDS.length - 1);
const command: fc.Arbitrary<Command> = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant("join" as const), peer, instance, resume: fc.boolean() }) },
	{
		weight: 6,
		arbitrary: fc.record({ kind: fc.constant("signal" as const), from: fc.nat(30), to: peer, instance }),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			// leave: by a frame. drop: the socket ends and $disconnect comes. vanish: the socket ends and nothing comes.
			kind: fc.constantFrom("leave" as const, "drop" as const, "vanish" as const),
			connection: fc.nat(30),
			instance,
		}),
	},
);

/** The history of a connection, as its client can know it. */
interface Connection {
	readonly id: string;
	readonly peerId: string;
	/** Whether a join of it was welcomed. */
	welcomed: boolean;
	resumeKey?: string;
}

/** One run: commands are started together in batches, so that their steps interleave, and then settle. */
async function play(batches: readonly (readonly Command[])[], scheduler: fc.Scheduler) {
	const world = aWorld();
	const instances: Signaling[] = Array.from({ length: INSTANCES }, () => world.anInstance());
	const at = (n: number) => instances[n] as Signaling;
	const connections: Connection[] = [];
	const sent = new Map<number, { from: Connection; to: string }>();
	const received = new Map<number, { connection: string; from: unknown }[]>();
	const refused = new Map<number, number>();
	let mark = 0;

	/** Every step waits for its turn, which fast-check gives in an order of its choice. */
	world.fault = (call) => scheduler.schedule(Promise.resolve(), call).then(() => {});

	const read = (connection: Connection) => {
		for (const frame of world.take(connection.id)) {
			if (frame.type === "bootstrap_peers") {
				connection.welcomed = true;
				connection.resumeKey = frame.resumeKey as string;
			} else if (frame.type === "signal") {
				const n = frame.n as number;
				received.set(n, [...(received.get(n) ?? []), { connection: connection.id, from: frame.from }]);
			} else if (frame.type === "error" && typeof frame.id === "number") {
				refused.set(frame.id, (refused.get(frame.id) ?? 0) + 1);
			}
		}
	};

	const start = (command: Command): Promise<unknown> => {
		if (command.kind === "join") {
			const peerId = PEER_IDS[command.peer] as string;
			const known = connections.findLast((other) => other.peerId === peerId)?.resumeKey;
			const connection: Connection = { id: world.open(), peerId, welcomed: false };
			connections.push(connection);
			const resumeKey = command.resume && known !== undefined ? { resumeKey: known } : {};
			return world.send(connection.id, { type: "join", peerId, ...resumeKey }, at(command.instance));
		}
		if (command.kind === "signal") {
			const from = connections[command.from];
			const to = PEER_IDS[command.to] as string;
			if (from === undefined || !world.isOpen(from.id)) return Promise.resolve();
			mark += 1;
			sent.set(mark, { from, to });
			return world.send(from.id, { type: "signal", to, id: mark, n: mark }, at(command.instance));
		}
		const connection = connections[command.connection];
		if (connection === undefined || !world.isOpen(connection.id)) return Promise.resolve();
		if (command.kind === "leave") return world.send(connection.id, { type: "leave" }, at(command.instance));
		world.end(connection.id);
		return command.kind === "drop" ? at(command.instance).disconnect(connection.id) : Promise.resolve();
	};

	for (const batch of batches) {
		const running = Promise.all(batch.map(start));
		await scheduler.waitFor(running);
		for (const connection of connections) read(connection);
	}
	return { world, connections, sent, received, refused };
}

/** A signal from a newcomer, once everything has settled. */
const probe = async (world: World, peerId: string) => {
	world.fault = noFault;
	await world.send(await world.join(`prober of ${peerId}`), { type: "signal", to: peerId, probe: true });
};

describe("several instances", () => {
	it("deliver every signal to a connection of its target, as its sender's, or answer its sender", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 }),
				fc.scheduler(),
				async (batches, scheduler) => {
					const { world, connections, sent, received, refused } = await play(batches, scheduler);
					const byId = new Map(connections.map((connection) => [connection.id, connection]));

					for (const [n, { from, to }] of sent) {
						const arrivals = received.get(n) ?? [];
						for (const arrival of arrivals) {
							expect(byId.get(arrival.connection)?.peerId).toBe(to);
							expect(arrival.from).toBe(from.peerId);
						}
						// A sender that is gone cannot be told, nor one that is gone be reached.
						const answers = arrivals.length + (refused.get(n) ?? 0);
						expect(answers).toBeLessThanOrEqual(1);
						if (world.isOpen(from.id)) expect({ n, answers }).toEqual({ n, answers: 1 });
					}

					// An id is held by one connection at most, and one that is held by an open one is reachable.
					for (const peerId of PEER_IDS) {
						const open = connections.filter(
							(connection) => connection.peerId === peerId && connection.welcomed && world.isOpen(connection.id),
						);
						expect(open.length).toBeLessThanOrEqual(1);
						await probe(world, peerId);
						for (const connection of open) {
							expect(world.take(connection.id)).toContainEqual(expect.objectContaining({ probe: true }));
						}
					}
				},
			),
			{ numRuns: Number(process.env.INSTANCES_RUNS ?? (inject("thorough") ? 200 : 50)) },
		);
	});
});
