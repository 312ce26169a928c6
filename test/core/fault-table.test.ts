/**
 * Every call of every operation fails, once by being refused and once by losing its answer. What its sender got and what
 * remained is the table in docs/faults.md, which this test compares and `npx vitest run -u` rewrites.
 */
import { describe, expect, it } from "vitest";
import { table } from "../../bench/report.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";
import type { Signaling } from "../../lambda/core/signaling.ts";
import { aWorld, injected, noFault, type World } from "../support/world.ts";

/** One operation of bob's, in a room where alice is. */
interface Scenario {
	readonly operation: string;
	/** Makes the room, and gives the connection that acts. */
	readonly prepare: (world: World) => Promise<string>;
	/** Carries the operation out. */
	readonly act: (world: World, connectionId: string, instance: Signaling) => Promise<unknown>;
	/** Whether bob holds his id in the end, and by which connection. */
	readonly holder: "the one that acts" | "nobody";
}

const join = { type: "join", peerId: "bob" };
const open = async (world: World) => world.open();
const joined = (world: World) => world.join("bob");

const scenarios: Scenario[] = [
	{ operation: "join", prepare: open, act: (world, id, at) => world.send(id, join, at), holder: "the one that acts" },
	{
		operation: "join with a held id",
		prepare: async (world) => {
			await world.join("bob");
			return world.open();
		},
		act: (world, id, at) => world.send(id, join, at),
		holder: "the one that acts",
	},
	{
		operation: "join again",
		prepare: joined,
		act: (world, id, at) => world.send(id, join, at),
		holder: "the one that acts",
	},
	{
		operation: "signal",
		prepare: joined,
		act: (world, id, at) => world.send(id, { type: "signal", to: "alice" }, at),
		holder: "the one that acts",
	},
	{
		operation: "signal to a gone peer",
		prepare: async (world) => {
			const ghost = await world.join("ghost");
			const id = await world.join("bob", {}, world.anInstance());
			world.end(ghost);
			return id;
		},
		act: (world, id, at) => world.send(id, { type: "signal", to: "ghost" }, at),
		holder: "the one that acts",
	},
	{
		operation: "find_peers",
		prepare: joined,
		act: (world, id, at) => world.send(id, { type: "find_peers" }, at),
		holder: "the one that acts",
	},
	{
		operation: "leave",
		prepare: joined,
		act: (world, id, at) => world.send(id, { type: "leave" }, at),
		holder: "nobody",
	},
	{
		operation: "$disconnect",
		prepare: async (world) => {
			const id = await world.join("bob");
			world.end(id);
			return id;
		},
		act: (_world, id, at) => at.disconnect(id),
		holder: "nobody",
	},
];

const bob = { room: "default", peerId: "bob", key: routingKey("bob", nodeCrypto) };

/** A world in which the nth call of the operation fails. */
async function play({ prepare, act }: Scenario, failing: number, how: "refused" | "answer lost") {
	const world = aWorld();
	const alice = await world.join("alice");
	const id = await prepare(world);
	const instance = world.anInstance();
	for (const connection of [alice, id]) world.take(connection);
	let call: string | undefined;
	let left = failing;
	world.fault = (name) => {
		if (left-- !== 0) return;
		call = name;
		if (how === "answer lost") return "lose answer";
		throw injected(name);
	};

	const failure = await act(world, id, instance).then(
		() => undefined,
		(error: unknown) => error,
	);
	world.fault = noFault;
	const answers = world
		.take(id)
		.filter((frame) => frame.type !== "peer_left")
		.map((frame) => frame.code ?? frame.type);
	if (failure !== undefined) answers.push(world.isOpen(id) ? "the gateway's error" : "(no sender)");
	const holder = (await world.store.getPeer(bob, "strong"))?.connectionId;
	const state = holder === undefined ? "not listed" : holder === id ? "listed" : "listed by the older one";

	const again = answers.includes("UNAVAILABLE") || answers.includes("the gateway's error");
	if (again) await act(world, id, instance);
	const prober = await world.join("prober", {}, world.anInstance());
	await world.send(prober, { type: "signal", to: "bob", probe: true }, world.anInstance());
	const reached = world.take(id).some((frame) => frame.probe);
	return { world, id, call, answers, state, again, reached, alice };
}

const outcome = ({ holder }: Scenario, state: string) =>
	holder === "nobody" && state !== "not listed" ? "the next frame to it, or its lease" : "none needed";

const rows: string[][] = [];

describe.each(scenarios)("$operation", (scenario) => {
	it.each(["refused", "answer lost"] as const)("survives every call of it that is %s", async (how) => {
		for (let failing = 0; ; failing++) {
			const { world, id, call, answers, state, again, reached, alice } = await play(scenario, failing, how);
			if (call === undefined) return;
			// If the answer of a post is lost, its delivery is unknown. So only refused posts are tested.
			if (how === "answer lost" && call.startsWith("sender.")) continue;
			rows.push([
				scenario.operation,
				call.replace(".", " "),
				how,
				answers.join(", ") || "nothing",
				state,
				again ? "the client sends it again" : outcome(scenario, state),
			]);

			// The end is the same as without a fault: nothing half-done stays.
			const held = (await world.store.getPeer(bob, "strong"))?.connectionId;
			expect({ call, held }).toEqual({ call, held: scenario.holder === "nobody" ? undefined : id });
			expect({ call, reached }).toEqual({ call, reached: scenario.holder !== "nobody" });
			const signals = world.take(alice).filter((frame) => frame.type === "signal");
			expect({ call, signals: signals.length }).toEqual({ call, signals: scenario.operation === "signal" ? 1 : 0 });
			expect(world.isOpen(id)).toBe(scenario.holder !== "nobody");
		}
	});
});

it("docs/faults.md says what happens", async () => {
	const head = ["Operation", "Failing call", "How", "The sender gets", "The peer is then", "Repair"];
	await expect(`# What happens when a call fails

The table lists every call of DynamoDB and of @connections that an operation makes, in order. Each call fails once, after the
adapters' own retries: it is refused without effect, or it takes effect and its answer is lost. In every row the state after the
last column is the same as without a fault, and the test checks that: the peer is listed and reachable by one connection, or
gone, and every signal arrived once. \`$disconnect\` has no sender. The function repeats each of its calls for up to 21 s; this table is about the core alone. The next frame to the peer finds the rest,
or the lease expires.

A test writes this table: [test/core/fault-table.test.ts](../test/core/fault-table.test.ts).

${table(head, [...new Map(rows.map((row) => [row.join(), row])).values()])}
`).toMatchFileSnapshot("../../docs/faults.md");
});
