/** What all clients of one address, or of one token's subject, may do together. */
import { describe, expect, it } from "vitest";
import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { DAY_MS, REPORTED_BY_SOURCE, REPORTED_FRAMES_BY_SOURCE, SOURCE_WINDOW_MS } from "../../lambda/core/limits.ts";
import type { TokenVerifier } from "../../lambda/core/ports.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../lambda/core/settings.ts";
import { createSignaling } from "../../lambda/core/signaling.ts";
import { createSourceLimits, networkOf } from "../../lambda/core/source-limits.ts";
import { aHexId } from "../support/client.ts";
import { someDependencies, someLog, someSettings } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";
import { aWorld, failing, type World } from "../support/world.ts";

const { sourceRateLimit, sourceBurstLimit, clientBurstLimit, nearestPeers } = DEFAULT_SETTINGS;
const OFFICE = "198.51.100.7";
const HOME = "203.0.113.9";
const framesPerJoin = DEFAULT_SETTINGS.clientRateLimit / DEFAULT_SETTINGS.searchRateLimit;

const connect = (world: World, instance = world.anInstance(), address = OFFICE) =>
	instance.connect(world.connection(world.open(address)), {});

/** Connects and joins. @returns whether the peer got its welcome */
async function arrive(world: World, instance: ReturnType<World["anInstance"]>, address = OFFICE): Promise<boolean> {
	const id = world.open(address);
	if ((await instance.connect(world.connection(id), {})) !== "accepted") return false;
	await world.send(id, { type: "join", peerId: aHexId(), room: address }, instance);
	return world.take(id).some((frame) => frame.type === "bootstrap_peers");
}

describe("the limits of an address", () => {
	it("let an office of 200 peers join within 10 s, twice", async () => {
		const world = aWorld();
		const instances = [world.anInstance(), world.anInstance(), world.anInstance()];

		for (let round = 0; round < 2; round++) {
			for (let n = 0; n < 200; n++) {
				world.clock.forward(50);
				expect(await arrive(world, instances[n % 3] as (typeof instances)[number])).toBe(true);
			}
		}
	});

	it.each([1, 5, 20])("bound the joins of a client that reconnects, on %i instances", async (count) => {
		const world = aWorld();
		const instances = Array.from({ length: count }, () => world.anInstance());

		// 200 a second for a minute: all that the stage lets through.
		let joined = 0;
		for (let n = 0; n < 12_000; n++) {
			world.clock.forward(5);
			if (await arrive(world, instances[n % count] as (typeof instances)[number])) joined += 1;
		}

		expect(joined).toBeLessThanOrEqual(sourceBurstLimit + 60 * sourceRateLimit + count * REPORTED_BY_SOURCE);
		expect(await arrive(world, world.anInstance(), HOME)).toBe(true);
	});

	it("come back by the rate, and not before", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		for (let n = 0; n < sourceBurstLimit; n++) expect(await connect(world, instance)).toBe("accepted");

		expect(await connect(world, instance)).toBe("limited");
		world.clock.forward(1_000 / sourceRateLimit);
		expect(await connect(world, instance)).toBe("accepted");
		expect(await connect(world, instance)).toBe("limited");
	});

	it("bound the frames of many connections, close those that go on, and leave other addresses alone", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		const burst = sourceBurstLimit * framesPerJoin;
		let answered = 0;
		for (let n = 0; n < burst / clientBurstLimit + 10; n++) {
			const id = world.open(OFFICE);
			for (let k = 0; k < clientBurstLimit; k++) await world.send(id, { type: "signal", to: "bob" }, instance);
			answered += world.take(id).length;
		}

		// The burst, those that were told to wait for up to 10 s, and a last word for each connection that was closed.
		expect(answered).toBeLessThanOrEqual(burst + 10 * sourceRateLimit * framesPerJoin + 10);
		const late = world.open(OFFICE);
		await world.send(late, { type: "signal", to: "bob" }, instance);
		expect(world.take(late)).toMatchObject([{ code: "RATE_LIMITED", retryAfter: 10_000 }]);
		expect(world.isOpen(late)).toBe(false);
		expect(await arrive(world, instance, HOME)).toBe(true);
	});

	it("cost no call for a client that is alone, and one for many", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		const counts = async (arrivals: number) => {
			world.takeCalls();
			for (let n = 0; n < arrivals; n++) await arrive(world, instance);
			return world.takeCalls().filter((call) => call === "store.countFrames").length;
		};

		expect(await counts(REPORTED_BY_SOURCE - 1)).toBe(0);
		expect(await counts(1)).toBe(2); // the connects, and the joins
		expect(await counts(REPORTED_BY_SOURCE - 1)).toBe(0);

		const id = world.open(HOME);
		world.takeCalls();
		for (let n = 1; n < REPORTED_FRAMES_BY_SOURCE; n++) {
			world.clock.forward(50);
			await world.send(id, { type: "signal", to: "bob" }, instance);
		}
		const ofConnection = Math.floor((REPORTED_FRAMES_BY_SOURCE - 1) / 50);
		expect(world.takeCalls().filter((call) => call === "store.countFrames")).toHaveLength(ofConnection);
	});

	it("hold in each instance if they cannot be counted together", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		world.fault = failing("store.countFrames");

		const verdicts = [];
		for (let n = 0; n < sourceBurstLimit + 1; n++) verdicts.push(await connect(world, instance));

		expect(verdicts.filter((verdict) => verdict === "accepted")).toHaveLength(sourceBurstLimit);
	});

	it("are off with a rate of 0", async () => {
		const world = aWorld({ sourceRateLimit: 0 });
		const instance = world.anInstance();

		for (let n = 0; n < sourceBurstLimit + 1; n++) expect(await connect(world, instance)).toBe("accepted");
	});

	it("lose nothing if the clock is set back", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		world.clock.forward(7_200_000); // the clock stays in the same day
		for (let n = 0; n < sourceBurstLimit; n++) await connect(world, instance);

		world.clock.forward(-3_600_000);

		expect(await connect(world, instance)).toBe("limited");
		world.clock.forward(1_000 / sourceRateLimit);
		expect(await connect(world, instance)).toBe("accepted");
	});

	it("write no address, neither into the table nor into the log, and another name each day", async () => {
		const world = aWorld();
		const written: string[] = [];
		world.fault = (call, args) => {
			if (call === "store.countFrames") written.push(JSON.stringify(args));
		};
		const instance = world.anInstance();

		for (let n = 0; n < REPORTED_BY_SOURCE; n++) await connect(world, instance);
		world.clock.forward(86_400_000);
		for (let n = 0; n < REPORTED_BY_SOURCE; n++) await connect(world, instance);

		expect(written).toHaveLength(2);
		expect(new Set(written.map((args) => JSON.parse(args)[0])).size).toBe(2);
		expect(written.join() + JSON.stringify(world.log.lines)).not.toContain(OFFICE);
	});

	it("give a client that searches much a shorter list", async () => {
		const world = aWorld();
		const instance = world.anInstance();
		for (let n = 0; n < 40; n++) await world.join(aHexId(), { room: "big" }, instance);
		const spy = await world.join(aHexId(), { room: "big" }, instance);
		world.clock.forward(60_000);
		const lengths = [];
		for (let n = 0; n < 15; n++) {
			await world.send(spy, { type: "find_peers", target: aHexId(), count: 32 }, instance);
			const [reply] = world.take(spy);
			lengths.push(Array.isArray(reply?.peers) ? reply.peers.length : -1);
		}

		expect(lengths.slice(0, 10)).toEqual(Array(10).fill(32));
		expect(lengths.slice(10)).toEqual(Array(5).fill(nearestPeers));
	});
});

describe("the limits of a token's subject", () => {
	/** Takes a token for its subject, or for its claims. */
	const tokens: TokenVerifier = {
		verify: async (token) => ({
			ok: true,
			claims: { rooms: ["default"], exp: 4e9, ...(token.startsWith("{") ? JSON.parse(token) : { sub: token }) },
		}),
	};
	const aServer = (settings: Partial<Settings> = {}) => {
		const clock = aClock();
		const frames: unknown[] = [];
		const store = memoryStore({ clock });
		const anInstance = () =>
			createSignaling({
				store,
				sender: {
					post: (_id, text) => {
						frames.push(JSON.parse(text));
						return "sent";
					},
					close: async () => {},
					isOpen: async () => true,
				},
				clock,
				crypto: nodeCrypto,
				log: someLog(),
				settings: someSettings(settings),
				tokens,
				createCache: lruCache,
			});
		let n = 0;
		// Every connection comes from another address.
		const connection = () => ({ id: `c${n}=`, connectedAt: clock.now(), address: `192.0.${n >> 8}.${n++ & 255}` });
		return { signaling: anInstance(), anInstance, store, frames, connection };
	};

	it("bound the connects with one subject's tokens, whatever addresses they come from", async () => {
		const { signaling, connection } = aServer();

		const verdicts = [];
		for (let n = 0; n < sourceBurstLimit + 5; n++) {
			verdicts.push(await signaling.connect(connection(), { token: "mallory" }));
		}

		expect(verdicts.slice(sourceBurstLimit)).toEqual(Array(5).fill("limited"));
		expect(await signaling.connect(connection(), { token: "alice" })).toBe("accepted");
	});

	it("bound the joins with one subject's tokens, and say when to go on", async () => {
		const { signaling, frames, connection } = aServer({ sourceBurstLimit: 3 });

		for (let n = 0; n < 4; n++) {
			await signaling.receive(connection(), JSON.stringify({ type: "join", peerId: "mallory", token: "mallory" }));
		}

		expect(frames.at(-1)).toMatchObject({ code: "RATE_LIMITED", retryAfter: 1_000 / sourceRateLimit });
	});

	it("bound the searches of a peer whose id is its subject", async () => {
		const { signaling, frames, connection } = aServer({ sourceBurstLimit: 3 });
		const one = connection();
		await signaling.receive(one, JSON.stringify({ type: "join", peerId: "mallory", token: "mallory" }));

		for (let n = 0; n < 4; n++) {
			await signaling.receive({ ...one, address: `192.0.2.${n}` }, JSON.stringify({ type: "find_peers" }));
		}

		expect(frames.slice(-4)).toMatchObject([{}, {}, {}, { code: "RATE_LIMITED" }]);
	});

	/** Joins as two peers with one token and searches as both, on an instance that knows them from the table alone. */
	async function searchAsTwo(settings: Partial<Settings>, claims: object, atConnect: boolean) {
		const { signaling, anInstance, store, frames, connection } = aServer({ sourceBurstLimit: 3, ...settings });
		const records = [];
		const peers = [];
		for (const peerId of ["one", "two"]) {
			const peer = connection();
			const token = JSON.stringify({ peer: peerId, ...claims });
			if (atConnect) await signaling.connect(peer, { token });
			await signaling.receive(peer, JSON.stringify({ type: "join", peerId, ...(!atConnect && { token }) }));
			peers.push(peer);
			records.push(await store.getConnection(peer.id, "strong"));
		}
		frames.length = 0;
		const other = anInstance();
		for (let n = 0; n < 2; n++) {
			for (const peer of peers) await other.receive(peer, JSON.stringify({ type: "find_peers" }));
		}
		return { records, refused: frames.map((frame) => (frame as { code?: string }).code === "RATE_LIMITED") };
	}

	it.each([
		["the id is another claim, and the token comes with the join", "peer", false],
		["the id is another claim, and the token came with the connect", "peer", true],
		["the client chooses the id, and the token comes with the join", "", false],
		["the client chooses the id, and the token came with the connect", "", true],
	])("bound the searches of all peers of a subject if %s", async (_, authPeerIdClaim, atConnect) => {
		const { records, refused } = await searchAsTwo({ authPeerIdClaim }, { sub: "mallory" }, atConnect);

		expect(records).toMatchObject([{ subject: "mallory" }, { subject: "mallory" }]);
		expect(refused).toEqual([false, false, false, true]);
	});

	it("write no subject that the peer id says", async () => {
		const { records, refused } = await searchAsTwo({ authPeerIdClaim: "" }, { sub: "one" }, false);

		expect(records[0]).not.toHaveProperty("subject");
		expect(records[1]).toMatchObject({ subject: "one" });
		expect(refused).toEqual([false, false, false, true]);
	});

	it("do not charge a user for a peer that chose its id and has a token without a subject", async () => {
		const { anInstance, frames, connection } = aServer({ sourceBurstLimit: 3, authClaimsRequired: false });
		const instance = anInstance();
		const search = async (token: string) => {
			const peer = connection();
			await instance.receive(peer, JSON.stringify({ type: "join", peerId: "alice", token }));
			frames.length = 0;
			for (let n = 0; n < 2; n++) await instance.receive(peer, JSON.stringify({ type: "find_peers" }));
			return frames;
		};

		await search("{}");

		for (const frame of await search("alice")) expect(frame).toMatchObject({ type: "bootstrap_peers" });
	});
});

describe("networkOf", () => {
	it.each([
		["198.51.100.7", "198.51.100.7"],
		["::ffff:198.51.100.7", "198.51.100.7"],
		["2001:db8:1:2ff::1", "2001:0db8:0001:02"],
		["2001:DB8:1:200:a:b:c:d", "2001:0db8:0001:02"],
		["2001:db8::1", "2001:0db8:0000:00"],
		["127.0.0.1", undefined],
		["::ffff:127.0.0.1", undefined],
		["::1", undefined],
		["", undefined],
	])("takes %s for %s", (address, network) => {
		expect(networkOf(address)).toBe(network);
	});
});

it("the windows of a source are long enough to hold its burst back", () => {
	expect((SOURCE_WINDOW_MS / 1000) * sourceRateLimit).toBeGreaterThan(sourceBurstLimit);
});

describe("the name of a source", () => {
	const namesMade = () => {
		const clock = aClock();
		let hashes = 0;
		const sources = createSourceLimits({
			...someDependencies({ post: () => "sent", close: async () => {}, isOpen: async () => true }),
			clock,
			crypto: {
				...nodeCrypto,
				hmacSha1(key, text) {
					hashes += 1;
					return nodeCrypto.hmacSha1(key, text);
				},
			},
		});
		return { clock, sources, hashes: () => hashes };
	};

	it("is made once for all frames of an address", () => {
		const { sources, hashes } = namesMade();

		const names = new Set(Array.from({ length: 100 }, () => sources.ofAddress(OFFICE)));

		expect(names.size).toBe(1);
		expect(hashes()).toBe(1);
	});

	it("is another one the next day", () => {
		const { clock, sources } = namesMade();
		const today = sources.ofAddress(OFFICE);

		clock.forward(DAY_MS);

		expect(sources.ofAddress(OFFICE)).not.toBe(today);
	});
});
