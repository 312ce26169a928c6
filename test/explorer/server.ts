/**
 * The server of a run: the real core at several instances, over one store and one set of sockets. Every call of the store
 * and of the sender is two points at which another invocation may go on: before the call takes effect, and before its
 * caller hears of it.
 *
 * The memory of an instance is its caches. So each invocation gets a new core, over the caches of its
 * instance and over ports that know the invocation. No call has to find out which invocation made it.
 */
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type {
	Awaitable,
	Cache,
	Consistency,
	Crypto,
	Log,
	PeerSender,
	SignalingStore,
} from "../../lambda/core/ports.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { createSignaling, type Signaling } from "../../lambda/core/signaling.ts";
import type { Frame } from "../support/client.ts";
import { type Event, type Invocation, isWelcome, type Lease } from "./history.ts";
import type { Scheduler } from "./scheduler.ts";

const ROOM = "default";
const START = Date.UTC(2030, 0, 1);

/** The happenings of a run, as it grows. */
export interface Happenings {
	readonly events: Event[];
	readonly invocations: Invocation[];
	readonly internalErrors: string[];
	readonly leases: Map<string, Lease | undefined>;
	/** Whether a client has a socket. */
	readonly open: Map<string, boolean>;
	readonly resumeKeys: Map<string, string>;
}

export interface Server {
	/** Handles a frame of a client. */
	receive(by: Invocation, instance: number, text: string): Promise<void>;

	/** The socket of a client ends, from whichever side, and the gateway tells the function. */
	endSocket(client: string): void;

	pass(ms: number): void;

	/** From here on every read that may miss a recent write misses all that follow. */
	freezeEventualReads(): void;
	thawEventualReads(): void;
}

/** The hashes are the same in every run. */
const digests = new Map<string, string>();
const sha256 = (text: string): string => {
	let digest = digests.get(text);
	if (digest === undefined) digests.set(text, (digest = nodeCrypto.sha256(text)));
	return digest;
};

/** Gives "random" bytes that are the same in every run. */
function seededCrypto(): Crypto {
	let drawn = 0;
	return {
		...nodeCrypto,
		sha256,
		equal: (a, b) => a === b,
		random: (bytes) =>
			sha256(`draw ${++drawn}`)
				.slice(0, 2 * bytes)
				.padEnd(2 * bytes, "0"),
	};
}

const isRead = (call: string) => /^store\.(get|range)/.test(call);

/** Carries out one call of a port: `effect` is the call itself. */
type Through = (call: string, args: readonly unknown[], effect: () => Promise<unknown>) => Promise<unknown>;

/** The same port, with every call going through `through`. */
function watched<T extends object>(name: string, port: T, through: Through): T {
	const entries = Object.entries(port).map(([method, implementation]) => [
		method,
		(...args: unknown[]) => through(`${name}.${method}`, args, () => implementation.apply(port, args)),
	]);
	return Object.fromEntries(entries) as T;
}

export function createServer(happenings: Happenings, scheduler: Scheduler, settings: Settings): Server {
	const clock = { at: START, now: () => clock.at };
	const crypto = seededCrypto();
	const table = createTable(clock);
	const connectedAt = new Map<string, number>();
	/** The caches of each instance, in the order in which its core asks for them. */
	const instances = new Map<number | string, Cache<object>[]>();
	const log = logOf(happenings);

	const endSocket = (client: string) => {
		if (happenings.open.get(client) !== true) return;
		happenings.open.set(client, false);
		happenings.events.push({ kind: "closed", client });
		const name = `$disconnect of ${client}`;
		const invocation: Invocation = {
			name,
			does: "disconnect",
			client,
			sharesInstance: false,
			outcome: "running",
			hit: false,
		};
		happenings.invocations.push(invocation);
		void scheduler.start(invocation, () => coreFor(invocation, name).disconnect(client));
	};

	/** A core for one invocation at an instance. */
	const coreFor = (invocation: Invocation, instance: number | string): Signaling => {
		const caches = instances.get(instance) ?? [];
		instances.set(instance, caches);
		let asked = 0;
		const through: Through = async (call, args, effect) => {
			await scheduler.point(invocation, "effect", call, args);
			clock.at += 1;
			const result = await effect();
			if (call.startsWith("store.") && !isRead(call)) await noteLeases(happenings, table.store, crypto);
			await scheduler.point(invocation, "answer", call, args, result);
			return result;
		};
		return createSignaling({
			store: watched<SignalingStore>("store", table.store, through),
			sender: watched<PeerSender>("sender", senderOf(invocation, happenings, clock.now, endSocket), through),
			clock,
			crypto,
			log,
			settings,
			createCache: <V extends object>() => (caches[asked++] ??= new Map<string, object>()) as Cache<V>,
		});
	};

	return {
		async receive(by, instance, text) {
			const { client } = by;
			happenings.events.push({ kind: "received", by, now: clock.now() });
			if (!connectedAt.has(client)) connectedAt.set(client, clock.now());
			const connection = { id: client, connectedAt: connectedAt.get(client) ?? START };
			await coreFor(by, instance).receive(connection, text);
		},
		endSocket,
		pass: (ms) => void (clock.at += ms),
		freezeEventualReads: table.freeze,
		thawEventualReads: table.thaw,
	};
}

/** Notes which lease has changed. It looks at the table and not at the calls, so that the core may write as it likes. */
async function noteLeases({ leases, events }: Happenings, store: SignalingStore, crypto: Crypto): Promise<void> {
	for (const [peerId, before] of leases) {
		const record = await store.getPeer({ room: ROOM, peerId, key: routingKey(peerId, crypto) }, "strong");
		if (record?.connectionId === before?.client && record?.lastSeen === before?.at) continue;
		const after = record && { client: record.connectionId, at: record.lastSeen };
		leases.set(peerId, after);
		events.push({ kind: "held", peerId, ...(before && { before }), ...(after && { after }) });
	}
}

function senderOf(
	invocation: Invocation,
	{ open, events, resumeKeys }: Happenings,
	now: () => number,
	endSocket: Server["endSocket"],
): PeerSender {
	return {
		async post(to, text) {
			const frame: Frame = JSON.parse(text);
			const delivered = open.get(to) === true;
			if (delivered && isWelcome(frame)) resumeKeys.set(to, String(frame.resumeKey));
			events.push({ kind: "posted", by: invocation, to, frame, delivered, now: now() });
			return delivered ? "sent" : "gone";
		},
		close: async (client) => endSocket(client),
		isOpen: async (client) => open.get(client) === true,
	};
}

function logOf({ internalErrors }: Happenings): Log {
	const ignore = () => {};
	return {
		debug: ignore,
		info: ignore,
		warn: ignore,
		error: (event, _fields, cause) => {
			if (event === "internal_error") internalErrors.push(`${event}: ${(cause as Error | undefined)?.stack}`);
		},
	};
}

/** A table with eventual reads that can be frozen: they see it as it was at that moment. */
function createTable(clock: { now(): number }) {
	const now = memoryStore({ clock });
	const then = memoryStore({ clock });
	let copied = true;
	let frozen = false;

	const write =
		<A extends unknown[], R>(methodOf: (store: SignalingStore) => (...args: A) => Awaitable<R>) =>
		async (...args: A): Promise<R> => {
			if (copied) await methodOf(then)(...args);
			return methodOf(now)(...args);
		};
	const seenBy = (consistency: Consistency) => (frozen && consistency === "eventual" ? then : now);

	const store: SignalingStore = {
		getConnection: (id, consistency) => seenBy(consistency).getConnection(id, consistency),
		getPeer: (identity, consistency) => seenBy(consistency).getPeer(identity, consistency),
		range: (query) => seenBy(query.consistency).range(query),
		getGrant: (id) => now.getGrant(id),
		openConnection: write((to) => to.openConnection),
		confirmConnection: write((to) => to.confirmConnection),
		endConnection: write((to) => to.endConnection),
		deleteConnection: write((to) => to.deleteConnection),
		saveGrant: write((to) => to.saveGrant),
		countFrames: write((to) => to.countFrames),
		claimPeer: write((to) => to.claimPeer),
		releasePeer: write((to) => to.releasePeer),
	};
	return {
		store,
		freeze() {
			copied = false;
			frozen = true;
		},
		thaw: () => void (frozen = false),
	};
}
