import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Mesh } from "../../client/index.ts";
import { createGossip } from "../../examples/browser/gossip.js";

describe("gossip", () => {
	beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
	afterEach(() => void vi.useRealTimers());

	/** A mesh that notes each send. The test opens and closes its links. */
	const aMesh = (peerId: string) => {
		const listeners = new Map<string, (id: string) => void>();
		const peers = new Set<string>();
		const broadcast = vi.fn(async (_data: unknown) => {});
		const send = vi.fn(async (_to: string, _data: unknown) => {});
		const mesh = {
			peerId,
			get peers() {
				return [...peers];
			},
			links: () => [...peers].map((id) => ({ peerId: id, state: "open", since: 0 })),
			on: (name: string, listener: (id: string) => void) => {
				listeners.set(name, listener);
				return () => listeners.delete(name);
			},
			broadcast,
			send,
		} as unknown as Mesh;
		const change = (name: "peer:connect" | "peer:disconnect", id: string) => {
			if (name === "peer:connect") peers.add(id);
			else peers.delete(id);
			listeners.get(name)?.(id);
		};
		return { mesh, change, broadcast, send };
	};

	it("tells once of links that open together", () => {
		const { mesh, change, broadcast } = aMesh("me");
		createGossip(mesh, () => {});

		change("peer:connect", "a");
		change("peer:connect", "b");
		vi.advanceTimersByTime(1_000);

		expect(broadcast.mock.calls).toEqual([[{ page: "links", order: expect.any(Number), peers: ["a", "b"] }]]);
	});

	it("answers whoever it had not heard of, and only once", () => {
		const { mesh, change, send } = aMesh("me");
		const gossip = createGossip(mesh, () => {});
		change("peer:connect", "a");

		gossip.take({ from: "a", data: { page: "links", order: 1, peers: ["me"] } });
		gossip.take({ from: "a", data: { page: "links", order: 2, peers: ["me", "b"] } });

		expect(send.mock.calls).toEqual([["a", { page: "links", order: expect.any(Number), peers: ["a"] }]]);
		expect(gossip.view().peers.map(({ id }) => id)).toEqual(["a", "b", "me"]);
	});

	it("counts on from list to list, also after a restart", () => {
		const orders = [];
		for (let run = 0; run < 2; run++) {
			const { mesh, change, broadcast } = aMesh("me");
			const gossip = createGossip(mesh, () => {});
			for (const id of ["a", "b"]) {
				change("peer:connect", id);
				vi.advanceTimersByTime(200);
			}
			gossip.close();
			orders.push(...broadcast.mock.calls.map(([data]) => (data as { order: number }).order));
		}

		expect(orders).toHaveLength(4);
		expect(orders).toEqual([...new Set(orders)].sort((one, other) => one - other));
	});

	it("repeats what it told, in case that was lost, until it is closed", () => {
		const { mesh, change, broadcast } = aMesh("me");
		const gossip = createGossip(mesh, () => {});
		change("peer:connect", "a");

		vi.advanceTimersByTime(60_000);
		expect(broadcast.mock.calls.length).toBeGreaterThan(2);
		gossip.close();
		broadcast.mockClear();
		vi.advanceTimersByTime(60_000);

		expect(broadcast).not.toHaveBeenCalled();
	});

	it.each([undefined, null, "links", 7, [], { page: "chat", text: "links" }, { hello: "everybody" }])(
		"leaves %j to others",
		(data) => {
			expect(createGossip(aMesh("me").mesh, () => {}).take({ from: "a", data })).toBe(false);
		},
	);
});
