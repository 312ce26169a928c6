import { describe, expect, it } from "vitest";
import { createRoster, MAX_LISTED, MAX_LISTS } from "../../examples/browser/roster.js";

/** A roster of "me", with open links to these. */
function aRoster(...open: string[]) {
	const roster = createRoster("me");
	roster.setOwn(open.map((peerId) => ({ peerId, state: "open" })));
	return roster;
}
const hopsIn = (roster: ReturnType<typeof aRoster>) =>
	Object.fromEntries(roster.view().peers.map(({ id, hops }) => [id, hops]));
const linksIn = (roster: ReturnType<typeof aRoster>) =>
	roster
		.view()
		.links.map(({ from, to }) => `${from}-${to}`)
		.sort();

describe("the roster", () => {
	it("counts the links to each peer", () => {
		const roster = aRoster("a", "b");
		roster.hear("a", 1, ["me", "c"]);
		roster.hear("c", 1, ["a", "d"]);

		expect(hopsIn(roster)).toEqual({ me: 0, a: 1, b: 1, c: 2, d: 3 });
		expect(linksIn(roster)).toEqual(["a-c", "a-me", "b-me", "c-d"]);
	});

	it("tells its own links from those of others", () => {
		const roster = aRoster("a");
		roster.hear("a", 1, ["me", "c"]);

		expect(roster.view().links.map(({ own }) => own)).toEqual([false, true]);
	});

	it("drops a link that one end no longer claims", () => {
		const roster = aRoster("a", "b");
		roster.hear("a", 1, ["me", "b"]);
		roster.hear("b", 1, ["me", "a"]);
		roster.hear("b", 2, ["me"]);

		expect(linksIn(roster)).toEqual(["a-me", "b-me"]);
	});

	it("drops a peer that its neighbours have lost, and what was beyond it", () => {
		const roster = aRoster("a");
		roster.hear("a", 1, ["me", "b"]);
		roster.hear("b", 1, ["a", "c"]);
		roster.hear("c", 1, ["b"]);
		roster.hear("a", 2, ["me"]);

		expect(hopsIn(roster)).toEqual({ me: 0, a: 1 });
	});

	it("takes a peer anew that comes back after it was dropped", () => {
		const roster = aRoster("a");
		roster.hear("b", 9, ["a"]);
		roster.hear("a", 1, ["me"]);
		roster.view();
		roster.hear("a", 2, ["me", "b"]);

		expect(roster.hear("b", 1, ["a"])).toBe(true);
		expect(hopsIn(roster)).toEqual({ me: 0, a: 1, b: 2 });
	});

	it("knows of its own links better than the others do", () => {
		const roster = aRoster("a");
		roster.hear("a", 1, []);
		roster.hear("b", 1, ["me"]);

		expect(linksIn(roster)).toEqual(["a-me"]);
		expect(hopsIn(roster)).toEqual({ me: 0, a: 1 });
	});

	it("shows a link in the making, which leads nowhere yet", () => {
		const roster = createRoster("me");
		roster.setOwn([{ peerId: "a", state: "connecting" }]);
		roster.hear("a", 1, ["b"]);

		expect(roster.view().peers).toEqual([
			{ id: "a", hops: 1, state: "connecting", linked: [] },
			{ id: "me", hops: 0, state: "open", linked: [] },
		]);
		expect(roster.view().links).toEqual([{ from: "a", to: "me", own: true, state: "connecting" }]);
	});

	it("ignores a list that a newer one overtook", () => {
		const roster = aRoster("a");
		roster.hear("a", 2, ["me", "b"]);

		expect(roster.hear("a", 1, ["me"])).toBe(false);
		expect(linksIn(roster)).toEqual(["a-b", "a-me"]);
	});

	it.each([
		["no list", 1, "b"],
		["no number", "1", ["b"]],
		["too long a list", 1, Array.from({ length: MAX_LISTED + 1 }, (_, at) => `p${at}`)],
	])("ignores %s", (_what, order, peers) => {
		const roster = aRoster("a");

		expect(roster.hear("a", order, peers)).toBe(false);
		expect(linksIn(roster)).toEqual(["a-me"]);
	});

	it("takes of a list what can be an id", () => {
		const roster = aRoster("a");
		const unseen = ["b\u200b", "\u202eb", "b\u2066", "\ufeffb", "b\u0000", "b\n", "b\ud800", "b\u00ad"];
		roster.hear("a", 1, ["me", "a", "", "x".repeat(129), 7, null, { id: "b" }, ...unseen, "b"]);

		expect(hopsIn(roster)).toEqual({ me: 0, a: 1, b: 2 });
	});

	it("holds a bounded number of lists", () => {
		const roster = aRoster("a");
		for (let at = 0; at < MAX_LISTS; at++) roster.hear(`p${at}`, 1, []);

		expect(roster.hear("one too many", 1, [])).toBe(false);
	});
});
