import { describe, expect, it } from "vitest";
import { createEmitter } from "../../../client/emitter.ts";
import { DELIVERY_TIMEOUT_MS, MAX_DATA_BYTES, MAX_UNDELIVERED } from "../../../client/limits.ts";
import type { MeshEvents } from "../../../client/mesh/api.ts";
import type { ExtraHost } from "../../../client/mesh/extras.ts";
import type { ExtraFrame, MeshFrame, RoutedFrame } from "../../../client/mesh/frames.ts";
import { encodeData } from "../../../client/mesh/payload.ts";
import { type Message, Routing } from "../../../client/mesh/routing.ts";
import { type BroadcastTree, start } from "../../../client/mesh/tree.ts";
import { start as startWays } from "../../../client/mesh/ways.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { seededHex, seededRandom } from "../support/seeded-random.ts";

function aRouter({ neighbours = ["a", "b", "c"] } = {}) {
	const timers = fakeTimers();
	const sent: { to: string; frame: RoutedFrame }[] = [];
	const delivered: Message[] = [];
	const refusing = new Set<string>();
	const environment = { timers, random: seededRandom(2), randomHex: seededHex(seededRandom(1)) };
	const routing = new Routing({
		environment,
		selfId: "m",
		neighbours: () => neighbours,
		tree: () => undefined,
		async transmit(to, frame) {
			sent.push({ to, frame: frame as RoutedFrame });
			if (refusing.has(to)) throw new Error("full");
		},
		deliver: (message) => delivered.push(message),
	});
	const { reach } = startWays({ environment, selfId: "m", routing } as unknown as ExtraHost);
	return { timers, routing, reach, sent, delivered, refusing };
}

const aMessage = (fields: Partial<RoutedFrame> = {}): RoutedFrame => ({
	kind: "routed",
	id: "1",
	from: "x",
	hops: 5,
	...encodeData("hello"),
	...fields,
});

describe("what is passed on", () => {
	it("goes to all other neighbours, with one hop less, once", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage());
		routing.receive("b", aMessage());
		expect(sent.map(({ to, frame }) => [to, frame.hops])).toEqual([
			["b", 4],
			["c", 4],
		]);
		expect(delivered).toEqual([{ from: "x", data: "hello", direct: false, via: "a" }]);
	});

	it("goes no further than its hops", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ hops: 1 }));
		routing.receive("a", aMessage({ id: "2", to: "y", hops: 1 }));
		expect(sent).toEqual([]);
		expect(delivered).toHaveLength(1);
	});

	it("goes straight to the neighbour that it is for, undelivered here", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ to: "c" }));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
		expect(delivered).toEqual([]);
	});

	it("goes the way that its receiver was heard from", () => {
		const { routing, sent } = aRouter();
		routing.receive("c", aMessage({ from: "y", hops: 1 }));
		routing.receive("a", aMessage({ to: "y" }));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
	});

	it("goes everywhere if it asks for a way the second time, though one is known", () => {
		const { routing, sent } = aRouter();
		routing.receive("c", aMessage({ from: "y", hops: 1 }));
		routing.receive("a", aMessage({ to: "y", attempt: 2 }));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
		routing.receive("a", aMessage({ id: "2", to: "y", attempt: 2, probe: true }));
		expect(sent.map(({ to }) => to)).toEqual(["c", "b", "c"]);
	});

	it("is not stopped by a neighbour that takes nothing", async () => {
		const { routing, sent, refusing, timers } = aRouter();
		refusing.add("b");
		routing.receive("a", aMessage());
		await timers.settle();
		expect(sent.map(({ to }) => to)).toEqual(["b", "c"]);
	});
});

describe("what is for this peer", () => {
	it("is delivered once, and answered each time", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ to: "m", attempt: 1 }));
		routing.receive("a", aMessage({ to: "m", attempt: 2 }));
		expect(delivered).toHaveLength(1);
		expect(sent.map(({ to, frame }) => [to, frame.to, frame.answers])).toEqual([
			["a", "x", "1"],
			["a", "x", "1"],
		]);
	});

	it("is direct if its sender is the neighbour that it came from", () => {
		const { routing, delivered } = aRouter();
		routing.receive("a", aMessage({ from: "a" }));
		routing.receive("a", { kind: "direct", ...encodeData("to you") });
		expect(delivered.map(({ from, direct }) => [from, direct])).toEqual([
			["a", true],
			["a", true],
		]);
	});

	it("is bytes if bytes were sent", () => {
		const { routing, delivered } = aRouter();
		routing.receive("a", { kind: "direct", ...encodeData(Uint8Array.of(1, 2)) });
		expect(delivered[0]?.data).toEqual(Uint8Array.of(1, 2));
	});
});

describe("a message to a peer that is no neighbour", () => {
	it("is sent again, everywhere, if no answer comes, and then given up", async () => {
		const { routing, reach, sent, timers } = aRouter();
		routing.receive("c", aMessage({ from: "y", hops: 1 }));
		const arrived = reach("y", encodeData("hello"));
		expect(sent.map(({ to }) => to)).toEqual(["c"]);
		await timers.advance(DELIVERY_TIMEOUT_MS);
		expect(sent.map(({ to }) => to)).toEqual(["c", "a", "b", "c"]);
		await timers.advance(DELIVERY_TIMEOUT_MS);
		expect(await arrived).toBe(false);
		expect(timers.pending()).toBe(0);
	});

	it("is rejected as the links reject it, if all do", async () => {
		const { reach, refusing, timers } = aRouter();
		for (const neighbour of ["a", "b", "c"]) refusing.add(neighbour);
		await expect(reach("y", encodeData("hello"))).rejects.toThrow("full");
		expect(timers.pending()).toBe(0);
	});

	it("is refused if too many wait for an answer", async () => {
		const { reach, timers } = aRouter();
		for (let n = 0; n < MAX_UNDELIVERED; n++) reach("y", encodeData(n)).catch(() => {});
		await expect(reach("y", encodeData("one more"))).rejects.toMatchObject({ code: "BUFFER_FULL" });
		await timers.advance(3 * DELIVERY_TIMEOUT_MS);
	});

	it("ends with the mesh", async () => {
		const { routing, reach } = aRouter();
		const code = reach("y", encodeData("hello")).catch((error) => error.code);
		routing.close();
		expect(await code).toBe("CLOSED");
	});
});

describe("12,000 broadcasts in a mesh with one slow link", () => {
	it("are delivered once to each peer", async () => {
		const ids = ["a", "b", "c", "d", "e"];
		const delivered = new Map(ids.map((id) => [id, 0]));
		const waiting: { run: () => void; slow: boolean }[] = [];
		const trees = new Map<string, BroadcastTree>();
		const routers = new Map(
			ids.map((selfId, seed) => {
				const environment = { timers: fakeTimers(), random: () => 0.5, randomHex: seededHex(seededRandom(seed)) };
				const transmit = async (to: string, frame: MeshFrame) => {
					const run = () => {
						if (frame.kind === "routed") routers.get(to)?.receive(selfId, frame);
						else trees.get(to)?.receive(selfId, frame as ExtraFrame);
					};
					waiting.push({ slow: `${selfId}${to}` === "bc", run });
				};
				const emitter = createEmitter<MeshEvents>();
				trees.set(
					selfId,
					start({ environment, selfId, transmit, emitter, redundant: () => [] } as unknown as ExtraHost),
				);
				const router: Routing = new Routing({
					environment,
					selfId,
					tree: () => trees.get(selfId),
					neighbours: () => ids.filter((id) => id !== selfId),
					transmit,
					deliver: () => void delivered.set(selfId, (delivered.get(selfId) ?? 0) + 1),
				});
				return [selfId, router];
			}),
		);
		const slow: (() => void)[] = [];
		const run = () => {
			for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
				if (next.slow) slow.push(next.run);
				else next.run();
			}
		};

		for (let n = 0; n < 12_000; n++) {
			void routers.get("a")?.broadcast(encodeData(n));
			run();
		}
		for (const arrive of slow) arrive();
		run();

		expect(Object.fromEntries(delivered)).toEqual({ a: 0, b: 12_000, c: 12_000, d: 12_000, e: 12_000 });
	});
});

describe("a hostile neighbour", () => {
	it("cannot speak in this peer's name", () => {
		const { routing, sent, delivered } = aRouter();
		routing.receive("a", aMessage({ from: "m" }));
		expect([sent, delivered]).toEqual([[], []]);
	});

	it("has nothing delivered that is not JSON", () => {
		const { routing, delivered } = aRouter();
		const garbage = [new Uint8Array(0), Uint8Array.of(0xff, 0xfe), new TextEncoder().encode("{")];
		const deep = new TextEncoder().encode("[".repeat(MAX_DATA_BYTES / 2));
		for (const body of [...garbage, deep]) routing.receive("a", { kind: "direct", bytes: false, body });
		expect(delivered).toEqual([]);
	});

	it("cannot answer for the peer that was asked", async () => {
		const { routing, reach, sent, timers } = aRouter();
		const arrived = reach("y", encodeData("hello"));
		const answers = sent[0]?.frame.id;
		routing.receive("a", aMessage({ id: "2", from: "a", to: "m", answers }));
		await timers.advance(2 * DELIVERY_TIMEOUT_MS);
		expect(await arrived).toBe(false);
	});

	it("settles no message that does not wait for an answer", () => {
		const { routing } = aRouter();
		routing.receive("a", aMessage({ to: "m", answers: "nothing" }));
		routing.receive("a", aMessage({ id: "2", to: "m", answers: "__proto__" }));
	});
});
