/** The server: the handler that ships, over the memory store, behind a gateway that counts what API Gateway bills. */
import type { Socket, WebSocketConstructor } from "../../../client/environment.ts";
import { lruCache } from "../../../lambda/adapters/lru-cache.ts";
import { type MemoryPeerStore, memoryStore } from "../../../lambda/adapters/memory-store.ts";
import { DEFAULT_SETTINGS } from "../../../lambda/core/settings.ts";
import type { GatewayEvent, GatewayHandler } from "../../../lambda/gateway-event.ts";
import { createHandler } from "../../../lambda/handler.ts";
import { type Random, seededCrypto } from "../random.ts";
import type { Bill } from "./bill.ts";
import type { Host } from "./connections.ts";
import type { SimulatedTime } from "./time.ts";

/** How long the function takes, and a handshake beside the way there and back. */
const FUNCTION_MS = 10;
/** How long an operating system takes to close the sockets of a program that ended. */
const CLOSING_MS = 500;

/** The machine of a client. */
export interface Caller extends Host {
	readonly address: string;
}

type Frame = Readonly<Record<string, unknown>>;

class ClientSocket implements Socket {
	readyState = 0;
	readonly bufferedAmount = 0;
	onopen: Socket["onopen"] = null;
	onmessage: Socket["onmessage"] = null;
	onclose: Socket["onclose"] = null;
	onerror: Socket["onerror"] = null;
	readonly id: string;
	readonly caller: Caller;
	readonly #gateway: Gateway;

	constructor(gateway: Gateway, caller: Caller, id: string) {
		this.#gateway = gateway;
		this.caller = caller;
		this.id = id;
		gateway.open(this);
	}

	send(text: string): void {
		if (this.readyState === 1) this.#gateway.receive(this, text);
	}

	close(): void {
		if (this.readyState === 3) return;
		this.readyState = 3;
		this.caller.timers.after(1, () => this.onclose?.({ code: 1000, reason: "" }));
		this.#gateway.closed(this);
	}

	/** The other side closes it. */
	end(code: number): void {
		if (this.readyState === 3) return;
		this.readyState = 3;
		if (this.caller.alive) this.onclose?.({ code, reason: "" });
	}
}

export class Gateway {
	readonly #time: SimulatedTime;
	readonly #random: Random;
	readonly #bill: Bill;
	readonly #sockets = new Map<string, ClientSocket>();
	/** Undefined while the server is away. */
	#server: { readonly handle: GatewayHandler; readonly store: MemoryPeerStore } | undefined;
	#made = 0;

	constructor(time: SimulatedTime, random: Random, bill: Bill) {
		this.#time = time;
		this.#random = random;
		this.#bill = bill;
		this.start();
	}

	get isUp(): boolean {
		return this.#server !== undefined;
	}

	async #invoke(event: GatewayEvent): Promise<void> {
		this.#bill.invocations++;
		await this.#server?.handle(event);
	}

	/** It begins with an empty memory, as `npm start` does. */
	start(): void {
		const clock = { now: this.#time.now };
		const store = memoryStore({ clock });
		const silent = () => {};
		const handle = createHandler({
			store,
			clock,
			crypto: seededCrypto(this.#random),
			sender: {
				post: async (id, text) => this.#post(id, text),
				close: async (id) => {
					const socket = this.#sockets.get(id);
					if (socket === undefined) return;
					this.#time.after(socket.caller.latency, () => socket.end(1000));
					this.closed(socket);
				},
				isOpen: async (id) => this.#sockets.has(id),
			},
			log: { debug: silent, info: silent, warn: silent, error: silent },
			createCache: lruCache,
			settings: DEFAULT_SETTINGS,
		});
		this.#server = { handle, store };
	}

	/** All connections end, and no client connects until `start`. */
	stop(): void {
		this.#server = undefined;
		for (const socket of this.#sockets.values()) this.#time.after(socket.caller.latency, () => socket.end(1006));
		this.#sockets.clear();
	}

	classFor(caller: Caller): WebSocketConstructor {
		const open = () => new ClientSocket(this, caller, `connection-${++this.#made}`);
		return class {
			constructor() {
				// biome-ignore lint/correctness/noConstructorReturn: the pretended one stands in for the class
				return open();
			}
		} as unknown as WebSocketConstructor;
	}

	open(socket: ClientSocket): void {
		const { latency } = socket.caller;
		// TCP, TLS and the upgrade take a round trip each.
		this.#time.after(6 * latency + FUNCTION_MS, () => {
			const server = this.#server;
			if (server === undefined) return socket.end(1006);
			if (!socket.caller.alive || socket.readyState !== 0) return;
			this.#bill.connect();
			this.#sockets.set(socket.id, socket);
			void this.#invoke(event("CONNECT", socket)).then(() => {
				socket.readyState = 1;
				socket.onopen?.();
			});
		});
	}

	receive(socket: ClientSocket, text: string): void {
		this.#time.after(socket.caller.latency + FUNCTION_MS, () => {
			if (this.#server === undefined || !this.#sockets.has(socket.id)) return;
			const frame = JSON.parse(text) as Frame;
			this.#bill.frame(socket.caller.peerId, frame);
			// API Gateway answers a ping itself.
			if (frame.type === "ping") this.#post(socket.id, '{"type":"pong","timestamp":0}');
			else void this.#invoke(event("MESSAGE", socket, text));
		});
	}

	/** The socket was closed, by either side. */
	closed(socket: ClientSocket): void {
		if (!this.#sockets.delete(socket.id)) return;
		const server = this.#server;
		this.#time.after(socket.caller.latency + FUNCTION_MS, async () => {
			if (server === this.#server) await this.#invoke(event("DISCONNECT", socket));
			server?.store.forget(socket.id);
		});
	}

	/** The program of a client has ended without a word, and its machine closes the sockets. */
	vanished(caller: Caller): void {
		this.#time.after(CLOSING_MS, () => {
			for (const socket of [...this.#sockets.values()]) if (socket.caller === caller) this.closed(socket);
		});
	}

	#post(id: string, text: string): "sent" | "gone" {
		const socket = this.#sockets.get(id);
		if (socket === undefined) return "gone";
		this.#bill.frame(socket.caller.peerId, JSON.parse(text));
		this.#time.after(socket.caller.latency, () => {
			if (socket.readyState === 1 && socket.caller.alive) socket.onmessage?.({ data: text });
		});
		return "sent";
	}
}

function event(eventType: "CONNECT" | "MESSAGE" | "DISCONNECT", { id, caller }: ClientSocket, body?: string) {
	const requestContext = { eventType, routeKey: "$default", connectionId: id, identity: { sourceIp: caller.address } };
	return { requestContext, ...(body !== undefined && { body }) } satisfies GatewayEvent;
}
