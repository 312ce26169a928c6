/** carol watches, bob comes and goes. Instances 0, 1 and 2 handle frames; each `$disconnect` gets another one. */
import { drop, join, leave, resume, type Scenario, signal, wait } from "./scenario.ts";

/** ms */
const HOUR = 3_600_000;

export const SCENARIOS: readonly Scenario[] = [
	{
		name: "join",
		before: [join("carol", 2)],
		beside: [[join("bob", 0), signal("bob", "carol", 0)], [signal("carol", "bob", 2)]],
	},
	{
		name: "join, then drop",
		before: [join("carol", 2)],
		beside: [[join("bob", 0)], [drop("bob")]],
	},
	{
		name: "join twice, then leave",
		before: [join("carol", 2)],
		beside: [[join("bob", 0)], [join("bob", 1)], [leave("bob", 2)]],
	},
	{
		name: "two join with one id",
		before: [join("carol", 2)],
		beside: [[join("bob", 0), signal("bob", "carol", 0)], [join("bob'", 1)]],
	},
	{
		name: "two join with one id, one drops",
		before: [join("carol", 2)],
		beside: [[join("bob", 0)], [drop("bob")], [join("bob'", 1)]],
	},
	{
		name: "takeover",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[join("bob'", 1)], [signal("bob", "carol", 0)]],
	},
	{
		name: "takeover, a signal at an instance that does not know the older one",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[join("bob'", 1)], [signal("bob", "carol", 2), signal("bob", "carol", 2)]],
	},
	{
		name: "takeover that is refused",
		duplicatePeerPolicy: "reject",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[join("bob'", 1)], [drop("bob")]],
	},
	{
		name: "resume, the older one drops",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[resume("bob'", "bob", 1)], [drop("bob")]],
	},
	{
		name: "resume, a signal to it",
		before: [join("carol", 2), join("bob", 0), signal("carol", "bob", 2)],
		beside: [[resume("bob'", "bob", 1)], [signal("carol", "bob", 2)]],
	},
	{
		name: "leave",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[leave("bob", 0)], [signal("carol", "bob", 2)]],
	},
	{
		name: "leave, the socket drops",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[leave("bob", 0)], [drop("bob")]],
	},
	{
		name: "leave, another takes the id",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[leave("bob", 0)], [join("bob'", 1)]],
	},
	{
		name: "leave, another takes the id and drops",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[leave("bob", 0)], [join("bob'", 1), drop("bob'")]],
	},
	{
		name: "drop",
		before: [join("carol", 2), join("bob", 0), signal("carol", "bob", 2)],
		beside: [[drop("bob")], [signal("carol", "bob", 2)]],
	},
	{
		name: "join while a neighbour leaves",
		before: [join("bob", 0)],
		beside: [[join("carol", 2)], [leave("bob", 0)]],
	},
	{
		name: "join while a neighbour drops",
		before: [join("bob", 0)],
		beside: [[join("carol", 2)], [drop("bob")]],
	},
	{
		name: "three connections of one id, one after the other",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[join("bob'", 1), drop("bob'")], [join("bob''", 0)]],
	},
	{
		name: "takeover, another joins later, and the first is still there",
		before: [join("carol", 2), join("bob", 0)],
		beside: [[join("bob'", 1), drop("bob'"), wait("bob''", HOUR), join("bob''", 2), signal("bob", "carol", 0)]],
	},
	{
		name: "three join with one id",
		before: [join("carol", 2)],
		beside: [[join("bob", 0)], [join("bob'", 1)], [join("bob''", 2)]],
	},
];
