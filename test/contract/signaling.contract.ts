/**
 * The conversation, over real sockets. It runs unchanged against every way of running the server: in memory, the built
 * bundle with its calls of AWS, and the deployed stack.
 */
import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_BYTES, RELAYED_TYPES } from "../../protocol/index.ts";
import { aHexId, aRoom, connect, type Frame, type Marks } from "../support/client.ts";
import { OWN_EXAMPLES } from "../support/frame-examples.ts";

export interface SignalingTarget {
	/** Where to connect, once it is up. */
	readonly url: () => string;
	/** Values that the clients add to their frames. */
	readonly marks?: Marks;
	/**
	 * What this target is known not to do as API Gateway does. Each is a fact about the target, not about the server.
	 * - `literal-pong`: a MOCK response template is returned as it stands, so the pong is not JSON
	 * - `keeps-binary`: a binary frame does not end the connection
	 * - `moving-connected-at`: an event says for when the connection was made when the event was made
	 * - `no-subprotocol`: the subprotocol that the function chose is not passed on to the client
	 * - `no-deep-json`: nested deeply, a frame ends the connection before it reaches the function
	 */
	readonly differs?: readonly (
		| "literal-pong"
		| "keeps-binary"
		| "moving-connected-at"
		| "no-subprotocol"
		| "no-deep-json"
	)[];
}

export function signalingContract(name: string, { url, marks, differs = [] }: SignalingTarget): void {
	describe(`signaling on ${name}`, () => {
		let room: string;
		const open = () => connect(url(), marks === undefined ? {} : { marks });
		/** Connects and joins this test's room. */
		const joined = async (peerId: string) => {
			const client = await open();
			await client.join(peerId, { room });
			return client;
		};
		const fresh = () => {
			room = aRoom();
		};
		const idsIn = (frame: Frame) => (frame.peers as { id: string }[]).map((peer) => peer.id);

		describe("join", () => {
			it("welcomes the first peer of a room with an empty list", async () => {
				fresh();
				const before = Date.now();
				const alice = await open();

				const welcome = await alice.join("alice", { room });

				expect(welcome).toMatchObject({ type: "bootstrap_peers", peers: [], room, peerId: "alice" });
				expect(welcome.resumeKey).toMatch(/^.{22,}$/);
				expect(welcome.reconnectBefore).toBeGreaterThan(before + 60 * 60_000);
				expect(welcome.reconnectBefore).toBeLessThan(Date.now() + 120 * 60_000);
				expect(welcome.reconnectIn).toBeGreaterThan(60 * 60_000);
				expect(welcome.reconnectIn).toBeLessThan(120 * 60_000);
			});

			it("introduces two peers to each other", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await open();
				const before = Date.now();

				const welcome = await bob.join("bob", { room });

				expect(idsIn(welcome)).toEqual(["alice"]);
				const [{ lastSeen }] = welcome.peers as [{ lastSeen: number }];
				expect(Math.abs(before - lastSeen)).toBeLessThan(60_000);
				expect(await alice.next()).toEqual({ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) });
			});

			it("tells the hash of a peer's key to everybody who hears of the peer", async () => {
				fresh();
				const identity = aHexId();
				const alice = await joined("alice");
				const bob = await open();
				await bob.join("bob", { room, identity });
				const carol = await open();

				const welcome = await carol.join("carol", { room });
				alice.send({ type: "find_peers", target: "bob", count: 1 });

				expect(await alice.next()).toMatchObject({ type: "peer_joined", peerId: "bob", identity });
				expect(await alice.nextOf("bootstrap_peers")).toMatchObject({ peers: [{ id: "bob", identity }] });
				const listed = welcome.peers as { id: string }[];
				expect(listed.find(({ id }) => id === "bob")).toMatchObject({ identity });
				expect(listed.find(({ id }) => id === "alice")).not.toHaveProperty("identity");
			});

			it("puts a peer that names no room into the room `default`", async () => {
				const id = aHexId();
				const client = await open();

				expect(await client.join(id)).toMatchObject({ type: "bootstrap_peers", room: "default", peerId: id });
				client.send({ type: "leave" });
				await client.closed();
			});

			it("keeps rooms apart", async () => {
				fresh();
				const alice = await joined("alice");
				const elsewhere = await open();

				const welcome = await elsewhere.join("bob", { room: aRoom() });
				elsewhere.send({ type: "signal", to: "alice" });

				expect(idsIn(welcome)).toEqual([]);
				expect(await elsewhere.next()).toMatchObject({ type: "error", code: "PEER_NOT_FOUND" });
				expect(await alice.unread()).toEqual([]);
			});

			it("lists the five nearest first, and never more than eight", async () => {
				fresh();
				const id = (digit: number) => `${digit.toString(16)}${"0".repeat(39)}`;
				const clients = [];
				for (let digit = 1; digit <= 11; digit++) clients.push(await joined(id(digit)));
				const newcomer = await open();

				const welcome = await newcomer.join(id(0), { room });

				expect(idsIn(welcome).slice(0, 5)).toEqual([1, 2, 3, 4, 5].map(id));
				expect(new Set(idsIn(welcome)).size).toBe(8);
				for (const [index, client] of clients.entries()) {
					const told = (await client.unread()).filter((frame) => frame.peerId === id(0));
					const listed = idsIn(welcome).includes(id(index + 1));
					expect(told).toEqual(listed ? [{ type: "peer_joined", peerId: id(0), room, at: expect.any(Number) }] : []);
				}
			});

			it("lists to a peer with a hexadecimal id only ids of that form, and announces it to the others as well", async () => {
				fresh();
				const hex = aHexId();
				const other = await joined("not hexadecimal");
				await joined(hex);

				const client = await open();
				const id = aHexId();
				const welcome = await client.join(id, { room });

				expect(idsIn(welcome)).toEqual([hex]);
				expect((await other.unread()).map((frame) => frame.peerId)).toEqual([hex, id]);
			});

			it("lets peers that join in the same moment see each other", async () => {
				fresh();
				const ids = ["a peer", "b peer", "c peer", "d peer"];
				const clients = await Promise.all(ids.map(open));

				const welcomes = await Promise.all(clients.map((client, i) => client.join(ids[i] as string, { room })));

				const seen = await Promise.all(
					clients.map(async (client, i) => [
						...idsIn(welcomes[i] as Frame),
						...(await client.unread()).map((frame) => frame.peerId as string),
					]),
				);
				for (const [i, id] of ids.entries()) {
					for (const [j, other] of ids.entries()) {
						// The one of them that read last saw the other: it was listed the other, and announced to it.
						if (i < j) expect(seen[i]?.includes(other) || seen[j]?.includes(id)).toBe(true);
					}
				}
			});

			it("answers a repeated join with the welcome again and no notices", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await open();
				const first = await bob.join("bob", { room });

				const second = await bob.join("bob", { room });

				// When the connection ends follows from when it was made.
				const moved = differs.includes("moving-connected-at") && { reconnectBefore: expect.any(Number) };
				expect(second).toEqual({ ...first, ...moved, reconnectIn: expect.any(Number) });
				// With a moving time of connection it is shorter by what this one event took, and the first event may be slower.
				if (!moved) expect(second.reconnectIn).toBeLessThanOrEqual(first.reconnectIn as number);
				expect(await alice.unread()).toEqual([{ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) }]);
			});

			it("refuses another identity on a connection that has joined", async () => {
				fresh();
				const alice = await joined("alice");

				expect(await alice.join("bob", { room })).toMatchObject({ code: "ALREADY_JOINED", requestType: "join" });
				expect(await alice.join("alice", { room: aRoom() })).toMatchObject({ code: "ALREADY_JOINED" });
			});

			it.each([
				["no peerId", {}, "peerId is required for join message."],
				["an empty peerId", { peerId: "" }, "peerId is required for join message."],
				["a peerId that is no string", { peerId: 7 }, "peerId must be a string; got 7."],
				["a long peerId", { peerId: "x".repeat(129) }, "peerId must have at most 128 characters; got 129."],
				["a peerId with a control character", { peerId: "a\nb" }, "peerId must not contain control characters."],
				["a room that is no string", { peerId: "alice", room: ["r"] }, "room must be a string; got array."],
			])("refuses %s", async (_case, fields, message) => {
				const client = await open();

				client.send({ type: "join", ...fields, id: 1 });

				expect(await client.next()).toEqual({
					type: "error",
					code: "BAD_REQUEST",
					message,
					retryable: false,
					requestType: "join",
					id: 1,
				});
			});
		});

		describe("own frames", () => {
			it.each(Object.entries(OWN_EXAMPLES))("answers %s", async (type, { fields, answer }) => {
				fresh();
				const client = type === "join" ? await open() : await joined("alice");

				client.send({ type, ...fields({ peerId: "alice", room }) });

				if (answer === undefined) await client.closed();
				else if (type === "ping" && differs.includes("literal-pong")) {
					expect(await client.nextText()).toContain(`"type":"${answer}"`);
				} else expect(await client.next()).toMatchObject({ type: answer });
			});
		});

		describe("relay", () => {
			it.each(RELAYED_TYPES)("passes on %s whole, and says whom it is from", async (type) => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				const frame = { type, to: "alice", id: "7", data: { sdp: "v=0\r\n", list: [1, null, "ü😀"] }, big: 1e21 };

				bob.send(frame);

				expect(await alice.nextOf(type)).toEqual({ ...frame, from: "bob" });
			});

			it("overwrites a `from` that the sender made up", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");

				bob.sendText('{"from":"mallory","type":"signal","to":"alice","\\u0066rom":"mallory","x":1}');

				expect(await alice.nextOf("signal")).toEqual({ type: "signal", to: "alice", x: 1, from: "bob" });
			});

			it("does not change what it does not understand", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");

				bob.sendText('{ "type":"signal", "to":"alice", "n":12345678901234567890, "e":"\\u00e9" }\n');

				expect(await alice.nextText()).toBe(
					'{ "type":"signal", "to":"alice", "n":12345678901234567890, "e":"\\u00e9" ,"from":"bob"}',
				);
			});

			it("delivers to oneself", async () => {
				fresh();
				const alice = await joined("alice");

				alice.send({ type: "signal", to: "alice", data: 1 });

				expect(await alice.next()).toEqual({ type: "signal", to: "alice", data: 1, from: "alice" });
			});

			it("delivers each of many signals once", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");

				for (let n = 0; n < 50; n++) bob.send({ type: "signal", to: "alice", n });
				const numbers = [];
				for (let n = 0; n < 50; n++) numbers.push((await alice.next()).n);

				expect(numbers.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 50 }, (_, n) => n));
				expect(await alice.unread()).toEqual([]);
			});

			it("says so where the target is nobody", async () => {
				fresh();
				const alice = await joined("alice");

				alice.send({ type: "offer", to: "nobody", id: "mark" });

				expect(await alice.next()).toEqual({
					type: "error",
					code: "PEER_NOT_FOUND",
					message: "Peer nobody not found.",
					retryable: false,
					requestType: "offer",
					to: "nobody",
					id: "mark",
				});
			});

			it("says so where the target has gone", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");

				bob.close();
				expect(await alice.next()).toEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
				alice.send({ type: "signal", to: "bob" });

				expect(await alice.next()).toMatchObject({ code: "PEER_NOT_FOUND", message: "Peer bob not found." });
			});

			it("refuses a frame without a target", async () => {
				fresh();
				const alice = await joined("alice");

				alice.send({ type: "signal", data: 1 });
				alice.send({ type: "signal", to: 5 });

				expect(await alice.next()).toMatchObject({ code: "BAD_REQUEST", requestType: "signal" });
				expect(await alice.next()).toMatchObject({ code: "BAD_REQUEST", requestType: "signal" });
			});

			it("refuses a frame of a connection that never joined", async () => {
				const stranger = await open();

				stranger.send({ type: "signal", to: "alice" });

				expect(await stranger.next()).toMatchObject({ code: "NOT_JOINED", retryable: false, to: "alice" });
			});
		});

		describe("find_peers", () => {
			it("lists the peers nearest to a target", async () => {
				fresh();
				const id = (digit: number) => `${digit.toString(16)}${"0".repeat(39)}`;
				for (let digit = 2; digit <= 12; digit++) await joined(id(digit));
				const asker = await joined(id(1));

				asker.send({ type: "find_peers", target: id(12), count: 3 });

				const reply = await asker.next();
				expect(reply).toMatchObject({ type: "bootstrap_peers", room, peerId: id(1), target: id(12) });
				expect(idsIn(reply)).toEqual([12, 8, 9].map(id));
			});

			it("lists what a newcomer would be told where nothing is asked for", async () => {
				fresh();
				await joined("bob");
				const alice = await joined("alice");

				alice.send({ type: "find_peers" });

				expect(idsIn(await alice.next())).toEqual(["bob"]);
			});

			it("refuses a count that makes no sense", async () => {
				fresh();
				const alice = await joined("alice");

				alice.send({ type: "find_peers", count: 1000 });

				expect(await alice.next()).toMatchObject({
					code: "BAD_REQUEST",
					message: "count must be a whole number from 1 to 32; got 1000.",
				});
			});
		});

		describe("leaving", () => {
			it("tells the neighbours once, and closes the socket of the one that left", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");

				bob.send({ type: "leave" });

				expect(await bob.closed()).toBe(1000);
				expect(await alice.next()).toEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
				expect(await alice.unread()).toEqual([]);
			});

			it("tells the neighbours where a socket is cut", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");

				bob.cut();

				expect(await alice.next()).toEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
			});

			it("makes the id free", async () => {
				fresh();
				const alice = await joined("alice");
				const bob = await joined("bob");
				await alice.nextOf("peer_joined");
				bob.send({ type: "leave" });
				await alice.nextOf("peer_left");

				await joined("bob");

				expect(await alice.next()).toEqual({ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) });
			});
		});

		describe("one id, two connections", () => {
			it("lets the newer client have the id, and closes the older one", async () => {
				fresh();
				const alice = await joined("alice");
				const older = await joined("bob");
				await alice.nextOf("peer_joined");

				const newer = await open();
				expect(await newer.join("bob", { room })).toMatchObject({ type: "bootstrap_peers", peerId: "bob" });

				expect(await older.nextOf("error")).toMatchObject({
					code: "PEER_ID_TAKEN",
					message: "Another client joined with your ID.",
				});
				await older.closed();
				alice.send({ type: "signal", to: "bob", data: 1 });
				expect(await newer.nextOf("signal")).toMatchObject({ from: "alice", data: 1 });
				expect(await alice.unread()).toEqual([{ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) }]);
			});

			it("moves the id without a word to the others where the client knows its key", async () => {
				fresh();
				const alice = await joined("alice");
				const older = await open();
				const { resumeKey } = await older.join("bob", { room });
				await alice.nextOf("peer_joined");

				const newer = await open();
				const welcome = await newer.join("bob", { room, resumeKey });

				expect(welcome).toMatchObject({ type: "bootstrap_peers", peerId: "bob" });
				expect(welcome.resumeKey).not.toBe(resumeKey);
				expect(await older.nextOf("go_away")).toMatchObject({ reconnectWithin: expect.any(Number) });
				await older.closed();
				alice.send({ type: "signal", to: "bob", data: 1 });
				expect(await newer.nextOf("signal")).toMatchObject({ from: "alice", data: 1 });
				expect(await alice.unread()).toEqual([]);
			});

			it("takes a wrong key for another client", async () => {
				fresh();
				const older = await joined("bob");

				const newer = await open();
				await newer.join("bob", { room, resumeKey: "wrong" });

				expect(await older.nextOf("error")).toMatchObject({ code: "PEER_ID_TAKEN" });
			});
		});

		describe("bad input", () => {
			it.each([
				["no JSON", "hello", { code: "BAD_JSON", message: "Invalid JSON message format." }],
				["an empty frame", " ", { code: "BAD_JSON" }],
				["an array", "[1]", { code: "UNKNOWN_TYPE", message: "Unknown message type: undefined" }],
				["null", "null", { code: "UNKNOWN_TYPE", message: "Unknown message type: undefined" }],
				["no type", "{}", { code: "UNKNOWN_TYPE", message: "Unknown message type: undefined" }],
				["an unknown type", '{"type":"nonsense"}', { code: "UNKNOWN_TYPE", message: "Unknown message type: nonsense" }],
				["a type that is no string", '{"type":{"toString":1}}', { code: "UNKNOWN_TYPE" }],
				["a type of the gateway's own", '{"type":"$connect"}', { code: "UNKNOWN_TYPE" }],
				["a large frame", JSON.stringify({ type: "x".repeat(MAX_MESSAGE_BYTES) }), { code: "TOO_LARGE" }],
			])("answers %s by an error, and goes on", async (_case, text, error) => {
				const client = await open();

				client.sendText(text);

				expect(await client.next()).toMatchObject({ type: "error", retryable: false, ...error });
				expect(await client.unread()).toEqual([]);
			});

			it.skipIf(differs.includes("no-deep-json"))("answers deep nesting by an error, and goes on", async () => {
				const client = await open();

				client.sendText(`{"type":"x","a":${"[".repeat(9000)}${"]".repeat(9000)}}`);

				expect(await client.next()).toMatchObject({ type: "error", retryable: false, code: "UNKNOWN_TYPE" });
				expect(await client.unread()).toEqual([]);
			});

			it.skipIf(differs.includes("keeps-binary"))("ends a connection that sends a binary frame", async () => {
				const client = await open();

				client.sendBinary(new Uint8Array([1, 2, 3]));

				expect(await client.closed()).toBe(1003);
			});
		});

		it("answers a ping", async () => {
			const client = await open();

			client.send({ type: "ping", timestamp: 1 });

			if (differs.includes("literal-pong")) {
				expect(await client.nextText()).toBe('{"type":"pong","timestamp":$context.requestTimeEpoch}');
			} else {
				const pong = await client.next();
				expect(pong).toEqual({ type: "pong", timestamp: expect.any(Number) });
				expect(Math.abs((pong.timestamp as number) - Date.now())).toBeLessThan(60_000);
			}
		});

		it.skipIf(differs.includes("no-subprotocol"))(
			"chooses a subprotocol that is offered, as browsers require",
			async () => {
				const client = await connect(url(), { subprotocols: ["p2pmesh", "other"] });

				expect(client.subprotocol).toBe("p2pmesh");
			},
		);
	});
}
