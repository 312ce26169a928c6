import { describe, expect, it } from "vitest";
import { reachable, viewOf } from "../../examples/browser/view.js";

/** A mesh of "me" with these links, in which these members tell of their links. */
const aMesh = (
	own: Record<string, "open" | "connecting">,
	members: Record<string, { links?: string[]; hops?: number | undefined }> = {},
) => ({
	peerId: "me",
	links: () => Object.entries(own).map(([peerId, state]) => ({ peerId, state })),
	members: () => Object.entries(members).map(([peerId, { links = [], hops }]) => ({ peerId, links, hops })),
});
const hopsIn = (mesh: ReturnType<typeof aMesh>) =>
	Object.fromEntries(viewOf(mesh).peers.map(({ id, hops }) => [id, hops]));
const linksIn = (mesh: ReturnType<typeof aMesh>) =>
	viewOf(mesh)
		.links.map(({ from, to }) => `${from}-${to}`)
		.sort();

describe("the view of a mesh", () => {
	it("has every member, and its way", () => {
		const mesh = aMesh({ a: "open" }, { a: { links: ["me", "b"], hops: 1 }, b: { links: ["a"], hops: 2 }, c: {} });

		expect(hopsIn(mesh)).toEqual({ me: 0, a: 1, b: 2, c: undefined });
		expect(linksIn(mesh)).toEqual(["a-b", "a-me"]);
		expect(viewOf(mesh).links.map(({ own }) => own)).toEqual([false, true]);
		expect(reachable(viewOf(mesh)).map(({ id }) => id)).toEqual(["a", "b"]);
	});

	it("takes a link for true if neither end contradicts it", () => {
		const silent = aMesh({ a: "open" }, { a: { links: ["b", "me"], hops: 1 }, b: { hops: 2 } });
		const denied = aMesh({ a: "open" }, { a: { links: ["b", "me"], hops: 1 }, b: { links: ["c"], hops: 2 } });

		expect(linksIn(silent)).toEqual(["a-b", "a-me"]);
		expect(linksIn(denied)).toEqual(["a-me"]);
	});

	it("knows of its own links better than the others do", () => {
		expect(linksIn(aMesh({ a: "open" }, { a: { hops: 1 }, b: { links: ["me"] } }))).toEqual(["a-me"]);
	});

	it("shows a link in the making, to a stranger and to a member", () => {
		const mesh = aMesh(
			{ a: "open", b: "connecting", c: "connecting" },
			{ a: { links: ["me", "b"], hops: 1 }, b: { hops: 2 } },
		);

		const { peers, links } = viewOf(mesh);

		expect(peers.map(({ id, hops, state }) => [id, hops, state])).toEqual([
			["a", 1, "open"],
			["b", 2, "open"],
			["c", undefined, "connecting"],
			["me", 0, "open"],
		]);
		expect(links.filter(({ state }) => state === "connecting").map(({ from }) => from)).toEqual(["b", "c"]);
	});

	it("shows a peer with a link that has not told of itself yet", () => {
		expect(hopsIn(aMesh({ a: "open" }))).toEqual({ me: 0, a: 1 });
	});
});
