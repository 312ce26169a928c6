import { describe, expect, it } from "vitest";
import { BEACON_MAX_AGE_MS, CHECK_MS } from "../../../client/limits.ts";
import type { BeaconFrame } from "../../../client/mesh/frames.ts";
import { Island } from "../../../client/mesh/island.ts";
import { fakeTimers } from "../support/fake-timers.ts";

/** Peers with the given links, between which beacons arrive at once. */
function someIslands(...links: string[]) {
	const timers = fakeTimers();
	const linked = new Map<string, Set<string>>();
	const islands = new Map<string, Island>();
	const setOf = (id: string) => linked.get(id) ?? new Set<string>();
	const queue: (() => void)[] = [];
	const run = () => {
		for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
	};

	const at = (id: string): Island => {
		const known = islands.get(id);
		if (known !== undefined) return known;
		linked.set(id, new Set());
		const island = new Island({
			timers,
			selfId: id,
			neighbours: () => [...setOf(id)],
			send: (peerIds, beacon) => {
				for (const to of peerIds) queue.push(() => setOf(id).has(to) && islands.get(to)?.receive(id, beacon));
			},
		});
		islands.set(id, island);
		return island;
	};
	const link = (pair: string) => {
		const [a, b] = [...pair] as [string, string];
		const ends = [at(a), at(b)];
		setOf(a).add(b);
		setOf(b).add(a);
		ends[0]?.connected(b);
		ends[1]?.connected(a);
		run();
	};
	const cut = (pair: string) => {
		const [a, b] = [...pair] as [string, string];
		setOf(a).delete(b);
		setOf(b).delete(a);
		at(a).disconnected(b);
		at(b).disconnected(a);
		run();
	};
	/** Everybody's clock strikes. */
	const tick = async () => {
		await timers.advance(CHECK_MS);
		for (const island of islands.values()) island.tick();
		run();
	};
	for (const pair of links) link(pair);
	const redundant = (id: string) =>
		at(id)
			.redundant()
			.map(({ peerId }) => peerId);
	return {
		timers,
		at,
		link,
		cut,
		tick,
		redundant,
		roots: () => [...islands.values()].map(({ root }) => root).join(""),
	};
}

describe("the root of an island", () => {
	it("is its smallest id, known to all", () => {
		expect(someIslands("dc", "cb", "ba", "ed").roots()).toBe("aaaaa");
	});

	it("is another on each of two islands, and one when a link joins them", () => {
		const { roots, link } = someIslands("ac", "bd");
		expect(roots()).toBe("aabb");
		link("cd");
		expect(roots()).toBe("aaaa");
	});

	it("is forgotten once its beacons are too old, and not before", async () => {
		const { cut, tick, at } = someIslands("ab", "bc", "cd");
		cut("ab");
		await tick();
		expect(at("d").root).toBe("a");
		for (let ms = 0; ms <= BEACON_MAX_AGE_MS; ms += CHECK_MS) await tick();
		expect([at("b").root, at("c").root, at("d").root]).toEqual(["b", "b", "b"]);
	});

	it("is oneself without links", () => {
		const { cut, at } = someIslands("ab");
		cut("ab");
		expect(at("b").root).toBe("b");
	});
});

describe("redundant links", () => {
	it("are those outside the tree, seen so from both ends", () => {
		const { redundant } = someIslands("ab", "ac", "bc", "cd");
		// The link of b and c leads to no parent; d hangs on c alone.
		expect([redundant("a"), redundant("b"), redundant("c"), redundant("d")]).toEqual([[], ["c"], ["b"], []]);
	});

	it("are none in a tree", () => {
		const { redundant } = someIslands("ab", "bc", "cd");
		expect("abcd".split("").flatMap(redundant)).toEqual([]);
	});

	it("are none while the tree is broken, as far down as it is", async () => {
		const { redundant, cut, tick } = someIslands("ab", "ac", "bd", "ce", "de");
		expect(redundant("d")).toEqual(["e"]);
		cut("ab");
		// What looks like one too many is now the only way from b to a.
		expect([redundant("d"), redundant("b")]).toEqual([[], []]);
		await tick();
		expect("abcde".split("").flatMap(redundant)).toEqual([]);
	});

	it("are none on the word of an old beacon", async () => {
		const { redundant, timers } = someIslands("ab", "ac", "bc");
		await timers.advance(2 * CHECK_MS + 1);
		expect(redundant("b")).toEqual([]);
	});

	it("may all go one after the other, and the island stays one", async () => {
		const all = "abcdefgh".split("");
		const links = all.flatMap((a, i) => all.slice(i + 1).map((b) => a + b));
		const { redundant, cut, tick, roots } = someIslands(...links);
		for (let left = links.length; left > all.length - 1; left--) {
			await tick();
			const [from] = all.filter((id) => redundant(id).length > 0) as [string];
			cut(from + redundant(from)[0]);
		}
		for (let n = 0; n < 6; n++) await tick();
		expect(roots()).toBe("aaaaaaaa");
		expect(all.flatMap(redundant)).toEqual([]);
	});
});

describe("a beacon", () => {
	const beacon = { kind: "beacon", age: 0, links: 1 } as const satisfies Partial<BeaconFrame>;

	it("of this peer is believed from no neighbour", () => {
		const { at, link } = someIslands("ab");
		at("a").receive("b", { ...beacon, root: "a", seq: Number.MAX_SAFE_INTEGER, parent: "b" });
		link("ac");
		expect(at("c").root).toBe("a");
	});

	it("with a number too large mutes the true root only until it is too old", async () => {
		const { at, tick } = someIslands("ab", "bc");
		at("b").receive("c", { ...beacon, root: "a", seq: Number.MAX_SAFE_INTEGER, parent: "c" });
		for (let ms = 0; ms <= BEACON_MAX_AGE_MS + CHECK_MS; ms += CHECK_MS) await tick();
		expect([at("b").root, at("c").root]).toEqual(["a", "a"]);
	});

	const noId: readonly unknown[] = [
		null,
		1,
		true,
		{},
		[],
		{ valueOf: null, toString: null },
		"",
		"a\nb",
		"x".repeat(129),
	];
	const noWhole: readonly unknown[] = [undefined, null, "1", {}, { valueOf: null, toString: null }, -1, 1.5, 1e300];
	const bad: Record<string, readonly unknown[]> = {
		root: [undefined, ...noId],
		seq: noWhole,
		age: [...noWhole, -1e15, BEACON_MAX_AGE_MS + 1],
		parent: [undefined, ...noId.filter((value) => value !== "")],
		links: [...noWhole, 1e9],
	};
	const whole = { ...beacon, root: "a", seq: 1, parent: "c" };

	it.each(Object.entries(bad))("is not heard if its field %s is out of bounds", (field, values) => {
		const { at, redundant } = someIslands("bc");
		for (const value of values) {
			at("b").receive("c", { ...whole, [field]: value } as BeaconFrame);
			expect([at("b").root, redundant("b")], JSON.stringify(value)).toEqual(["b", []]);
		}
		at("b").receive("c", whole);
		expect(at("b").root).toBe("a");
	});
});
