/** The time and the memory of the operations in rooms of many sizes, on the handler that ships and the memory store. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { type MemoryPeerStore, memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { Log, PeerSender } from "../../lambda/core/ports.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import type { GatewayEvent } from "../../lambda/gateway-event.ts";
import { createHandler } from "../../lambda/handler.ts";

export const OPERATIONS = ["join", "signal", "find_peers", "leave"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface RoomFigures {
	readonly peers: number;
	/** Processor time of one operation, in µs: the least of the batches. */
	readonly micros: Readonly<Record<Operation, number>>;
	/** Heap per peer, its connection's record included, in bytes. */
	readonly bytesPerPeer: number;
}

/** Peers that come, signal, search and go in a batch. */
const BATCH = 500;
const BATCHES = 12;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const sender: PeerSender = { post: () => "sent", close: async () => {}, isOpen: async () => true };

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Peers whose memory is measured at a time, in as many rooms as that takes: of few peers, other memory would hide theirs. */
const WEIGHED = 50_000;

/** Garbage is collected until no more of it is found: the last reference to some goes with the first collection. */
async function heapUsed(): Promise<number> {
	let used = Number.POSITIVE_INFINITY;
	for (;;) {
		await new Promise((resolve) => setImmediate(resolve));
		collectGarbage();
		const { heapUsed: left } = process.memoryUsage();
		if (left > used * 0.999) return left;
		used = left;
	}
}

/** Fills rooms with joined peers. @returns their ids; the rooms take turns */
async function fill(store: MemoryPeerStore, rooms: number, peers: number): Promise<string[]> {
	const residents: string[] = [];
	const expiresAt = Math.ceil(Date.now() / 1000) + 7_500;
	for (let n = 0; n < peers * rooms; n++) {
		const peerId = nodeCrypto.random(20);
		const connectionId = `${n}=`;
		const identity = { room: `room ${n % rooms}`, peerId, key: peerId };
		await store.openConnection({ ...identity, connectionId, state: "joined", expiresAt });
		const resumeKey = nodeCrypto.random(16);
		await store.claimPeer({ ...identity, connectionId, resumeKey, lastSeen: Date.now(), expiresAt }, undefined);
		residents.push(peerId);
	}
	return residents;
}

async function weighPeer(peers: number): Promise<number> {
	const store = memoryStore({ clock: Date });
	const before = await heapUsed();
	const { length } = await fill(store, Math.ceil(WEIGHED / peers), peers);
	const bytes = (await heapUsed()) - before;
	store.forget(""); // the store is still there
	return bytes / length;
}

export async function measureRoom(peers: number): Promise<RoomFigures> {
	const bytesPerPeer = await weighPeer(peers);
	const store = memoryStore({ clock: Date });
	const handler = createHandler({
		store,
		sender,
		clock: Date,
		crypto: nodeCrypto,
		log: silent,
		// A join counts as 20 frames, as by default.
		settings: { ...DEFAULT_SETTINGS, clientRateLimit: 10_000, clientBurstLimit: 10_000, searchRateLimit: 500 },
		createCache: lruCache,
	});
	const send = (connectionId: string, frame: object) =>
		handler({
			requestContext: { eventType: "MESSAGE", routeKey: "$default", connectionId, connectedAt: Date.now() },
			body: JSON.stringify(frame),
		} satisfies GatewayEvent);

	// So many rooms of the size that the visitors of a batch are a tenth of the peers at most.
	const rooms = Math.ceil((10 * BATCH) / peers);
	const residents = await fill(store, rooms, peers);

	const micros = { join: Infinity, signal: Infinity, find_peers: Infinity, leave: Infinity };
	for (let batch = 0; batch < BATCHES; batch++) {
		const ids = Array.from({ length: BATCH }, () => nodeCrypto.random(20));
		const connection = (n: number) => `visitor ${batch} ${n}`;
		const time = async (operation: Operation, frame: (n: number) => object) => {
			const { user, system } = process.cpuUsage();
			for (let n = 0; n < BATCH; n++) await send(connection(n), frame(n));
			const used = process.cpuUsage();
			micros[operation] = Math.min(micros[operation], (used.user + used.system - user - system) / BATCH);
		};
		// A resident of the visitor's room, another one each time: residents and visitors take the rooms in turns.
		const resident = (n: number) => residents[(n + rooms * ((batch * 7919 + n * 31) % peers)) % residents.length];
		await time("join", (n) => ({ type: "join", room: `room ${n % rooms}`, peerId: ids[n] }));
		await time("signal", (n) => ({ type: "signal", to: resident(n % rooms), data: "x" }));
		await time("find_peers", () => ({ type: "find_peers" }));
		await time("leave", () => ({ type: "leave" }));
		for (let n = 0; n < BATCH; n++) store.forget(connection(n));
	}
	return { peers, micros, bytesPerPeer };
}
