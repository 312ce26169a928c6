/** Which signals are taken for a peer's own: by what the server told, by the id, and by what came before. */
import { describe, expect, it } from "vitest";
import { MAX_CHECKS, MAX_ENQUIRIES, MAX_MESH_CHECKS, MAX_PINS, REPLAY_WINDOW } from "../../../client/limits.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";
import { anOffer, aPeer, type TestPeer } from "../support/identities.ts";

type Signal = Record<string, unknown>;
const signalOf = ({ signal }: RelayedFrame) => signal as Signal;
/** The frame with another field in its signal. */
const changed = (frame: RelayedFrame, fields: object): RelayedFrame => ({
	...frame,
	signal: { ...signalOf(frame), ...fields },
});

/** Alice, and bob, of whom alice's server has told. */
async function aPair(options: { verify?: never } | object = {}) {
	const [alice, bob] = await Promise.all([aPeer({ id: "alice", ...options }), aPeer({ id: "bob" })]);
	alice.told.set("bob", bob.key);
	return { alice, bob };
}

describe("a peer whose key the server told", () => {
	it("is taken by the server and through the mesh, and its key is known", async () => {
		for (const way of ["server", "mesh"] as const) {
			const { alice, bob } = await aPair();

			expect(await alice.accepts("bob", await bob.offers("alice"), way)).toBe(true);

			expect(alice.keyOf("bob")).toEqual({ key: bob.key, vouched: "server" });
			expect(alice.errors).toEqual([]);
		}
	});

	it("hands on what was signed, and nothing else", async () => {
		const { alice, bob } = await aPair();

		expect(await alice.open("bob", await bob.offers("alice"), "server")).toEqual({
			...anOffer(),
			signal: { ...signalOf(anOffer()), seal: expect.anything() },
		});
	});

	it("is refused without a signature, with another key, and with another fingerprint", async () => {
		const { alice, bob } = await aPair();
		const mallory = await aPeer({ id: "bob" });
		const offer = await bob.offers("alice");
		const forgeries = {
			"it is not signed": anOffer(),
			"its key is not the one that is known": await mallory.offers("alice"),
			"its signature is wrong": changed(offer, { sdp: "v=0\r\na=fingerprint:sha-256 EF:01\r\n" }),
			"its seal has a wrong form": changed(offer, { seal: { key: "AAAA", n: 1, sig: "AAAA" } }),
		};

		for (const [why, frame] of Object.entries(forgeries)) {
			for (const way of ["server", "mesh"] as const) {
				expect(await alice.accepts("bob", frame, way)).toBe(false);
				expect(alice.errors.splice(0)).toEqual([`UNPROVEN A signal of bob was refused: ${why}.`]);
				await alice.timers.advance(60_000);
			}
		}
		expect(await alice.accepts("bob", offer)).toBe(true);
	});

	it.each([
		["to another peer", "carol", "bob", "room"],
		["in another room", "alice", "bob", "another room"],
		["in another's name", "alice", "carol", "room"],
	])("is not taken for what it said %s", async (_, to, id, room) => {
		const { alice, bob } = await aPair();
		const keys = { room, id };
		const elsewhere = await samePeer(bob, keys);

		expect(await alice.accepts("bob", await elsewhere.offers(to))).toBe(false);
	});

	it("signs everything that it says: refusals, requests, candidates", async () => {
		const { alice, bob } = await aPair();
		const frames: RelayedFrame[] = [
			{ type: "connection_rejected", reason: "max_peers_reached", attempt: "a1", alternativePeers: ["x"] },
			{ type: "connect_request" },
			{ type: "signal", signal: { type: "candidate", candidate: { candidate: "c" }, attempt: "a1" } },
			{ type: "signal", signal: { type: "renegotiate", attempt: "a1" } },
		];

		for (const frame of frames) {
			expect(await alice.accepts("bob", frame)).toBe(false);
			expect(await alice.accepts("bob", { ...(await bob.seal("alice", frame)), from: "bob", to: "alice", id: 3 })).toBe(
				true,
			);
		}
	});

	it("has candidates that travel together or alone: of a batch with a forged one the others are taken", async () => {
		const { alice, bob } = await aPair();
		const candidate = async (name: string) =>
			signalOf(await bob.seal("alice", { type: "signal", signal: { candidate: { candidate: name } } }));
		const signals = [await candidate("one"), { ...(await candidate("two")), candidate: { candidate: "three" } }, 7];

		const opened = await alice.open("bob", { type: "batched_signals", signals }, "server");

		expect(opened?.signals).toMatchObject([{ candidate: { candidate: "one" } }]);
	});
});

describe("a signal that was here", () => {
	it("is not taken again by any way, and is no fault", async () => {
		const { alice, bob } = await aPair();
		const offer = await bob.offers("alice");
		await alice.accepts("bob", offer);

		for (const way of ["server", "mesh"] as const) expect(await alice.accepts("bob", offer, way)).toBe(false);
		expect(alice.errors).toEqual([]);
	});

	it("is known among those that overtake it, and older ones than these count as known", async () => {
		const { alice, bob } = await aPair();
		const offers: RelayedFrame[] = [];
		for (let n = 0; n < REPLAY_WINDOW + 2; n++) offers.push(await bob.offers("alice"));
		const [oldest, second, ...rest] = offers as [RelayedFrame, RelayedFrame, ...RelayedFrame[]];
		let late = 0;
		for (const offer of rest.reverse()) {
			expect(await alice.accepts("bob", offer)).toBe(true);
			if (++late % 16 === 0) await alice.timers.advance(10_000);
		}
		await alice.timers.advance(10_000);

		expect(await alice.accepts("bob", second)).toBe(true);
		expect(await alice.accepts("bob", oldest)).toBe(false);
		for (const offer of rest) {
			await alice.timers.advance(1_000);
			expect(await alice.accepts("bob", offer)).toBe(false);
		}
	});

	it("is known of a peer with a link, however many others come", async () => {
		const { alice, bob } = await aPair();
		const offer = await bob.offers("alice");
		await alice.accepts("bob", offer);
		alice.links.add("bob");
		const other = await aPeer({ id: "x" });
		for (let n = 0; n < MAX_PINS + 5; n++) {
			if (n % 200 === 0) await alice.timers.advance(10_000);
			const stranger = await samePeer(other, { id: `stranger ${n}` });
			expect(await alice.accepts(`stranger ${n}`, await stranger.offers("alice"), "mesh")).toBe(true);
		}

		expect(alice.keyOf("stranger 0")).toBeUndefined();
		expect(await alice.accepts("bob", offer)).toBe(false);
	});
});

describe("a peer that the server has not named", () => {
	it("is known by its first key, through the mesh without a voucher, and by no other key then", async () => {
		const alice = await aPeer({ id: "alice" });
		const [bob, mallory] = await Promise.all([aPeer({ id: "bob" }), aPeer({ id: "bob" })]);

		expect(await alice.accepts("bob", await bob.offers("alice"), "mesh")).toBe(true);
		expect(alice.keyOf("bob")).toEqual({ key: bob.key, vouched: "mesh" });
		expect(await alice.accepts("bob", await mallory.offers("alice"), "mesh")).toBe(false);
		expect(await alice.accepts("bob", await bob.offers("alice"), "mesh")).toBe(true);
	});

	it("is vouched for once the server tells the same key", async () => {
		const alice = await aPeer({ id: "alice" });
		const bob = await aPeer({ id: "bob" });
		await alice.accepts("bob", await bob.offers("alice"), "mesh");

		alice.told.set("bob", bob.key);
		alice.named("bob");

		expect(alice.keyOf("bob")).toEqual({ key: bob.key, vouched: "server" });
		expect(alice.expelled).toEqual([]);
	});

	it.each([
		["another key", "f".repeat(40)],
		["no key", ""],
	])("loses its link once the server tells %s, and the application is told", async (_, told) => {
		const alice = await aPeer({ id: "alice" });
		const mallory = await aPeer({ id: "bob" });
		await alice.accepts("bob", await mallory.offers("alice"), "mesh");

		alice.told.set("bob", told);
		alice.named("bob");

		expect(alice.expelled).toEqual(["bob"]);
		expect(alice.errors).toEqual([
			"UNPROVEN A signal of bob was refused: the peer that the mesh knows by this id has another key.",
		]);
		expect(alice.keyOf("bob")).toBeUndefined();
		expect(await alice.accepts("bob", await mallory.offers("alice"), "mesh")).toBe(false);
	});

	it("gives way to the peer that signals by the server under that id", async () => {
		const alice = await aPeer({ id: "alice" });
		const [bob, mallory] = await Promise.all([aPeer({ id: "bob" }), aPeer({ id: "bob" })]);
		await alice.accepts("bob", await mallory.offers("alice"), "mesh");

		expect(await alice.accepts("bob", await bob.offers("alice"), "server")).toBe(true);

		expect(alice.expelled).toEqual(["bob"]);
		expect(alice.keyOf("bob")).toEqual({ key: bob.key, vouched: "server" });
	});
});

describe("a peer without a key", () => {
	it("is taken by the server, and never through the mesh", async () => {
		for (const told of ["", undefined]) {
			const alice = await aPeer({ id: "alice" });
			if (told !== undefined) alice.told.set("old", told);

			expect(await alice.accepts("old", anOffer())).toBe(true);
			expect(await alice.accepts("old", anOffer(), "mesh")).toBe(false);
			expect(alice.keyOf("old")).toBeUndefined();
		}
	});

	it("cannot be stood in for through the mesh", async () => {
		const alice = await aPeer({ id: "alice" });
		alice.told.set("old", "");
		const mallory = await aPeer({ id: "old" });

		expect(await alice.accepts("old", await mallory.offers("alice"), "mesh")).toBe(false);
	});

	it("cannot follow under an id that has shown a key, until the server says that it has none", async () => {
		const alice = await aPeer({ id: "alice" });
		const bob = await aPeer({ id: "bob" });
		await alice.accepts("bob", await bob.offers("alice"));
		expect(await alice.accepts("bob", anOffer())).toBe(false);

		alice.told.set("bob", "");
		alice.named("bob");

		expect(await alice.accepts("bob", anOffer())).toBe(true);
	});
});

describe("a page that was loaded anew, with another key", () => {
	it("is taken after the server was asked, if that had not told yet", async () => {
		const { alice, bob } = await aPair();
		await alice.accepts("bob", await bob.offers("alice"));
		const reloaded = await aPeer({ id: "bob" });
		alice.onEnquiry = () => void alice.told.set("bob", reloaded.key);

		expect(await alice.accepts("bob", await reloaded.offers("alice"))).toBe(true);

		expect(alice.enquired).toEqual(["bob"]);
		expect(alice.keyOf("bob")?.key).toBe(reloaded.key);
		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(false);
	});

	it("does not make us ask the server often, and the mesh not at all", async () => {
		const { alice } = await aPair();
		const mallory = await aPeer({ id: "bob" });
		for (let n = 0; n < 5; n++) await alice.accepts("bob", await mallory.offers("alice"));
		await alice.accepts("bob", await mallory.offers("alice"), "mesh");
		expect(alice.enquired).toEqual(["bob"]);

		for (let n = 0; n < 20; n++) {
			alice.told.set(`peer ${n}`, "f".repeat(40));
			const forger = await samePeer(mallory, { id: `peer ${n}` });
			await alice.accepts(`peer ${n}`, await forger.offers("alice"));
		}
		expect(alice.enquired).toHaveLength(MAX_ENQUIRIES);
	});
});

describe("an id that is the hash of a key", () => {
	it("is its owner's, whatever the server tells", async () => {
		const alice = await aPeer({ id: "alice" });
		const owner = await aPeer({ id: "key" });
		const impostor = await aPeer({ id: owner.id });
		expect(owner.id).toBe(owner.key);

		expect(await alice.accepts(owner.id, await owner.offers("alice"), "mesh")).toBe(true);
		expect(alice.keyOf(owner.id)).toEqual({ key: owner.id, vouched: "id" });

		alice.told.set(owner.id, impostor.key);
		alice.named(owner.id);
		expect(alice.expelled).toEqual([]);
		for (const way of ["server", "mesh"] as const) {
			expect(await alice.accepts(owner.id, await impostor.offers("alice"), way)).toBe(false);
			expect(await alice.accepts(owner.id, await owner.offers("alice"), way)).toBe(true);
		}
	});
});

describe("the application's verify", () => {
	it("sees the key and who vouches for it, and lets the peer in or not", async () => {
		const asked: object[] = [];
		const verify = async (peer: object) => asked.push(peer) > 1;
		const { alice, bob } = await aPair({ verify });

		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(false);
		expect(alice.expelled).toEqual(["bob"]);
		expect(alice.errors).toEqual(["UNPROVEN A signal of bob was refused: verify did not let it in."]);
		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(false);
		expect(asked).toEqual([{ peerId: "bob", key: bob.key, vouched: "server" }]);

		await alice.timers.advance(30_000);
		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(true);
		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(true);
		expect(asked).toHaveLength(2);
	});

	it("is asked again when the server vouches", async () => {
		const asked: unknown[] = [];
		const verify = ({ vouched }: { vouched?: unknown }) => asked.push(vouched) > 0;
		const alice = await aPeer({ id: "alice", verify });
		const bob = await aPeer({ id: "bob" });

		await alice.accepts("bob", await bob.offers("alice"), "mesh");
		alice.told.set("bob", bob.key);
		alice.named("bob");
		await alice.accepts("bob", await bob.offers("alice"), "mesh");

		expect(asked).toEqual(["mesh", "server"]);
	});

	it("that throws lets nobody in, and the error says so", async () => {
		const verify = () => {
			throw new Error("no list of keys");
		};
		const { alice, bob } = await aPair({ verify });

		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(false);
		expect(alice.errors).toHaveLength(1);
	});

	it("is asked about a peer without a key, too", async () => {
		const asked: object[] = [];
		const alice = await aPeer({ id: "alice", verify: (peer) => asked.push(peer) > 1 });

		expect(await alice.accepts("old", anOffer())).toBe(false);
		expect(asked).toEqual([{ peerId: "old" }]);
	});

	it("`key` lets in only peers whose id is the hash of their key", async () => {
		const alice = await aPeer({ id: "alice", verify: "key" });
		const [bob, owner] = await Promise.all([aPeer({ id: "bob" }), aPeer({ id: "key" })]);
		alice.told.set("bob", bob.key);

		expect(await alice.accepts("bob", await bob.offers("alice"))).toBe(false);
		expect(await alice.accepts("old", anOffer())).toBe(false);
		expect(await alice.accepts(owner.id, await owner.offers("alice"))).toBe(true);
	});
});

describe("a flood", () => {
	it("of forged signals makes no more than so many checks for one name, and leaves the server's way open", async () => {
		const { alice, bob } = await aPair();
		const forged = changed(await bob.offers("alice"), { sdp: "another" });
		for (let n = 0; n < MAX_CHECKS; n++) await alice.accepts("bob", forged, "mesh");

		expect(await alice.accepts("bob", await bob.offers("alice"), "mesh")).toBe(false);
		expect(await alice.accepts("bob", await bob.offers("alice"), "server")).toBe(true);
		await alice.timers.advance(10_000);
		expect(await alice.accepts("bob", await bob.offers("alice"), "mesh")).toBe(true);
	});

	it("under many names through the mesh is bounded, too", async () => {
		const { alice, bob } = await aPair();
		const forged = changed(await bob.offers("alice"), { sdp: "another" });
		for (let n = 0; n < MAX_MESH_CHECKS; n++) await alice.accepts(`name ${n}`, forged, "mesh");

		expect(await alice.accepts("bob", await bob.offers("alice"), "mesh")).toBe(false);
		expect(await alice.accepts("bob", await bob.offers("alice"), "server")).toBe(true);
	});

	it("of refused signals tells the application once in a while", async () => {
		const { alice } = await aPair();
		for (let n = 0; n < 20; n++) await alice.accepts("bob", anOffer());
		expect(alice.errors).toHaveLength(1);
	});
});

/** A peer with the same keys under another id or in another room. */
function samePeer({ keys }: TestPeer, options: { id: string; room?: string }): Promise<TestPeer> {
	return aPeer({ ...options, keys });
}
