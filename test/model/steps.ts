/** The steps that a machine can take, and how fast-check makes them up. A number chooses one of the existing connections. */
import fc from "fast-check";

/** Ids of every form: names, decimal numbers, words that are hexadecimal, and 40 hexadecimal digits. */
export const PEER_IDS = ["alice", "bob with spaces", "1", "10", "cafe", "c0".repeat(20), "d1".repeat(20)];

/** The peer with a client that takes only ids of 40 hexadecimal digits, as p2pmesh's does. Every other client sends `anyId`. */
export const P2PMESH_ID = "c0".repeat(20);
export const ROOMS = ["lobby", "garden"];

/** One call of a dependency in a step fails: the `at`th. */
export interface Fault {
	readonly at: number;
	/** `lose answer`: the call takes effect, and its caller hears that it failed. */
	readonly how: "refuse" | "lose answer";
}

interface Common {
	readonly instance: number;
	readonly fault?: Fault | undefined;
}

type Key = "right" | "wrong" | "none";

export type Step = Common &
	(
		| { readonly kind: "join"; readonly room: number; readonly peer: number; readonly key: Key }
		| { readonly kind: "rejoin"; readonly connection: number }
		| { readonly kind: "leave"; readonly connection: number }
		| { readonly kind: "signal"; readonly from: number; readonly to: number }
		| { readonly kind: "drop"; readonly connection: number; readonly disconnect: "now" | "later" | "never" }
		| { readonly kind: "disconnects"; readonly connection: number; readonly times: number }
		| { readonly kind: "forward"; readonly minutes: number }
		| {
				readonly kind: "race";
				readonly room: number;
				readonly peer: number;
				readonly keys: readonly Key[];
				/** Whether who holds the id drops in the same moment. */
				readonly drop: boolean;
				/** How many turns each call waits, one after the other. */
				readonly ticks: readonly number[];
		  }
	);

const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(undefined) },
	{
		weight: 2,
		arbitrary: fc.record({ at: fc.nat(14), how: fc.constantFrom("refuse" as const, "lose answer" as const) }),
	},
);
const common = { instance: fc.nat(2), fault };
const any = fc.nat(30);
const key = fc.constantFrom<Key>("right", "wrong", "none", "none");
const kind = <K extends string>(name: K) => fc.constant(name);

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ kind: kind("join"), room: any, peer: any, key, ...common }) },
	{ weight: 1, arbitrary: fc.record({ kind: kind("rejoin"), connection: any, ...common }) },
	{ weight: 6, arbitrary: fc.record({ kind: kind("signal"), from: any, to: any, ...common }) },
	{ weight: 2, arbitrary: fc.record({ kind: kind("leave"), connection: any, ...common }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: kind("drop"),
			connection: any,
			disconnect: fc.constantFrom("now" as const, "later" as const, "never" as const),
			...common,
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: kind("disconnects"),
			connection: any,
			times: fc.integer({ min: 1, max: 2 }),
			...common,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: kind("forward"), minutes: fc.integer({ min: 1, max: 90 }), ...common }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: kind("race"),
			room: any,
			peer: any,
			keys: fc.array(key, { minLength: 1, maxLength: 3 }),
			drop: fc.boolean(),
			ticks: fc.array(fc.nat(4), { minLength: 1, maxLength: 40 }),
			...common,
		}),
	},
);

/** The steps of one run: by default fast-check would make most of them too short to get anywhere. */
export const run: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 80, size: "max" });
