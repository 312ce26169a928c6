import { randomBytes } from "node:crypto";
import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { ClientConnection } from "../../lambda/core/connection.ts";
import { type Clock, DependencyError, type PeerSender, type SignalingStore } from "../../lambda/core/ports.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { createSignaling, type Signaling } from "../../lambda/core/signaling.ts";
import type { Frame } from "./client.ts";
import { someMetrics } from "./counting.ts";
import { someLog, someSettings } from "./defaults.ts";
import { aClock } from "./records.ts";

/** Everything outside the core, in memory, with every call recorded and open to faults. */
export interface World {
	readonly clock: ReturnType<typeof aClock>;
	readonly store: SignalingStore;
	readonly log: ReturnType<typeof someLog>;
	/** What all instances count. */
	readonly metrics: ReturnType<typeof someMetrics>;
	/** Calls of the store and the sender since they were last taken, e.g. `store.getPeer`, `sender.post`. */
	takeCalls(): string[];
	/** A further function instance: it shares the store and the sockets, and remembers nothing. */
	anInstance(): Signaling;
	/** Opens a socket. */
	open(address?: string): string;
	/** The connection of a socket, as an event describes it. */
	connection(connectionId: string): ClientConnection;
	/** Ends a socket, without a `$disconnect`: no instance is told. */
	end(connectionId: string): void;
	isOpen(connectionId: string): boolean;
	/** The frames that arrived at a socket since they were last taken. */
	take(connectionId: string): Frame[];
	/** Sends a frame through an instance. */
	send(connectionId: string, frame: unknown, instance?: Signaling): Promise<void>;
	/** Opens a socket, joins and takes the welcome. */
	join(peerId: string, fields?: Record<string, unknown>, instance?: Signaling): Promise<string>;
	/**
	 * Runs before every call. If it throws or rejects, the call fails with that error; if it gives `lose answer`, the call
	 * takes effect and fails all the same.
	 */
	fault: Fault;
}

export type Fault = (call: string, args: readonly unknown[]) => Verdict | Promise<Verdict>;
// biome-ignore lint/suspicious/noConfusingVoidType: a fault that says nothing lets the call through
type Verdict = void | "lose answer";

/** The failure of a dependency that a fault stands for. */
export function injected(call: string): DependencyError {
	return new DependencyError(call, { cause: new Error("injected") });
}

/** A fault for `World.fault`: every call of these names fails as a dependency does. */
export function failing(...names: string[]): Fault {
	return (call) => {
		if (names.includes(call)) throw injected(call);
	};
}

export const noFault: Fault = () => {};

export function aWorld(
	settings: Partial<Settings> = {},
	makeStore: (clock: Clock) => SignalingStore = (clock) => memoryStore({ clock }),
): World {
	const clock = aClock();
	const log = someLog();
	const metrics = someMetrics();
	const sockets = new Map<
		string,
		{ open: boolean; frames: Frame[]; connectedAt: number; address: string | undefined }
	>();
	const name = randomBytes(4).toString("hex"); // worlds may share a table
	let calls: string[] = [];
	let connectionCount = 0;

	const watched = <T extends object>(name: string, target: T): T =>
		new Proxy(target, {
			get(object, property, receiver) {
				const value: unknown = Reflect.get(object, property, receiver);
				if (typeof value !== "function") return value;
				return async (...args: unknown[]) => {
					const call = `${name}.${String(property)}`;
					calls.push(call);
					// No two leases have one time: a join of an id takes longer than the clock's step.
					if (call === "store.claimPeer") clock.forward(1);
					const verdict = await world.fault(call, args);
					const result: unknown = await value.apply(object, args);
					if (verdict === "lose answer") throw injected(call);
					return result;
				};
			},
		});

	const sender: PeerSender = {
		async post(connectionId, text) {
			const socket = sockets.get(connectionId);
			if (!socket?.open) return "gone";
			socket.frames.push(JSON.parse(text));
			return "sent";
		},
		async close(connectionId) {
			world.end(connectionId);
		},
		async isOpen(connectionId) {
			return world.isOpen(connectionId);
		},
	};
	const store = makeStore(clock);
	const watchedStore = watched("store", store);
	const watchedSender = watched("sender", sender);

	const world: World = {
		clock,
		store,
		log,
		metrics,
		fault: noFault,
		takeCalls() {
			const taken = calls;
			calls = [];
			return taken;
		},
		anInstance: () =>
			createSignaling({
				store: watchedStore,
				sender: watchedSender,
				clock,
				crypto: nodeCrypto,
				log,
				metrics,
				settings: someSettings(settings),
				sourceKey: name,
				createCache: lruCache,
			}),
		open(address) {
			connectionCount += 1;
			const connectionId = `${name}-${connectionCount}=`;
			sockets.set(connectionId, { open: true, frames: [], connectedAt: clock.now(), address });
			return connectionId;
		},
		connection(id) {
			const { connectedAt = clock.now(), address } = sockets.get(id) ?? {};
			return { id, connectedAt, address };
		},
		end(connectionId) {
			const socket = sockets.get(connectionId);
			if (socket) socket.open = false;
		},
		isOpen: (connectionId) => sockets.get(connectionId)?.open === true,
		take: (connectionId) => sockets.get(connectionId)?.frames.splice(0) ?? [],
		send: (connectionId, frame, instance = first) =>
			instance.receive(world.connection(connectionId), JSON.stringify(frame)),
		async join(peerId, fields = {}, instance = first) {
			const connectionId = world.open();
			await world.send(connectionId, { type: "join", peerId, ...fields }, instance);
			world.take(connectionId);
			return connectionId;
		},
	};
	const first = world.anInstance();
	return world;
}
