/** One peer of the overlay: its own signals, the signals that it passes on, and the limits of its neighbours. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	ARRIVAL_MS,
	BY_SERVER_MS,
	DETOUR_MS,
	FIND_MS,
	HEARD_MS,
	MAX_CARRIED,
	MAX_CARRIED_BYTES,
	MAX_DETOURS,
	MAX_HOPS,
	MAX_OF_ORIGIN,
	MAX_PARCELS,
	MAX_WORDS,
	NEAR_MS,
	REPLY_MS,
	ROUTE_MS,
} from "../../../client/limits.ts";
import { anOffer, anOverlay, type OverlayUnderTest } from "../support/an-overlay.ts";

const answer = { type: "signal" as const, signal: { type: "answer", sdp: "v=0", attempt: "1", order: 1 } };
const refusal = { type: "connection_rejected" as const, attempt: "1" };
const carried = (from: string, to: string, id = "1", hops = 5) => ({ is: "signal" as const, id, from, to, hops });

/** A neighbour `a` that has the neighbour `z`. */
function aWayTo(): OverlayUnderTest {
	const under = anOverlay();
	under.connect("a", "z");
	under.links.add("z");
	return under;
}

/** The number of the signal that was sent. No other was. */
function numberOf(under: OverlayUnderTest): string {
	const [signal, ...others] = under.words("signal");
	expect(others).toEqual([]);
	return signal?.id ?? "";
}

describe("the mesh is heard", () => {
	it("about a peer while another neighbour says something, so that a link to a vanished peer ends without the server, too", async () => {
		const under = anOverlay();
		under.connect("z");
		expect(under.overlay.hears("z")).toBe(false);
		under.connect("a");
		expect(under.overlay.hears("z")).toBe(true);
		await under.timers.advance(HEARD_MS);
		// Silence may be this peer's own network, which comes back.
		expect(under.overlay.hears("z")).toBe(false);

		// What the neighbour says need not be a way.
		under.overlay.carry("z", anOffer());
		under.say("a", { is: "told", id: "1", from: "m", arrived: false });
		expect(under.overlay.hears("z")).toBe(true);
		under.disconnect("a");
		expect(under.overlay.hears("z")).toBe(false);
	});
});

describe("a signal", () => {
	it("goes to the neighbour that leads to its peer", async () => {
		const under = aWayTo();
		expect(under.overlay.carry("z", anOffer())).toBe(true);
		const [sent] = under.sent.filter(({ word }) => word.is === "signal");
		expect(sent).toMatchObject({ to: "a", word: { from: "m", hops: MAX_HOPS } });
		expect(JSON.parse(new TextDecoder().decode(sent?.body))).toEqual(anOffer());
	});

	it("does not go through the mesh to a peer that does not know the overlay, nor through a neighbour that does not", () => {
		const under = aWayTo();
		under.known.set("z", false);
		expect(under.overlay.carry("z", anOffer())).toBe(false);

		const alone = anOverlay();
		expect(alone.overlay.carry("z", anOffer())).toBe(false);
	});

	it("does not go through the mesh if its peer is the only neighbour, or it is p2pmesh's", () => {
		const under = anOverlay();
		under.connect("z");
		expect(under.overlay.carry("z", anOffer())).toBe(false);
		expect(aWayTo().overlay.carry("z", { type: "connect_request" })).toBe(false);
	});

	it("takes no link to its own peer: that may be the broken one", () => {
		const under = aWayTo();
		under.connect("z", "m");
		under.overlay.carry("z", anOffer());
		expect(under.words("signal").map(({ to }) => to)).toEqual(["a"]);
	});

	it("waits for a way that the neighbours are asked for", async () => {
		const under = anOverlay();
		under.connect("a");
		under.links.add("z");
		under.overlay.carry("z", anOffer());
		await under.timers.advance(1);
		const [question] = under.words("find");
		expect(question).toMatchObject({ from: "m", key: "z" });
		under.say("a", { is: "found", id: question?.id ?? "", from: "m", peers: ["z", "b"] });
		await under.timers.advance(1);
		expect(under.words("signal")).toMatchObject([{ from: "m" }]);
		expect(under.overlay.leadsTo("b")).toBe(true);
	});

	it("goes by the server if no way is found, as soon as that is known", async () => {
		const under = anOverlay();
		under.connect("a");
		under.links.add("z");
		under.overlay.carry("z", anOffer());
		await under.timers.advance(FIND_MS + 1);
		expect(under.byServer).toEqual([{ to: "z", frame: anOffer() }]);
	});
});

describe("a signal that does not arrive", () => {
	it.each([
		["is said to be lost", 1, true],
		["is not heard of", ARRIVAL_MS, false],
	])("goes by the server as it is, if it %s", async (_, ms, isTold) => {
		const under = aWayTo();
		under.overlay.carry("z", anOffer());
		if (isTold) under.say("a", { is: "told", id: numberOf(under), from: "m", arrived: false });
		await under.timers.advance(ms + 1);
		expect(under.byServer).toEqual([{ to: "z", frame: anOffer() }]);
		// Later ones take the same way for a while.
		expect(under.overlay.carry("z", anOffer())).toBe(false);
		await under.timers.advance(BY_SERVER_MS);
		expect(under.overlay.carry("z", anOffer())).toBe(true);
	});

	it("is done once it has arrived, and an offer once it is answered", async () => {
		const under = aWayTo();
		under.overlay.carry("z", answer);
		under.say("a", { is: "told", id: numberOf(under), from: "m", arrived: true });
		await under.timers.advance(1);
		under.overlay.carry("z", anOffer());
		under.say("a", { is: "told", id: numberOf(under), from: "m", arrived: true });
		await under.timers.advance(REPLY_MS - 10);
		under.say("a", carried("z", "m"), JSON.stringify(answer));
		await under.timers.advance(60_000);
		expect(under.received).toEqual([{ from: "z", frame: answer }]);
		expect(under.byServer).toEqual([]);
	});

	it("goes by the server if it has arrived and is not answered: a peer on the way may say anything", async () => {
		const under = aWayTo();
		under.overlay.carry("z", anOffer());
		under.say("a", { is: "told", id: numberOf(under), from: "m", arrived: true });
		await under.timers.advance(REPLY_MS + 1);
		expect(under.byServer).toEqual([{ to: "z", frame: anOffer() }]);
	});

	it("is believed lost only by the neighbour that got it", async () => {
		const under = aWayTo();
		under.connect("b");
		under.overlay.carry("z", anOffer());
		under.say("b", { is: "told", id: numberOf(under), from: "m", arrived: false });
		await under.timers.advance(1);
		expect(under.byServer).toEqual([]);
	});

	it("is forgotten if its link was given up, unless it is a refusal", async () => {
		const under = aWayTo();
		under.overlay.carry("z", anOffer());
		under.overlay.carry("z", refusal);
		under.links.delete("z");
		await under.timers.advance(ARRIVAL_MS + 1);
		expect(under.byServer).toEqual([{ to: "z", frame: refusal }]);
	});

	it("takes another way if the server is away, and is kept for it in the end", async () => {
		const under = aWayTo();
		under.isServerUp = false;
		under.connect("b", "z");
		under.overlay.carry("z", anOffer());
		const first = under.sent.filter(({ word }) => word.is === "signal").map(({ to }) => to);
		await under.timers.advance(ARRIVAL_MS + DETOUR_MS + 2);
		const second = under.sent.filter(({ word }) => word.is === "signal").map(({ to }) => to);
		expect(new Set([...first, ...second])).toEqual(new Set(["a", "b"]));
		await under.timers.advance(MAX_DETOURS * (ARRIVAL_MS + DETOUR_MS + FIND_MS) + 10);
		expect(under.byServer).toEqual([{ to: "z", frame: anOffer() }]);
	});

	it("is given up if it is a call, and there are links enough or no server", async () => {
		for (const why of ["enough", "away"]) {
			const under = aWayTo();
			under.calls = true;
			if (why === "enough") under.hasEnough = true;
			else under.isServerUp = false;
			under.overlay.carry("z", anOffer());
			await under.timers.advance(2 * (ARRIVAL_MS + DETOUR_MS + FIND_MS) + 10);
			expect(under.byServer).toEqual([]);
			expect(under.links.has("z")).toBe(false);
		}
	});

	it("does not wait in unbounded numbers", () => {
		const under = aWayTo();
		for (let n = 0; n < MAX_PARCELS; n++) expect(under.overlay.carry("z", anOffer(String(n)))).toBe(true);
		expect(under.overlay.carry("z", anOffer())).toBe(false);
	});
});

describe("what came by the server", () => {
	it("is answered by the server", async () => {
		const under = aWayTo();
		under.overlay.cameByServer("z");
		expect(under.overlay.carry("z", answer)).toBe(false);
		under.isServerUp = false;
		expect(under.overlay.carry("z", answer)).toBe(true);
	});
});

describe("a signal for another peer", () => {
	it("is passed on along the way that is known, and its fate is told back", () => {
		const under = aWayTo();
		under.connect("b");
		under.say("b", carried("x", "z"), "{}");
		expect(under.sent).toContainEqual(expect.objectContaining({ to: "a", word: carried("x", "z", "1", 4) }));
		under.say("b", { is: "told", id: "1", from: "x", arrived: true }); // it did not go there
		expect(under.words("told")).toEqual([]);
		under.say("a", { is: "told", id: "1", from: "x", arrived: true });
		under.say("a", { is: "told", id: "1", from: "x", arrived: false });
		expect(under.words("told")).toEqual([{ is: "told", id: "1", from: "x", arrived: true, to: "b" }]);
	});

	it("makes a way back to its origin", async () => {
		const under = aWayTo();
		under.connect("b");
		under.say("b", carried("x", "z"), "{}");
		expect(under.overlay.leadsTo("x")).toBe(true);
		await under.timers.advance(ROUTE_MS);
		expect(under.overlay.leadsTo("x")).toBe(false);
	});

	it.each([
		["no way is known", carried("x", "nobody")],
		["it has passed as many links as it may", carried("x", "z", "1", 1)],
	])("is told to be lost if %s", (_, word) => {
		const under = aWayTo();
		under.connect("b");
		under.say("b", word, "{}");
		expect(under.words("signal")).toEqual([]);
		expect(under.words("told")).toEqual([{ is: "told", id: "1", from: "x", arrived: false, to: "b" }]);
	});

	it("never goes back to the neighbour that brought it, nor twice", () => {
		const under = aWayTo();
		under.say("a", carried("x", "z"), "{}");
		expect(under.words("signal")).toEqual([]);
		under.connect("b");
		for (let n = 0; n < 3; n++) under.say("b", carried("y", "z"), "{}");
		expect(under.words("signal")).toHaveLength(1);
	});

	it("does not go to a neighbour that has not said that it knows the overlay", () => {
		const under = aWayTo();
		under.known.set("z", true);
		under.disconnect("a");
		under.connect("b");
		under.say("b", carried("x", "a"), "{}");
		expect(under.words("signal")).toEqual([]);
	});

	it.each([
		["one neighbour", (n: number) => carried(`x${n}`, "z", "1"), 10, MAX_CARRIED],
		["one origin, whoever brings it", (n: number) => carried("x", "z", String(n)), 10, MAX_OF_ORIGIN],
		[
			"one neighbour in bytes",
			(n: number) => carried(`x${n}`, "z", "1"),
			30_000,
			Math.floor(MAX_CARRIED_BYTES / 30_000),
		],
	])("is not passed on past a limit: %s", (_, word, bytes, limit) => {
		const under = aWayTo();
		under.connect("b");
		const flood = () => {
			for (let n = 0; n < 2 * limit && n < MAX_WORDS - 4; n++) under.say("b", word(n), new Uint8Array(bytes));
			return under.words("signal").length;
		};
		expect(flood()).toBe(limit);
	});

	it("is dropped if it is larger than the server would take", () => {
		const under = aWayTo();
		under.connect("b");
		under.say("b", carried("x", "z"), new Uint8Array(32_001));
		expect(under.words("signal")).toEqual([]);
	});
});

describe("a question", () => {
	it("goes to ever nearer peers, and the nearest answers with those around it", () => {
		const under = anOverlay();
		under.connect("0".repeat(40), `1${"0".repeat(39)}`);
		under.connect("f".repeat(40), `e${"0".repeat(39)}`);
		under.say("0".repeat(40), { is: "find", id: "1", from: "x", key: `f${"0".repeat(39)}`, hops: 9 });
		expect(under.words("find")).toMatchObject([{ to: "f".repeat(40), hops: 8 }]);
		under.say("f".repeat(40), { is: "found", id: "1", from: "x", peers: ["z"] });
		expect(under.words("found")).toEqual([{ is: "found", id: "1", from: "x", peers: ["z"], to: "0".repeat(40) }]);
		expect(under.overlay.leadsTo("z")).toBe(true);
	});

	it("is answered at once if this peer is meant, or leads there", () => {
		const under = aWayTo();
		under.connect("b");
		for (const key of ["m", "z"]) under.say("b", { is: "find", id: key, from: "x", key, hops: 9 });
		expect(under.words("found").map(({ peers }) => peers[0])).toEqual(["m", "z"]);
	});

	it("is answered only by the neighbour that was asked, and once", async () => {
		const under = aWayTo();
		under.connect("b");
		const found = under.overlay.find("z");
		for (const { id } of under.words("find")) under.say("c", { is: "found", id, from: "m", peers: ["forged"] });
		under.say("b", { is: "found", id: "invented", from: "m", peers: ["forged"] });
		await under.timers.advance(FIND_MS + 1);
		expect(await found).toEqual([]);
		expect(under.overlay.leadsTo("forged")).toBe(false);
	});
});

describe("neighbours", () => {
	it("hear of each other once for all changes of a moment", async () => {
		const under = anOverlay();
		for (const peerId of ["a", "b", "c"]) under.connect(peerId);
		under.words("near");
		await under.timers.advance(NEAR_MS + 1);
		expect(under.words("near").map(({ to, peers }) => [to, [...peers].sort().join("")])).toEqual([
			["a", "bc"],
			["b", "ac"],
			["c", "ab"],
		]);
		await under.timers.advance(10 * NEAR_MS);
		expect(under.words("near")).toEqual([]);
	});

	it("that are gone lead nowhere", () => {
		const under = aWayTo();
		expect(under.overlay.leadsTo("z")).toBe(true);
		under.disconnect("a");
		expect(under.overlay.leadsTo("z")).toBe(false);
	});
});

describe("anything that neighbours say", () => {
	const anything = fc.oneof(
		fc.constantFrom("m", "a", "b", "z", "x", "", 0, 1, 16, 17, -1, 1.5, null, true),
		fc.jsonValue({ maxDepth: 2 }),
	);
	const list = fc.oneof(fc.array(anything, { maxLength: 30 }), anything);
	const fields = fc.oneof(
		fc.record({ near: list }),
		fc.record({ q: anything, f: anything, key: anything, h: anything }),
		fc.record({ a: anything, f: anything, peers: list }),
		fc.record({ s: anything, f: anything, t: anything, h: anything }),
		fc.record({ r: anything, f: anything, ok: anything }),
		fc.dictionary(fc.constantFrom("near", "q", "a", "s", "r", "f", "t", "h", "key"), anything),
	);
	const body = fc.oneof(
		fc.constantFrom("", "{}", "null", "[1]", JSON.stringify(anOffer()), JSON.stringify({ type: "leave" })),
		fc.json(),
	);

	it("throws nowhere, comes out once for each time it went in, and costs the server no frame", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("a", "b"), fields, body), { maxLength: 60 }), async (said) => {
				const under = aWayTo();
				under.connect("b", "z", "x");
				under.words("near");
				for (const [via, header, text] of said) under.sayFields(via, header, new TextEncoder().encode(text));
				await under.timers.advance(1);
				expect(under.sent.length).toBeLessThanOrEqual(said.length);
				expect(under.byServer).toEqual([]);
				for (const { frame } of under.received)
					expect(frame.type).toMatch(/^(signal|batched_signals|connection_rejected)$/);
			}),
			{ numRuns: 300, seed: 5 },
		);
	});

	it("is not heard past a limit", async () => {
		const under = aWayTo();
		under.connect("b");
		await under.timers.advance(NEAR_MS + 1);
		const flood = () => {
			for (let n = 0; n < 2 * MAX_WORDS; n++)
				under.say("b", { is: "find", id: String(n), from: `x${n}`, key: "m", hops: 2 });
			return under.words("found").length;
		};
		expect(flood()).toBeLessThanOrEqual(MAX_WORDS);
	});
});
