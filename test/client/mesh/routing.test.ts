import { describe, expect, it } from "vitest";
import { DELIVERY_TIMEOUT_MS, MAX_DATA_BYTES, MAX_HOPS, MAX_UNDELIVERED } from "../../../client/limits.ts";
import { decodeEnvelope, type Envelope, encodeData, encodeEnvelope } from "../../../client/mesh/envelope.ts";
import { createRouting, type Message } from "../../../client/mesh/routing.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { seededHex, seededRandom } from "../support/seeded-random.ts";

function aRouter({ neighbours = ["a", "b", "c"] } = {}) {
	const timers = fakeTimers();
	const sent: { to: string; header: Record<string, unknown>; body: Uint8Array }[] = [];
	const delivered: Message[] = [];
	const refusing = new Set<string>();
	const routing = createRouting({
		environment: { timers, randomHex: seededHex(seededRandom(1)) },
		selfId: "m",
		neighbours: () => neighbours,
		async transmit(to, { header, body }) {
			sent.push({ to, header, body });
			if (refusing.has(to)) throw new Error("full");
		},
		deliver: (message) => delivered.push(message),
	});
	return { timers, routing, sent, delivered, refusing };
}

const aMessage = (header: Record<string, unknown>, data: unknown = "hello"): Envelope => ({
	header: { i: "1", f: "x", h: 5, ...header },
	body: encodeData(data).body,
});

describe("what is passed on", () => {
	it("goes to all other neighbours, with one hop less, once", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({}));
		routing.receive("b", aMessage({}));
		expect(sent.map(({ to, header }) => [to, header.h])).toEqual([
			["b", 4],
			["c", 4],
		]);
		expect(delivered).toEqual([{ from: "x", data: "hello", direct: false }]);
	});

	it("goes no further than its hops", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ h: 1 }));
		routing.receive("a", aMessage({ i: "2", t: "y", h: 1 }));
		expect(sent).toEqual([]);
		expect(delivered).toHaveLength(1);
	});

	it("goes straight to the neighbour that it is for, undelivered here", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ t: "c" }));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
		expect(delivered).toEqual([]);
	});

	it("goes the way that its receiver was heard from", () => {
		const { routing, sent } = aRouter();
		routing.receive("c", aMessage({ f: "y", h: 1 }));
		routing.receive("a", aMessage({ t: "y" }));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
	});

	it("goes everywhere at the second try, though a way is known", () => {
		const { routing, sent } = aRouter();
		routing.receive("c", aMessage({ f: "y", h: 1 }));
		routing.receive("a", aMessage({ t: "y", n: 2 }));
		expect(sent.map(({ to }) => to)).toEqual(["b", "c"]);
	});

	it("is not stopped by a neighbour that takes nothing", async () => {
		const { routing, sent, refusing, timers } = aRouter();
		refusing.add("b");
		routing.receive("a", aMessage({}));
		await timers.settle();
		expect(sent.map(({ to }) => to)).toEqual(["b", "c"]);
	});
});

describe("what is for this peer", () => {
	it("is delivered once, and answered each time", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ t: "m", n: 1 }));
		routing.receive("a", aMessage({ t: "m", n: 2 }));
		expect(delivered).toHaveLength(1);
		expect(sent.map(({ to, header }) => [to, header.t, header.a])).toEqual([
			["a", "x", "1"],
			["a", "x", "1"],
		]);
	});

	it("is direct where its sender is the neighbour that it came from", () => {
		const { routing, delivered } = aRouter();
		routing.receive("a", aMessage({ f: "a" }));
		routing.receive("a", { header: {}, body: encodeData("to you").body });
		expect(delivered.map(({ from, direct }) => [from, direct])).toEqual([
			["a", true],
			["a", true],
		]);
	});

	it("is bytes where bytes were sent", () => {
		const { routing, delivered } = aRouter();
		routing.receive("a", { header: { b: 1 }, body: Uint8Array.of(1, 2) });
		expect(delivered[0]?.data).toEqual(Uint8Array.of(1, 2));
	});
});

describe("a message to a peer that is no neighbour", () => {
	it("is sent again, everywhere, where no answer comes, and then given up", async () => {
		const { routing, sent, timers } = aRouter();
		routing.receive("c", aMessage({ f: "y", h: 1 }));
		const code = routing.send("y", "hello").catch((error) => error.code);
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
		await timers.advance(DELIVERY_TIMEOUT_MS);
		expect(sent.map(({ to }) => to)).toEqual(["c", "a", "b", "c"]);
		await timers.advance(DELIVERY_TIMEOUT_MS);
		expect(await code).toBe("NO_ROUTE");
		expect(timers.pending()).toBe(0);
	});

	it("is rejected as the links reject it, where all do", async () => {
		const { routing, refusing, timers } = aRouter();
		for (const neighbour of ["a", "b", "c"]) refusing.add(neighbour);
		await expect(routing.send("y", "hello")).rejects.toThrow("full");
		expect(timers.pending()).toBe(0);
	});

	it("is refused where too many wait for an answer", async () => {
		const { routing, timers } = aRouter();
		for (let n = 0; n < MAX_UNDELIVERED; n++) routing.send("y", n).catch(() => {});
		await expect(routing.send("y", "one more")).rejects.toMatchObject({ code: "BUFFER_FULL" });
		await timers.advance(3 * DELIVERY_TIMEOUT_MS);
	});

	it("ends with the mesh", async () => {
		const { routing } = aRouter();
		const code = routing.send("y", "hello").catch((error) => error.code);
		routing.close();
		expect(await code).toBe("CLOSED");
	});
});

describe("what a hostile neighbour sends", () => {
	const { header, body } = aMessage({});
	const bad: Envelope[] = [
		...["f", "h"].map((field) => ({ header: { ...header, [field]: undefined }, body })),
		...[null, 1, {}, "x".repeat(200)].map((id) => ({ header: { ...header, i: id }, body })),
		...[null, 1, {}, "x".repeat(200)].map((f) => ({ header: { ...header, f }, body })),
		...[0, -1, 1.5, MAX_HOPS + 1, Number.NaN, "5", 1e300].map((h) => ({ header: { ...header, h }, body })),
		{ header: { ...header, f: "m" }, body }, // as if it were ours
	];

	it("is neither delivered nor passed on where it breaks the rules", () => {
		const { routing, sent, delivered } = aRouter();
		for (const envelope of bad) routing.receive("a", envelope);
		expect([sent, delivered]).toEqual([[], []]);
	});

	it("is not delivered where it is not JSON", () => {
		const { routing, delivered } = aRouter();
		const garbage = [new Uint8Array(0), Uint8Array.of(0xff, 0xfe), new TextEncoder().encode("{")];
		const deep = new TextEncoder().encode("[".repeat(MAX_DATA_BYTES / 2));
		for (const bytes of [...garbage, deep]) routing.receive("a", { header: {}, body: bytes });
		expect(delivered).toEqual([]);
	});

	it("throws nowhere, whatever a field is", () => {
		const { routing, timers } = aRouter();
		const values = [{ valueOf: null, toString: null }, [], "__proto__", 1e308, null, true];
		for (const field of ["i", "n", "f", "t", "h", "b", "a", "p"]) {
			for (const value of values) routing.receive("a", aMessage({ t: "m", [field]: value }));
			for (const value of values) routing.receive("a", aMessage({ [field]: value }));
		}
		expect(timers.pending()).toBe(0);
	});

	it("settles nothing that it does not know of", () => {
		const { routing } = aRouter();
		routing.receive("a", aMessage({ t: "m", a: "nothing" }));
		routing.receive("a", aMessage({ i: "2", t: "m", a: { toString: null } }));
	});
});

describe("an envelope", () => {
	it("comes out as it was put in", () => {
		const envelope = { header: { i: "1", f: "ü\n", t: "x" }, body: Uint8Array.of(10, 0, 255, 10) };
		expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
	});

	it("is none where its header is not an object, or not there", () => {
		const bytes = (text: string) => new TextEncoder().encode(text);
		for (const text of ["", "\n", "{}", "null\nx", "[]\nx", '"x"\n', "{\n}", `${" ".repeat(5_000)}{}\n`]) {
			expect(decodeEnvelope(bytes(text)), JSON.stringify(text)).toBeUndefined();
		}
	});
});
