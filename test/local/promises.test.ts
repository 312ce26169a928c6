/**
 * The promises for the faults under which the whole contract cannot hold, and the promises that only show under faults.
 */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { GatewayFaults } from "../../local/faults.ts";
import { accountFor } from "../support/accounting.ts";
import { connect, type Frame, type TestClient } from "../support/client.ts";
import { AMPLE_RATES } from "../support/defaults.ts";
import { eventually } from "../support/eventually.ts";
import { aServer, found, idsIn, type JoinedClient, startServer } from "../support/faulty-server.ts";
import { holdTime } from "../support/held-time.ts";
import { createLedger } from "../support/ledger.ts";
import { PATIENCE_MS } from "../support/waiting.ts";

vi.mock("node:timers/promises", () => import("../support/global-timers.ts"));

describe("where $disconnect is never called", () => {
	// The contract waits for the `peer_left` that $disconnect causes. Without it the next frame to the peer finds out.
	const options = { faults: { disconnects: 0 } } as const;

	it("a peer that is gone is found out by the first frame to it, and cleared away", async () => {
		const { gateway, room, joined } = await aServer(options);
		const [alice, bob] = [await joined("alice"), await joined("bob")];
		await alice.nextOf("peer_joined");
		bob.cut();
		await eventually(() => gateway.connectionCount() === 1);

		alice.send({ type: "signal", to: "bob", id: 7 });

		const heard = [await alice.next(), await alice.next()];
		expect(heard).toContainEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
		expect(heard).toContainEqual(expect.objectContaining({ code: "PEER_NOT_FOUND", id: 7 }));
		expect(await found(alice)).toEqual([]);
	});

	it("a newcomer that is introduced to one that is gone clears it away", async () => {
		const { gateway, room, joined } = await aServer(options);
		(await joined("bob")).cut();
		await eventually(() => gateway.connectionCount() === 0);

		const alice = await joined("alice");

		expect(idsIn(alice.welcome)).toEqual(["bob"]);
		expect(await alice.next()).toEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
		expect(await found(alice)).toEqual([]);
	});

	it.each(["replace", "reject"] as const)("its id is free at once, by the policy `%s`", async (duplicatePeerPolicy) => {
		const { gateway, joined } = await aServer({ ...options, settings: { duplicatePeerPolicy } });
		(await joined("bob")).cut();
		await eventually(() => gateway.connectionCount() === 0);

		const bob = await joined("bob");

		bob.send({ type: "signal", to: "bob", data: 1 });
		expect(await bob.next()).toMatchObject({ type: "signal", from: "bob", data: 1 });
	});
});

describe("where $disconnect is called twice at once", () => {
	it("those near the peer are told once", async () => {
		const { room, joined, disconnects } = await aServer({ faults: { disconnects: 2 } });
		const [alice, bob] = [await joined("alice"), await joined("bob")];
		await alice.nextOf("peer_joined");

		bob.cut();
		await eventually(() => disconnects() === 2);

		expect(await alice.unread()).toEqual([{ type: "peer_left", peerId: "bob", room, at: expect.any(Number) }]);
	});
});

describe("where $disconnect is called late", () => {
	it.each([
		["with its key", (resumeKey: unknown) => ({ resumeKey }), []],
		["without its key", () => ({}), [{ type: "peer_joined", peerId: "bob" }]],
	])("a peer that came back before it %s stays", async (_how, fields, notices) => {
		const time = holdTime();
		const { gateway, joined, disconnects } = await aServer({ faults: { disconnectDelayMs: 100 } });
		const [alice, older] = [await joined("alice"), await joined("bob")];
		await alice.nextOf("peer_joined");
		older.cut();
		await eventually(() => gateway.connectionCount() === 1);

		const newer = await joined("bob", fields(older.welcome.resumeKey));
		await time.forward(100);
		await eventually(() => disconnects() === 1);

		expect(await alice.unread()).toMatchObject(notices);
		expect(await found(alice)).toEqual(["bob"]);
		alice.send({ type: "signal", to: "bob", data: 1 });
		expect(await newer.next()).toMatchObject({ from: "alice", data: 1 });
	});
});

describe("where the gateway learns late who is gone", () => {
	it("the sender hears of it as soon as the gateway does", async () => {
		const { joined } = await aServer({ faults: { disconnects: 0, goneDelayMs: 200 }, settings: AMPLE_RATES });
		const [alice, bob] = [await joined("alice"), await joined("bob")];
		await alice.nextOf("peer_joined");
		bob.cut();

		// Until then API Gateway says that it delivers, and loses the frames. Only an answer proves that a frame arrived.
		let answers: Frame[] = [];
		while (answers.length === 0) {
			alice.send({ type: "signal", to: "bob" });
			answers = await alice.unread();
		}

		expect(answers).toContainEqual(expect.objectContaining({ code: "PEER_NOT_FOUND", to: "bob" }));
	});
});

describe("where callbacks fail", () => {
	// In this process nothing is tried again, so any frame of the contract may be answered by `UNAVAILABLE`.
	it.each<[string, GatewayFaults]>([
		["by 429", { throttled: { share: 0.3 } }],
		["by 500", { failed: { share: 0.3 } }],
		["by both, for frames out of order", { throttled: { share: 0.2 }, failed: { share: 0.2 }, frameDelayMs: 10 }],
	])("%s, no signal is lost in silence, and none is delivered twice", async (_how, faults) => {
		const gateway = await startServer({ faults, graceMs: PATIENCE_MS });
		onTestFinished(() => gateway.close());

		const account = await accountFor(gateway, 200);

		expect(account).toMatchObject({ lost: 0, repeated: 0, refusedTwice: 0 });
		expect(account.refused).toBeGreaterThan(0);
	});
});

describe("where connections are ended by age", () => {
	const maxConnectionAgeMs = 1_000;
	const MOVES = 4; // together longer than a connection may live
	const IDS = ["a peer", "b peer", "c peer", "d peer"];

	it("a peer that moves in time is never missing, and no signal is lost on the way", async () => {
		const time = holdTime();
		const { gateway, room, joined } = await aServer({ maxConnectionAgeMs, settings: AMPLE_RATES });
		const ledger = createLedger();
		const notices: Frame[] = [];

		const read = async (client: TestClient, self: string) => {
			for (;;) {
				const frame = await client.next();
				if (frame.type === "signal") ledger.arrived(frame.n as number, self);
				else if (frame.type !== "go_away") notices.push(frame);
			}
		};
		const aMover = (self: string, first: JoinedClient) => {
			let client: TestClient = first;
			let { resumeKey } = first.welcome;
			let moving = false;
			read(client, self).catch(() => {}); // until it is closed
			const signals = setInterval(() => {
				if (moving) return; // its older connection may be closed already, and the newer one is not joined yet
				for (const to of IDS) client.send({ type: "signal", to, n: ledger.send(self, to) });
			}, 20);
			return {
				stop: () => clearInterval(signals),
				async move() {
					const next = await connect(gateway.url);
					moving = true;
					const welcome = await next.join(self, { room, resumeKey });
					({ resumeKey } = welcome);
					client = next;
					moving = false;
					read(client, self).catch(() => {});
					expect(idsIn(welcome).sort()).toEqual(IDS.filter((id) => id !== self));
				},
			};
		};

		const clients: JoinedClient[] = [];
		for (const id of IDS) clients.push(await joined(id));
		for (const client of clients) await client.unread();
		const movers = clients.map((client, i) => aMover(IDS[i] as string, client));
		for (let move = 0; move < MOVES; move++) {
			await time.forward(maxConnectionAgeMs / 4);
			const moves = movers.map((mover) => mover.move());
			await time.forward(maxConnectionAgeMs / 8); // signals go out while they move
			await Promise.all(moves);
		}
		for (const mover of movers) mover.stop();

		await eventually(() => ledger.open().length === 0);
		const { sent, delivered } = ledger.sums();
		expect(sent).toBeGreaterThan(100);
		expect({ delivered, strays: ledger.strays() }).toEqual({ delivered: sent, strays: 0 });
		expect(notices).toEqual([]);
	});
});
