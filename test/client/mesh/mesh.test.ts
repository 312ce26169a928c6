import { describe, expect, it, vi } from "vitest";
import { MeshError } from "../../../client/errors.ts";
import { ASK_MAX_MS, CHECK_MS, COOLDOWN_MS, DRAIN_MS, PATIENCE_MS, PROBE_ANSWER_MS } from "../../../client/limits.ts";
import { withSignal } from "../../../client/with-signal.ts";
import { aMeshUnderTest, type MeshUnderTest } from "../support/mesh-session.ts";

// Our id is m: a to l have smaller ones, n to z larger ones.
const called = ({ sent }: MeshUnderTest) =>
	sent.filter(({ frame }) => (frame.signal as { type?: string })?.type === "offer").map(({ to }) => to);
const rejections = ({ sent }: MeshUnderTest) => sent.filter(({ frame }) => frame.type === "connection_rejected");

describe("the caller", () => {
	it("is the one with the smaller id, of a newcomer and a peer that was there", async () => {
		const under = aMeshUnderTest();
		await under.join("a", "z");
		expect(called(under)).toEqual(["z"]);

		under.emit("peerJoined", "b");
		under.emit("peerJoined", "y");
		expect(called(under)).toEqual(["z", "y"]);
	});

	it("is the other after a while, if that one does not and the link is needed", async () => {
		const under = aMeshUnderTest();
		await under.join("a");
		await under.timers.advance(2 * PATIENCE_MS);
		expect(called(under)).toEqual(["a"]);
	});

	it("is this one, at once, if the newcomer may not have been told of it: its id has p2pmesh's form, and ours has not", async () => {
		const newcomer = "0".repeat(40);
		const under = aMeshUnderTest();
		await under.join();
		under.emit("peerJoined", newcomer);
		expect(called(under)).toEqual([newcomer]);

		const alike = aMeshUnderTest({ peerId: "f".repeat(40) });
		await alike.join();
		alike.emit("peerJoined", newcomer);
		expect(called(alike)).toEqual([]);
	});

	it("is the other if a peer of p2pmesh insists on calling", async () => {
		const under = aMeshUnderTest();
		await under.join("a");
		await under.timers.advance(2 * PATIENCE_MS);
		under.emit("frame", "a", { type: "signal_rejected", correctInitiator: "a" });
		expect(under.mesh.links()).toEqual([]);

		await under.offer("a");
		expect(under.mesh.peers).toEqual(["a"]);
	});

	it("is this one if a peer of p2pmesh asks for it", async () => {
		const under = aMeshUnderTest();
		await under.join();
		under.emit("frame", "z", { type: "connect_request" });
		expect(called(under)).toEqual(["z"]);
	});

	it("calls no peer twice, nor itself", async () => {
		const under = aMeshUnderTest();
		await under.join("z", "m", "z");
		under.emit("peerJoined", "z");
		expect(called(under)).toEqual(["z"]);
	});

	it("does not call again on a resume, of which no peer was told", async () => {
		const under = aMeshUnderTest();
		await under.join();
		under.emit("welcome", { peers: [{ id: "z", lastSeen: 0 }] }, true);
		expect(called(under)).toEqual([]);
	});
});

describe("a peer with few links", () => {
	it("asks for others: first around itself, then elsewhere, ever more rarely", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.timers.advance(10 * ASK_MAX_MS);
		expect(under.asked[0]).toBe("m");
		expect(new Set(under.asked).size).toBe(under.asked.length);
		expect(under.asked.length).toBeGreaterThan(10);
		expect(under.asked.length).toBeLessThan(25);
	});

	it("calls those that it is told of", async () => {
		const under = aMeshUnderTest();
		under.listed = ["a", "z"];
		await under.join();
		await under.timers.advance(2 * CHECK_MS);
		expect(new Set(called(under))).toEqual(new Set(["a", "z"]));
	});

	it("leaves alone for a while, and longer each time, a peer that refused", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		under.emit("frame", "z", { type: "connection_rejected", alternativePeers: [] });
		expect(under.mesh.links()).toEqual([]);
		await under.timers.advance(COOLDOWN_MS / 2);
		expect(called(under)).toEqual(["z"]);

		while (called(under).length === 1) await under.timers.advance(1_000);
		under.emit("frame", "z", { type: "connection_rejected", alternativePeers: [] });
		await under.timers.advance(COOLDOWN_MS * 1.4);
		expect(called(under)).toEqual(["z", "z"]);
	});

	it("calls a peer that the one that refused names instead", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		under.emit("frame", "z", { type: "connection_rejected", alternativePeers: ["b", 7, null, "", "x".repeat(500)] });
		await vi.waitFor(() => expect(called(under)).toEqual(["z", "b"]));
	});

	it("takes no refusal from a peer that it did not call", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("z");
		under.emit("frame", "z", { type: "connection_rejected", alternativePeers: ["b"] });
		under.emit("frame", "y", { type: "connection_rejected", alternativePeers: ["c"] });
		expect(called(under)).toEqual([]);
		expect(under.mesh.peers).toEqual(["z"]);
	});

	it("forgets a peer that the server does not know", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		under.emit("undelivered", "z", new MeshError("PEER_NOT_FOUND", "Peer z not found."));
		await under.timers.advance(4 * COOLDOWN_MS);
		expect(called(under)).toEqual(["z"]);
		expect(under.mesh.links()).toEqual([]);
	});
});

describe("a full peer", () => {
	const full = async () => {
		const under = aMeshUnderTest();
		await under.join();
		for (const peer of ["a", "b", "c"]) await under.offer(peer);
		expect(under.mesh.peers).toEqual(["a", "b", "c"]);
		return under;
	};

	it("refuses a caller that needs it not, and names its neighbours", async () => {
		const under = await full();
		await under.offer("d", { island: "m", links: 5, attempt: "of d" });
		expect(under.mesh.peers).toEqual(["a", "b", "c"]);
		expect(rejections(under)).toEqual([
			{
				to: "d",
				frame: {
					type: "connection_rejected",
					reason: "max_peers_reached",
					maxPeers: 3,
					alternativePeers: expect.arrayContaining(["a", "b", "c"]),
					attempt: "of d",
				},
			},
		]);
	});

	it("lets a newcomer in beyond its limit if that is large, and two at most, but no peer with a link", async () => {
		const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
		const under = aMeshUnderTest({ maxPeers: ids.length });
		await under.join();
		for (const id of ids) await under.offer(id, { island: "m", links: 1 });
		await under.offer("i", { island: "m", links: 1 });
		expect(under.mesh.peers).toEqual(ids);
		for (const id of ["j", "k", "l"]) await under.offer(id, { island: id, links: 0 });
		expect(under.mesh.peers).toEqual([...ids, "j", "k"]);
	});

	it("does not let a link go that its island may need, whoever calls", async () => {
		const under = await full();
		await under.offer("d", { island: "d", links: 0 });
		expect(under.mesh.peers).toEqual(["a", "b", "c"]);
	});

	/** A full peer on the island of a, which could do without its links to b and c. */
	const fullWithSpareLinks = async () => {
		const under = await full();
		const seq = under.timers.now() + 1;
		const beacon = { k: "beacon", root: "a", seq, age: 0, links: 3 };
		for (const peer of ["a", "b", "c"]) under.say(peer, { ...beacon, parent: "a" });
		return under;
	};

	it.each([
		{ caller: "a caller from another island", island: "d", links: 5 },
		{ caller: "one that has fewer links than the neighbour that loses one", island: "a", links: 1 },
	])("makes place for $caller, by a link that its island can do without", async ({ island, links }) => {
		const under = await fullWithSpareLinks();
		await under.offer("d", { island, links });
		expect(rejections(under)).toEqual([]);
		expect(under.mesh.peers).toHaveLength(3);
		expect(under.mesh.peers).toEqual(expect.arrayContaining(["a", "d"]));
	});

	it("makes no place for a caller of its own island that has links enough", async () => {
		const under = await fullWithSpareLinks();
		await under.offer("d", { island: "a", links: 2 });
		expect(under.mesh.peers).toEqual(["a", "b", "c"]);
	});

	it("calls no newcomer", async () => {
		const under = await full();
		under.emit("peerJoined", "z");
		await under.timers.advance(5 * CHECK_MS);
		expect(called(under)).toEqual([]);
	});
});

describe("events", () => {
	it("name each peer that the server names, once", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		under.emit("peerJoined", "z");
		under.emit("peerJoined", "a");
		expect(under.events.filter(([name]) => name === "peer:discovered")).toEqual([
			["peer:discovered", "z"],
			["peer:discovered", "a"],
		]);
	});

	const joinedFirst = ["peerJoined", 100] as const;
	const left = ["peerLeft", 100] as const;
	const joinedAgain = ["peerJoined", 200] as const;

	it.each([
		{ notices: [joinedFirst, left, joinedAgain], told: ["discovered", "gone", "discovered"] },
		{ notices: [joinedFirst, joinedAgain, left], told: ["discovered"] },
		{ notices: [left, joinedFirst, joinedAgain], told: ["discovered"] },
		{ notices: [left, joinedAgain, joinedFirst], told: ["discovered"] },
		{ notices: [joinedAgain, left, joinedFirst], told: ["discovered"] },
		{ notices: [joinedAgain, joinedFirst, left], told: ["discovered"] },
		{ notices: [joinedFirst, joinedFirst, left, left, joinedAgain], told: ["discovered", "gone", "discovered"] },
		{ notices: [joinedFirst, left, joinedFirst, left], told: ["discovered", "gone"] },
	])("drop a notice that is older than the news about that peer: $notices", async ({ notices, told }) => {
		const under = aMeshUnderTest();
		await under.join();
		for (const [name, at] of notices) under.emit(name, "z", at);
		const names = under.events.map(([name]) => String(name)).filter((name) => name.startsWith("peer:"));
		expect(names).toEqual(told.map((name) => `peer:${name}`));
		expect(under.mesh.links()).toHaveLength(told.at(-1) === "discovered" ? 1 : 0);
	});

	it("drop a listing that is older than the news that the peer left", async () => {
		const under = aMeshUnderTest();
		await under.join();
		under.emit("peerLeft", "z", 100);
		under.emit("welcome", { peers: [{ id: "z", lastSeen: 100 }] }, false);
		expect(called(under)).toEqual([]);
		under.emit("welcome", { peers: [{ id: "z", lastSeen: 101 }] }, false);
		expect(called(under)).toEqual(["z"]);
	});

	it("handle notices without a time as they come", async () => {
		const under = aMeshUnderTest();
		await under.join();
		for (const name of ["peerJoined", "peerLeft", "peerJoined"] as const) under.emit(name, "z");
		expect(under.events.map(([name]) => name).filter((name) => name !== "state")).toEqual([
			"peer:discovered",
			"peer:gone",
			"peer:discovered",
		]);
	});

	it("take peer_left for a hint while the link is open", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		under.emit("peerLeft", "a");
		expect(under.mesh.peers).toEqual(["a"]);
		expect(under.events).not.toContainEqual(["peer:gone", "a"]);
	});

	it("say that a peer is gone that left before, once its link ends", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		under.emit("peerLeft", "a");
		under.hangUp("a");
		await under.timers.advance(10);
		expect(under.events.slice(-2)).toEqual([
			["peer:disconnect", "a"],
			["peer:gone", "a"],
		]);
	});

	it("say so at once if its path broke and the server does not know it any more", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		const notFound = new MeshError("PEER_NOT_FOUND", "Peer a not found.");
		under.emit("undelivered", "a", notFound); // of a late candidate
		expect(under.mesh.peers).toEqual(["a"]);

		under.emit("peerLeft", "a");
		under.emit("undelivered", "a", notFound); // of a restart
		expect(under.mesh.peers).toEqual([]);
		expect(under.events.at(-1)).toEqual(["peer:gone", "a"]);
	});

	it("say so soon if the server does not know it and its link does not answer, so that no signal follows in vain", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		under.emit("undelivered", "a", new MeshError("PEER_NOT_FOUND", "Peer a not found.")); // of a restart
		await under.timers.advance(PROBE_ANSWER_MS);
		expect(under.mesh.links()).toEqual([]);
		expect(under.events.at(-1)).toEqual(["peer:gone", "a"]);
	});

	it("keep a link that answers, although the server does not know its peer", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		under.emit("undelivered", "a", new MeshError("PEER_NOT_FOUND", "Peer a not found.")); // of a late candidate
		const { i } = under.heardBy("a").at(-1) as { i: string };
		under.say("a", { i: "answer", f: "a", t: "m", h: 1, a: i });
		await under.timers.advance(PROBE_ANSWER_MS);
		expect(under.mesh.peers).toEqual(["a"]);
	});

	it("say that a peer is gone if it left before a link opened", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		under.emit("peerLeft", "z");
		expect(under.mesh.links()).toEqual([]);
		expect(under.events.at(-1)).toEqual(["peer:gone", "z"]);
	});

	it("report a link that did not come about, and nothing breaks without a listener", async () => {
		const under = aMeshUnderTest();
		await under.join("z");
		await under.timers.advance(20_000);
		expect(under.events.filter(([name]) => name === "error")).toEqual([
			["error", expect.objectContaining({ code: "LINK_FAILED", peerId: "z" })],
		]);
	});

	it("pass on what signaling reports", async () => {
		const under = aMeshUnderTest();
		await under.join();
		const error = new MeshError("GATEWAY", "Too Many Requests");
		const traffic: unknown[] = [];
		under.mesh.on("signaling", (entry) => traffic.push(entry));
		under.emit("error", error);
		under.emit("traffic", "out", { type: "ping" });
		expect(under.events.at(-1)).toEqual(["error", error]);
		expect(traffic).toEqual([{ direction: "out", frame: { type: "ping" } }]);
	});
});

describe("a linked peer that the server announces again", () => {
	const linked = async (peer: string) => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer(peer);
		under.emit("peerJoined", peer, 100);
		under.emit("peerJoined", peer, 200);
		return under;
	};

	it("is called at once if its link does not answer: its program has started again", async () => {
		const under = await linked("z");
		const before = called(under).length;
		await under.timers.advance(PROBE_ANSWER_MS);
		expect(called(under).slice(before)).toEqual(["z"]);
	});

	it("keeps its link if that answers: it only lost its connection to the server", async () => {
		const under = await linked("z");
		const { i } = under.heardBy("z").at(-1) as { i: string };
		under.say("z", { i: "answer", f: "z", t: "m", h: 1, a: i });
		await under.timers.advance(PROBE_ANSWER_MS);
		expect(under.mesh.peers).toEqual(["z"]);
	});

	it("is not left alone when its older link ends", async () => {
		const under = await linked("z");
		const before = called(under).length;
		under.hangUp("z");
		expect(called(under).slice(before)).toEqual(["z"]);
	});

	it("is let in when it calls", async () => {
		const under = await linked("a");
		await under.offer("a", { attempt: "of the new program" });
		await under.timers.advance(2 * PROBE_ANSWER_MS);
		expect(under.mesh.peers).toEqual(["a"]);
	});
});

describe("ICE servers", () => {
	const given = [{ urls: "stun:given.example" }];
	const served = [{ urls: "stun:served.example" }];

	it("are those of the newest welcome", async () => {
		const under = aMeshUnderTest();
		await under.join("y");
		under.emit("welcome", { peers: [], iceServers: served }, true);
		under.emit("peerJoined", "z");
		expect(under.iceServers).toEqual([[], served]);
	});

	it("are those of the options instead, if there are any", async () => {
		const under = aMeshUnderTest({ iceServers: given });
		await under.join();
		under.emit("welcome", { peers: [], iceServers: served }, true);
		under.emit("peerJoined", "z");
		expect(under.iceServers).toEqual([given]);
	});
});

describe("join and leave", () => {
	it("reject and stop with what the server refuses with", async () => {
		const under = aMeshUnderTest();
		const joined = under.mesh.join().catch((error) => error.code);
		under.settleJoin(new MeshError("UNAUTHORIZED", "No."));
		expect(await joined).toBe("UNAUTHORIZED");
	});

	it("leave closes the links, once", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		await Promise.all([under.mesh.leave(), under.mesh.leave()]);
		await under.mesh.leave();
		expect(under.mesh.links()).toEqual([]);
		expect(under.events.filter(([name]) => name === "peer:disconnect")).toHaveLength(1);
		expect(under.events.filter(([name]) => name === "state").at(-1)).toEqual(["state", "left"]);
	});

	it("leave lets no one in any more, and sets no timer", async () => {
		const under = aMeshUnderTest();
		await under.join("a", "z");
		await under.mesh.leave();
		expect(under.timers.pending()).toBe(0);
		await under.offer("b");
		under.emit("peerJoined", "y");
		expect(under.mesh.links()).toEqual([]);
		expect(under.timers.pending()).toBe(0);
	});

	it("joins again after it has left, as often as it is told to", async () => {
		const under = aMeshUnderTest();
		for (let times = 0; times < 3; times++) {
			await under.join();
			await under.offer("a");
			expect(await under.mesh.broadcast(times)).toBe(1);
			under.mesh.close();
			expect([under.mesh.state, under.mesh.peers]).toEqual(["left", []]);
		}
	});

	it("leave keeps a link open until its neighbour has everything, and then sets no timer", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		await under.offer("b");
		await under.mesh.send("a", "last words");
		const leaving = under.mesh.leave();
		expect([under.mesh.state, under.mesh.peers]).toEqual(["left", ["a"]]);

		const { i } = under.heardBy("a").at(-1) as { i: string };
		expect(under.heardBy("a").at(-1)).toMatchObject({ t: "a", p: 1 });
		under.say("a", { i: "answer", f: "a", t: "m", h: 1, a: i });
		await leaving;
		expect(under.mesh.peers).toEqual([]);
		await under.timers.advance(10); // the frames that were under way arrive
		expect(under.timers.pending()).toBe(0);
	});

	it("leave does not wait for a neighbour that does not answer, and close for none", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		await under.mesh.send("a", "last words");
		const leaving = under.mesh.leave();
		await under.timers.advance(DRAIN_MS);
		await leaving;
		expect(under.mesh.peers).toEqual([]);

		await under.join();
		await under.offer("b");
		await under.mesh.send("b", "last words");
		under.mesh.close();
		expect(under.mesh.peers).toEqual([]);
		await under.timers.advance(10);
		expect(under.timers.pending()).toBe(0);
	});

	it("closes the links if the server ends it", async () => {
		const under = aMeshUnderTest();
		await under.join();
		await under.offer("a");
		under.emit("state", "left");
		expect(under.mesh.links()).toEqual([]);
	});

	it("join rejects with ABORTED if the signal says so before or meanwhile", async () => {
		const before = withSignal(aMeshUnderTest().mesh, AbortSignal.abort());
		await expect(before.join()).rejects.toMatchObject({ code: "ABORTED" });

		const controller = new AbortController();
		const under = aMeshUnderTest();
		withSignal(under.mesh, controller.signal);
		const joined = under.mesh.join().catch((error) => error.code);
		controller.abort();
		under.settleJoin(new MeshError("CLOSED", "The session has ended."));
		expect(await joined).toBe("ABORTED");
		expect(under.mesh.state).toBe("left");
	});

	it("a signal that lives on holds no mesh that has left", async () => {
		const { signal } = new AbortController();
		const held = new Set<unknown>();
		const { addEventListener: add, removeEventListener: remove } = signal;
		signal.addEventListener = (type: string, listener: never) => {
			held.add(listener);
			add.call(signal, type, listener);
		};
		signal.removeEventListener = (type: string, listener: never) => {
			held.delete(listener);
			remove.call(signal, type, listener);
		};
		const under = aMeshUnderTest();
		withSignal(under.mesh, signal);
		await under.join();
		expect(held.size).toBe(1);
		await under.mesh.leave();
		expect(held.size).toBe(0);
	});

	it("join and ready wait for as many links as they are told to", async () => {
		const under = aMeshUnderTest();
		let ready = false;
		const joined = under.mesh.join({ links: 1 }).then(() => {
			ready = true;
		});
		under.settleJoin();
		await under.timers.settle();
		expect(ready).toBe(false);
		await under.offer("a");
		await joined;

		await under.mesh.ready();
		const two = under.mesh.ready({ links: 2 });
		await under.offer("b");
		await two;
		const three = under.mesh.ready({ links: 3 }).catch((error) => error.code);
		under.mesh.close();
		expect(await three).toBe("CLOSED");
	});

	it("the signal leaves a mesh that is joined", async () => {
		const controller = new AbortController();
		const under = aMeshUnderTest();
		withSignal(under.mesh, controller.signal);
		await under.join();
		controller.abort();
		expect(under.mesh.state).toBe("left");
	});
});

describe("send and broadcast", () => {
	it("reject with a code, and are no unhandled rejection if ignored", async () => {
		const under = aMeshUnderTest();
		await under.join();
		const codeOf = (promise: Promise<unknown>) => promise.catch((error) => error.code);
		const circle: unknown[] = [];
		circle.push(circle);

		expect(await codeOf(under.mesh.send("a", 1))).toBe("NO_ROUTE");
		expect(await codeOf(under.mesh.send("m", 1))).toBe("NO_ROUTE");
		expect(await codeOf(under.mesh.send("a", undefined))).toBe("BAD_REQUEST");
		expect(await codeOf(under.mesh.broadcast(circle))).toBe("BAD_REQUEST");
		expect(await codeOf(under.mesh.broadcast(new Uint8Array(2 ** 20 + 1)))).toBe("TOO_LARGE");
		await under.mesh.leave();
		expect(await codeOf(under.mesh.send("a", 1))).toBe("CLOSED");
		expect(await codeOf(under.mesh.broadcast(1))).toBe("CLOSED");
		void under.mesh.send("a", 1);
	});

	it("broadcast resolves with the number of links, also without any", async () => {
		const under = aMeshUnderTest();
		await under.join();
		expect(await under.mesh.broadcast("hello?")).toBe(0);
		await under.offer("a");
		await under.offer("b");
		expect(await under.mesh.broadcast("hello!")).toBe(2);
	});
});
