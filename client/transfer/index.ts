/**
 * Data that needs more than one message on one link: large data, data that is acknowledged, and data for a peer that a link
 * is being made to. Loads when the application or a neighbour first uses it.
 */
import { BoundedMap } from "../bounded-map.ts";
import { MeshError, passing } from "../errors.ts";
import {
	ATTEMPT_TIMEOUT_MS,
	FULL_AGAIN_MS,
	MAX_ATTEMPTS,
	MAX_DATA_BYTES,
	MAX_ENDED_TRANSFERS,
	MAX_TRANSFERS,
	MAX_UNDELIVERED,
	MAX_WAITING_BYTES,
	RELINK_MS,
} from "../limits.ts";
import type { SendOptions } from "../mesh/api.ts";
import type { Extra, ExtraHost } from "../mesh/extras.ts";
import type { ExtraFrame } from "../mesh/frames.ts";
import type { Payload } from "../mesh/payload.ts";
import { start as startWays, type Ways } from "../mesh/ways.ts";
import { Incoming } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";
import { payloadSource, type Source, sourceOf } from "./source.ts";
import { type Offer, readWord, type Word } from "./words.ts";

export interface Transfers extends Extra {
	/** @param payload the data, unless it has to be read first */
	send(to: string, data: unknown, payload: Payload | undefined, options?: SendOptions): Promise<void>;
	/** Whether messages wait for the link to a peer. Later ones must not overtake them. */
	awaitsLink(peerId: string): boolean;
}

class AllTransfers implements Transfers {
	readonly #host: ExtraHost;
	readonly #ways: Ways;
	/** By id. */
	readonly #outgoing = new Map<string, { readonly to: string; readonly transfer: Outgoing }>();
	/** By sender and id. */
	readonly #incoming = new Map<string, Incoming>();
	/** By sender and id: what its sender is told if it has missed it. */
	readonly #ended = new BoundedMap<string, "done" | "cancel">(MAX_ENDED_TRANSFERS);
	/** By peer: how many run, and calls that start the waiting ones. */
	readonly #turns = new Map<string, { running: number; readonly queue: (() => void)[] }>();
	/** By peer: how many messages wait for its link, and when the last of them may go. */
	readonly #waiting = new Map<string, { count: number; last: Promise<void> }>();
	#waitingBytes = 0;
	#keptBytes = 0;

	constructor(host: ExtraHost) {
		this.#host = host;
		this.#ways = startWays(host);
		const { emitter } = host;
		emitter.on("peer:connect", (peerId) => this.#each(peerId, (transfer) => transfer.connected()));
		emitter.on("peer:disconnect", (peerId) => {
			this.#each(peerId, (transfer) => transfer.disconnected());
			// The link may make itself again. If it ended for good, another one is worth it.
			host.environment.timers.after(RELINK_MS, () => {
				if ([...this.#outgoing.values()].some(({ to }) => to === peerId)) this.#call(peerId);
			});
		});
		emitter.on("state", (state) => {
			if (state === "left") this.#close();
		});
	}

	awaitsLink(peerId: string): boolean {
		return this.#waiting.has(peerId);
	}

	async send(to: string, data: unknown, payload: Payload | undefined, options: SendOptions = {}): Promise<void> {
		const isLarge = payload !== undefined && payload.body.length > MAX_DATA_BYTES;
		const isWatched = options.onProgress !== undefined || options.signal !== undefined;
		const source = payload === undefined ? sourceOf(data) : isLarge || isWatched ? payloadSource(payload) : undefined;
		if (source !== undefined) return this.#transfer(to, source, options);
		const message = payload as Payload;
		if (options.ack) return this.#ask(to, message);
		await this.#sendOnce(to, message, options.latest);
	}

	receive(via: string, { fields, body }: ExtraFrame): void {
		const word = readWord(fields);
		if (word === undefined) return;
		const isFromReceiver = word.o === "report" || word.o === "done" || (word.o === "cancel" && !word.s);
		const outgoing = this.#outgoing.get(word.i);
		const incoming = this.#incoming.get(keyOf(via, word.i));
		if (isFromReceiver) {
			if (outgoing?.to === via) outgoing.transfer.receive(word);
		} else if (incoming !== undefined) incoming.receive(word, body as Uint8Array<ArrayBuffer>);
		else if (word.o === "offer") this.#takeOffer(via, word);
	}

	// --- One message

	async #sendOnce(to: string, message: Payload, latest: string | undefined): Promise<void> {
		const { peers, links } = this.#host;
		const send = () => this.#sendNow(to, message, latest);
		// Nothing but a link that is being made leads anywhere, or others wait for it.
		const isEarly = peers().length === 0 && links.get(to) !== undefined;
		if (!isEarly && !this.awaitsLink(to)) {
			try {
				return await send();
			} catch (error) {
				// No other peer knows a way, and a link is being made.
				if (links.get(to) === undefined || (error as MeshError).code !== "NO_ROUTE") throw error;
			}
		}
		await this.#inOrder(to, message, send);
	}

	/** Over the link, or else through the mesh. */
	async #sendNow(to: string, message: Payload, latest: string | undefined): Promise<void> {
		const { peers, selfId, transmit } = this.#host;
		if (peers().includes(to)) return transmit(to, { kind: "direct", latest, ...message });
		if (to !== selfId && (await this.#ways.reach(to, message))) return;
		throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
	}

	/** Waits for a link that is being made. */
	async #inOrder<Result>(to: string, { body }: Payload, send: () => Promise<Result>): Promise<Result> {
		const waiting = this.#waiting.get(to) ?? { count: 0, last: Promise.resolve() };
		if (waiting.count >= MAX_UNDELIVERED || this.#waitingBytes + body.length > MAX_WAITING_BYTES) {
			throw passing("BUFFER_FULL", "Too much waits for a link.");
		}
		waiting.count++;
		waiting.last = waiting.last.then(() => this.#linkMade(to));
		this.#waiting.set(to, waiting);
		this.#waitingBytes += body.length;
		await waiting.last;
		const sent = send();
		this.#waitingBytes -= body.length;
		if (--waiting.count === 0) this.#waiting.delete(to);
		return sent;
	}

	/** Sends until the peer answers: over its link, over the next link, through the mesh. The peer takes it once. */
	async #ask(to: string, payload: Payload): Promise<void> {
		const { environment, links, peers } = this.#host;
		const id = environment.randomHex(16);
		for (let attempt = 1; attempt <= MAX_ATTEMPTS && to !== this.#host.selfId; attempt++) {
			const reach = () => this.#ways.reach(to, payload, id, [attempt]);
			// Others may know a way before a link is made.
			const isDirect = peers().length === 0 || attempt > 2 || this.awaitsLink(to);
			if (await (isDirect ? this.#inOrder(to, payload, reach) : reach())) return;
			if (peers().length === 0 && links.get(to) === undefined) break;
		}
		throw passing("NO_ROUTE", `${to} did not answer.`, { peerId: to });
	}

	/** Resolves once a link that is being made is open, or is not. At once if none is being made. */
	async #linkMade(to: string): Promise<void> {
		const { links, emitter, environment, peers } = this.#host;
		if (peers().includes(to) || links.get(to) === undefined) return;
		await new Promise<void>((resolve) => {
			const settle = () => {
				for (const stop of stops) stop();
				resolve();
			};
			const look = (peerId: string) => {
				if (peerId === to) settle();
			};
			const stops = [
				emitter.on("peer:connect", look),
				links.on("end", look),
				links.on("refused", look),
				emitter.on("state", (state) => {
					if (state === "left") settle();
				}),
				environment.timers.after(ATTEMPT_TIMEOUT_MS, settle),
			];
		});
	}

	// --- Large data

	async #transfer(to: string, source: Source, { onProgress, signal }: SendOptions): Promise<void> {
		const aborted = () => new MeshError("ABORTED", "Aborted.", { peerId: to, cause: signal?.reason });
		if (signal?.aborted) throw aborted();
		let stop: () => void = () => {};
		const stopped = new Promise<never>((_, reject) => {
			stop = () => reject(aborted());
		});
		stopped.catch(() => {}); // it may be the last to settle
		signal?.addEventListener("abort", stop);
		let turn: Promise<() => void> | undefined;
		let transfer: Outgoing | undefined;
		try {
			await Promise.race([this.#needLink(to), stopped]);
			turn = this.#turn(to);
			await Promise.race([turn, stopped]);
			const id = this.#host.environment.randomHex(16);
			const { timers } = this.#host.environment;
			transfer = new Outgoing({ timers, id, source, onProgress, put: (word, body) => this.#put(to, word, body) });
			this.#outgoing.set(id, { to, transfer });
			if (this.#host.peers().includes(to)) transfer.connected();
			else transfer.disconnected();
			await Promise.race([transfer.done, stopped]).finally(() => this.#outgoing.delete(id));
		} finally {
			signal?.removeEventListener("abort", stop);
			if (signal?.aborted) transfer?.cancel(aborted());
			void turn?.then((end) => end());
		}
	}

	/** Large data takes a link, and makes one if both sides have place. */
	async #needLink(to: string): Promise<void> {
		const { peers, ours } = this.#host;
		if (!peers().includes(to)) {
			this.#call(to);
			await this.#linkMade(to);
		}
		const details = { peerId: to };
		if (!peers().includes(to)) throw passing("NO_ROUTE", `No link to ${to}: large data takes a link.`, details);
		if (!ours().includes(to)) throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", details);
	}

	/** Makes a link, if there is none and there is place. */
	#call(to: string) {
		const { links, maxPeers } = this.#host;
		if (links.all().length < maxPeers) links.call(to);
	}

	/** Waits until fewer than the most transfers go to the peer. @returns ends the turn */
	async #turn(to: string): Promise<() => void> {
		const turns = this.#turns.get(to) ?? { running: 0, queue: [] };
		this.#turns.set(to, turns);
		if (turns.running < MAX_TRANSFERS) turns.running++;
		// A transfer that ends hands its turn on.
		else await new Promise<void>((resolve) => turns.queue.push(resolve));
		return () => {
			const next = turns.queue.shift();
			if (next !== undefined) next();
			else if (--turns.running === 0) this.#turns.delete(to);
		};
	}

	#takeOffer(from: string, offer: Offer) {
		const key = keyOf(from, offer.i);
		const tell = (word: Word) => void this.#putAll(from, word);
		const ended = this.#ended.get(key);
		if (ended === "done") return tell({ o: "done", i: offer.i });
		const isKnown = ended !== undefined || offer.at > 0; // its beginning was lost here
		if (isKnown) return tell({ o: "cancel", i: offer.i, code: "CLOSED" });
		const isFull = [...this.#incoming.values()].filter((other) => other.from === from).length >= MAX_TRANSFERS;
		if (isFull) return tell({ o: "cancel", i: offer.i, code: "BUFFER_FULL" });
		const { environment, emitter, maxReceiveBytes } = this.#host;
		const incoming = new Incoming({
			timers: environment.timers,
			from,
			offer,
			maxBytes: maxReceiveBytes,
			tell,
			reserve: (bytes) => {
				const isFree = this.#keptBytes + bytes <= maxReceiveBytes;
				if (isFree) this.#keptBytes += bytes;
				return isFree;
			},
			release: (bytes) => {
				this.#keptBytes -= bytes;
			},
			collected: (data) => emitter.emit("message", { from, data, direct: true, via: from }),
			ended: (isComplete) => {
				this.#incoming.delete(key);
				this.#ended.set(key, isComplete ? "done" : "cancel");
			},
		});
		this.#incoming.set(key, incoming);
		emitter.emit("transfer", incoming);
		incoming.begin();
	}

	#put(to: string, word: Word, body: Uint8Array = new Uint8Array(0)): Promise<void> {
		return this.#host.transmit(to, { kind: "transfer", fields: { ...word }, bytes: true, body });
	}

	/** A link that is full takes it later. If the link ends, the sender asks again over the next one. */
	async #putAll(to: string, word: Word): Promise<void> {
		const lost = await this.#put(to, word).catch((error: MeshError) => error);
		if (lost?.code === "BUFFER_FULL") this.#host.environment.timers.after(FULL_AGAIN_MS, () => this.#putAll(to, word));
	}

	#each(peerId: string, act: (transfer: Incoming | Outgoing) => void) {
		for (const { to, transfer } of [...this.#outgoing.values()]) if (to === peerId) act(transfer);
		for (const transfer of [...this.#incoming.values()]) if (transfer.from === peerId) act(transfer);
	}

	#close() {
		const message = "The mesh was left.";
		for (const { transfer } of [...this.#outgoing.values()]) transfer.cancel(new MeshError("CLOSED", message));
		for (const transfer of [...this.#incoming.values()]) transfer.end("CLOSED", message);
	}
}

function keyOf(peerId: string, id: string): string {
	return `${id} ${peerId}`;
}

export { readBlob } from "./blob.ts";

export function start(host: ExtraHost): Transfers {
	return new AllTransfers(host);
}
