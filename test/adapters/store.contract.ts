/** The duties of ports.ts, for every implementation. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Clock, SignalingStore } from "../../lambda/core/ports.ts";
import { FIRST_POSITION, LAST_POSITION, positionOf, startOf } from "../../lambda/core/routing-key.ts";
import { aClock, aConnection, aPeer } from "../support/records.ts";

export function storeContract(name: string, makeStore: (clock: Clock) => SignalingStore): void {
	describe(`peer store: ${name}`, () => {
		const clock = aClock();
		let store: SignalingStore;
		/** Everything in these names, so that tests can share a table. */
		let room: string;
		let connectionId: string;

		beforeEach(() => {
			store = makeStore(clock);
			room = randomBytes(6).toString("hex");
			connectionId = `${randomBytes(6).toString("hex")}=`;
		});

		const inSeconds = (seconds: number) => clock.now() / 1000 + seconds;

		describe("connections", () => {
			it("knows nothing of a connection that was not opened", async () => {
				expect(await store.getConnection(connectionId, "eventual")).toBeUndefined();
			});

			it("keeps the record of a connection", async () => {
				const record = aConnection({ connectionId, room });

				expect(await store.openConnection(record)).toBe(true);

				expect(await store.getConnection(connectionId, "strong")).toEqual(record);
			});

			it("keeps the first record of a connection that is opened twice", async () => {
				const record = aConnection({ connectionId, room, peerId: "first" });
				await store.openConnection(record);

				expect(await store.openConnection(aConnection({ connectionId, room, peerId: "second" }))).toBe(false);

				expect(await store.getConnection(connectionId, "strong")).toEqual(record);
			});

			it("confirms a connection that is joining, and no other", async () => {
				await store.openConnection(aConnection({ connectionId }));

				await store.confirmConnection(connectionId);
				expect(await store.getConnection(connectionId, "strong")).toMatchObject({ state: "joined" });

				await store.endConnection(connectionId, "barred");
				await store.confirmConnection(connectionId);
				expect(await store.getConnection(connectionId, "strong")).toMatchObject({ state: "barred" });

				await store.endConnection(connectionId, "left");
				expect(await store.getConnection(connectionId, "strong")).toMatchObject({ state: "left" });
			});

			it("neither confirms nor ends a connection that it does not know", async () => {
				await store.confirmConnection(connectionId);
				await store.endConnection(connectionId, "left");

				expect(await store.getConnection(connectionId, "strong")).toBeUndefined();
			});

			it("forgets a connection, also twice", async () => {
				await store.openConnection(aConnection({ connectionId }));

				await store.deleteConnection(connectionId);
				await store.deleteConnection(connectionId);

				expect(await store.getConnection(connectionId, "strong")).toBeUndefined();
				expect(await store.openConnection(aConnection({ connectionId }))).toBe(true);
			});

			it("takes an expired record for none", async () => {
				await store.openConnection(aConnection({ connectionId, peerId: "old", expiresAt: inSeconds(0) }));

				expect(await store.getConnection(connectionId, "strong")).toBeUndefined();
				expect(await store.openConnection(aConnection({ connectionId, peerId: "new" }))).toBe(true);
			});
		});

		describe("grants", () => {
			it("keeps what a connection may join beside what it is", async () => {
				const grant = { peerId: "alice", subject: "user 7", rooms: ["lobby", "team-*"], until: inSeconds(60) };
				await store.saveGrant({ ...grant, connectionId, expiresAt: inSeconds(60) });
				const { until: authorizedUntil, subject } = grant;
				await store.openConnection(aConnection({ connectionId, authorizedUntil, subject }));

				expect(await store.getGrant(connectionId)).toMatchObject(grant);
				expect(await store.getConnection(connectionId, "strong")).toMatchObject({ authorizedUntil, subject });
			});

			it("tells a token without a subject from one whose subject is the peer id", async () => {
				await store.openConnection(aConnection({ connectionId, subject: "" }));
				await store.openConnection(aConnection({ connectionId: `${connectionId}2` }));

				expect(await store.getConnection(connectionId, "strong")).toMatchObject({ subject: "" });
				expect(await store.getConnection(`${connectionId}2`, "strong")).not.toHaveProperty("subject");
			});

			it("tells no rooms from all rooms", async () => {
				await store.saveGrant({ rooms: [], until: inSeconds(60), connectionId, expiresAt: inSeconds(60) });
				expect(await store.getGrant(connectionId)).toMatchObject({ rooms: [] });

				await store.saveGrant({ until: inSeconds(60), connectionId, expiresAt: inSeconds(60) });
				expect(await store.getGrant(connectionId)).not.toHaveProperty("rooms");
			});

			it("takes an expired one for none", async () => {
				await store.saveGrant({ until: inSeconds(60), connectionId, expiresAt: inSeconds(0) });

				expect(await store.getGrant(connectionId)).toBeUndefined();
			});
		});

		describe("counts", () => {
			it("add up, whoever adds, for each window by itself", async () => {
				const add = (window: number, frames: number) => store.countFrames(connectionId, window, frames, inSeconds(60));

				const sums = await Promise.all([add(1, 50), add(1, 50), add(1, 50)]);
				expect(sums.sort((a, b) => a - b)).toEqual([50, 100, 150]);
				expect(await add(2, 7)).toBe(7);
				expect(await store.getConnection(connectionId, "strong")).toBeUndefined();
			});
		});

		describe("leases", () => {
			it("gives a free id to the first who asks", async () => {
				const peer = aPeer({ room, replaces: "old", resumed: true, identity: "0f".repeat(20) });

				expect(await store.claimPeer(peer, undefined)).toBe(true);

				expect(await store.getPeer(peer, "eventual")).toEqual(peer);
			});

			it("does not give an id that is held to one who thinks it is free", async () => {
				const peer = aPeer({ room });
				await store.claimPeer(peer, undefined);

				expect(await store.claimPeer({ ...peer, connectionId: "other" }, undefined)).toBe(false);

				expect(await store.getPeer(peer, "strong")).toEqual(peer);
			});

			it("moves an id to one who knows its holder", async () => {
				const peer = aPeer({ room });
				await store.claimPeer(peer, undefined);
				const newer = { ...peer, connectionId: "newer" };

				expect(await store.claimPeer(newer, "somebody else")).toBe(false);
				expect(await store.claimPeer(newer, peer.connectionId)).toBe(true);

				expect(await store.getPeer(peer, "strong")).toEqual(newer);
			});

			it("gives an id to one of several who ask in the same moment", async () => {
				const peers = Array.from({ length: 8 }, (_, n) => aPeer({ room, connectionId: `c${n}` }));

				const won = await Promise.all(peers.map((peer) => store.claimPeer(peer, undefined)));

				expect(won.filter(Boolean)).toHaveLength(1);
				expect(await store.getPeer(peers[0] ?? aPeer(), "strong")).toEqual(peers[won.indexOf(true)]);
			});

			it("removes a lease that is over for who held it, once", async () => {
				const expired = aPeer({ room, expiresAt: inSeconds(0) });
				await store.claimPeer(expired, undefined);

				expect(await store.releasePeer(expired, "another connection")).toBeUndefined();
				expect(await store.releasePeer(expired, expired.connectionId)).toEqual(expired);
				expect(await store.releasePeer(expired, expired.connectionId)).toBeUndefined();
			});

			it("gives an id whose lease is over to the next who asks, and to nobody who thinks it is held", async () => {
				const expired = aPeer({ room, connectionId: "old", expiresAt: inSeconds(0) });
				await store.claimPeer(expired, undefined);
				const next = aPeer({ room, connectionId: "new" });

				expect(await store.getPeer(expired, "strong")).toBeUndefined();
				expect(await store.claimPeer(next, "old")).toBe(false);
				expect(await store.claimPeer(next, undefined)).toBe(true);
			});

			it("keeps equal ids of different rooms apart", async () => {
				const here = aPeer({ room, connectionId: "here" });
				const there = aPeer({ room: `${room} there`, connectionId: "there" });

				expect(await store.claimPeer(here, undefined)).toBe(true);
				expect(await store.claimPeer(there, undefined)).toBe(true);
				expect(await store.getPeer(here, "strong")).toEqual(here);
			});

			it("keeps ids that share a routing key apart", async () => {
				const lower = aPeer({ room, peerId: "ab".repeat(20) });
				const upper = aPeer({ room, peerId: "AB".repeat(20) });
				expect(lower.key).toBe(upper.key);

				await store.claimPeer(lower, undefined);
				await store.claimPeer(upper, undefined);

				expect(await store.getPeer(lower, "strong")).toEqual(lower);
				expect(await store.getPeer(upper, "strong")).toEqual(upper);
			});

			it.each(["😀#~ id", "#", "connection", "\uffff".repeat(128)])("keeps the id %s as it is", async (peerId) => {
				const peer = aPeer({ room, peerId });
				await store.claimPeer(peer, undefined);

				expect(await store.getPeer(peer, "strong")).toEqual(peer);
			});

			it("releases an id for its holder, once", async () => {
				const peer = aPeer({ room });
				await store.claimPeer(peer, undefined);

				const released = await Promise.all([1, 2, 3].map(() => store.releasePeer(peer, peer.connectionId)));

				expect(released.filter(Boolean)).toHaveLength(1);
				expect(await store.getPeer(peer, "strong")).toBeUndefined();
			});

			it("does not release an id for a connection that held it before", async () => {
				const peer = aPeer({ room });
				await store.claimPeer(peer, undefined);
				await store.claimPeer({ ...peer, connectionId: "newer" }, peer.connectionId);

				expect(await store.releasePeer(peer, peer.connectionId)).toBeUndefined();

				expect(await store.getPeer(peer, "strong")).toMatchObject({ connectionId: "newer" });
			});
		});

		describe("ranges", () => {
			const key = (digit: number) => digit.toString(16).repeat(40);
			const consistency = "strong";
			const everything = { from: FIRST_POSITION, to: LAST_POSITION, consistency } as const;
			const ids = (peers: readonly { peerId: string }[]) => peers.map((peer) => peer.peerId);

			beforeEach(async () => {
				for (const digit of [3, 0, 0xf, 7, 9]) {
					await store.claimPeer(aPeer({ room, peerId: key(digit) }), undefined);
				}
			});

			it("reads a room in the order of its keys", async () => {
				const up = await store.range({ room, ...everything, direction: "ascending", limit: 10 });
				const down = await store.range({ room, ...everything, direction: "descending", limit: 10 });

				expect(ids(up.peers)).toEqual([0, 3, 7, 9, 0xf].map(key));
				expect(ids(down.peers)).toEqual([0xf, 9, 7, 3, 0].map(key));
				expect(up.stoppedAt).toBeUndefined();
				expect(down.stoppedAt).toBeUndefined();
			});

			it("reads from either end of a range, both ends included", async () => {
				const from = positionOf(aPeer({ peerId: key(3) }));
				const to = positionOf(aPeer({ peerId: key(9) }));

				const up = await store.range({ room, from, to, consistency, direction: "ascending", limit: 2 });
				const down = await store.range({ room, from, to, consistency, direction: "descending", limit: 2 });

				expect(ids(up.peers)).toEqual([3, 7].map(key));
				expect(up.stoppedAt).toBe(positionOf(aPeer({ peerId: key(7) })));
				expect(ids(down.peers)).toEqual([9, 7].map(key));
				expect(down.stoppedAt).toBe(positionOf(aPeer({ peerId: key(7) })));
			});

			it("starts at a key with the first id that has it", async () => {
				const found = await store.range({
					room,
					...everything,
					from: startOf(key(7)),
					direction: "ascending",
					limit: 1,
				});

				expect(ids(found.peers)).toEqual([key(7)]);
			});

			it("does not show expired leases, and says how far it looked", async () => {
				const expired = aPeer({ room, peerId: key(1), expiresAt: inSeconds(0) });
				await store.claimPeer(expired, undefined);
				const from = startOf(key(1));

				const found = await store.range({ room, ...everything, from, direction: "ascending", limit: 1 });

				expect(found.peers).toEqual([]);
				expect(found.stoppedAt).toBe(positionOf(expired));
			});

			it("finds nothing in a room that nobody joined", async () => {
				const found = await store.range({
					...everything,
					room: `${room} empty`,
					direction: "ascending",
					limit: 5,
				});

				expect(found).toEqual({ peers: [] });
			});
		});
	});
}
