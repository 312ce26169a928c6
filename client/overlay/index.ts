/**
 * The overlay: signals reach their peers through the mesh, and peers are found by asking neighbours, so the server has little to do
 * once a peer has its first link. Loads when that opens.
 */
import { MAX_MESSAGE_BYTES } from "../../protocol/limits.ts";
import { BoundedMap } from "../bounded-map.ts";
import { decodeText, encodeText, isObject, parseJson } from "../json.ts";
import {
	BY_SERVER_MS,
	HEARD_MS,
	MAX_CARRIED,
	MAX_CARRIED_BYTES,
	MAX_KNOWN_PEERS,
	MAX_OF_ORIGIN,
	MAX_OF_ORIGIN_BYTES,
	MAX_PASSED,
	MAX_WORDS,
	NEAR_MS,
} from "../limits.ts";
import type { Extra, ExtraHost } from "../mesh/extras.ts";
import type { ExtraFrame } from "../mesh/frames.ts";
import type { Carrier } from "../mesh/post.ts";
import type { RelayedFrame } from "../signaling/session.ts";
import { Budget } from "./budget.ts";
import { Parcels } from "./parcels.ts";
import { Searches } from "./searches.ts";
import { Surroundings } from "./surroundings.ts";
import { type Carried, frameOf, readWord, type Told, type Word } from "./words.ts";

/** The types of frames that go through the mesh. The others are for peers of p2pmesh, which are not in the overlay. */
const CARRIED_TYPES = /^(signal|batched_signals|connection_rejected)$/;

export class Overlay implements Extra, Carrier {
	readonly #host: ExtraHost;
	readonly #surroundings: Surroundings;
	readonly #searches: Searches;
	readonly #parcels: Parcels;
	readonly #words: Budget;
	readonly #carried: Budget;
	readonly #origins: Budget;
	/** By origin and number: the neighbour that brought a signal, and the neighbour that got it. */
	readonly #passed = new BoundedMap<string, { readonly back: string; readonly to: string | undefined }>(MAX_PASSED);
	/** By peer: until when signals to it go by the server. */
	readonly #byServer = new BoundedMap<string, number>(MAX_KNOWN_PEERS);
	/** By neighbour: when it said something last, by `Timers.elapsed`. */
	readonly #heardAt = new BoundedMap<string, number>(MAX_KNOWN_PEERS);
	#cancelNews: (() => void) | undefined;
	#isLeft = false;

	constructor(host: ExtraHost) {
		const { environment, selfId, emitter, post } = host;
		const { timers } = environment;
		this.#host = host;
		this.#surroundings = new Surroundings(timers, selfId);
		const surroundings = this.#surroundings;
		this.#words = new Budget(timers, MAX_WORDS);
		this.#carried = new Budget(timers, MAX_CARRIED, MAX_CARRIED_BYTES);
		this.#origins = new Budget(timers, MAX_OF_ORIGIN, MAX_OF_ORIGIN_BYTES);
		const send = (neighbour: string, word: Word) => this.#say(neighbour, word);
		this.#searches = new Searches({ environment, selfId, surroundings, send });
		this.#parcels = new Parcels({
			environment,
			selfId,
			surroundings,
			search: (peerId, avoid) => this.#searches.find(peerId, avoid),
			send: (neighbour, word, body) => host.transmit(neighbour, frameOf(word, body)),
			isServerUp: () => host.isPresent(),
			toServer: (to, frame) => {
				this.#useServer(to);
				post.toServer(to, frame);
			},
			giveUp: (peerId) => {
				// With enough links it is not worth a message to the server, and without a server others may answer.
				const isFutile = host.links.get(peerId)?.calling !== undefined && (host.hasEnough() || !host.isPresent());
				if (isFutile) host.giveUp(peerId);
				return isFutile;
			},
			isWanted: (peerId) => host.links.get(peerId) !== undefined,
		});
		emitter.on("peer:connect", (peerId) => this.#connected(peerId));
		emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
		emitter.on("state", (state) => {
			this.#isLeft = state === "left";
			if (this.#isLeft) this.#clear();
		});
		for (const peerId of host.ours()) this.#connected(peerId);
	}

	/** Whether a way through the mesh is known. */
	leadsTo(peerId: string): boolean {
		return this.#surroundings.next(peerId, [peerId]) !== undefined;
	}

	/**
	 * Whether another neighbour than that peer has said something lately. Then the mesh is there to bring signals: if it does not
	 * bring them to that peer, the peer is gone, and not this peer's network.
	 */
	hears(peerId: string): boolean {
		const since = this.#host.environment.timers.elapsed() - HEARD_MS;
		return this.#surroundings
			.neighbours()
			.some((other) => other !== peerId && (this.#heardAt.get(other) ?? since) > since);
	}

	/** Asks the neighbours for the peers nearest to a key. Signals reach the peers that it finds. */
	find(key: string): Promise<readonly string[]> {
		return this.#searches.find(key);
	}

	carry(to: string, frame: RelayedFrame): boolean {
		const { environment, knowsOverlay, isPresent } = this.#host;
		if (this.#isLeft || !CARRIED_TYPES.test(frame.type) || knowsOverlay(to) === false) return false;
		const isByServer = environment.timers.elapsed() < (this.#byServer.get(to) ?? 0);
		if (isByServer && isPresent()) return false;
		if (!this.#surroundings.neighbours().some((peerId) => peerId !== to)) return false;
		const body = encodeText(JSON.stringify(frame));
		return body.length <= MAX_MESSAGE_BYTES && this.#parcels.take(to, frame, body);
	}

	/** The answer takes the same way. */
	cameByServer(from: string) {
		this.#parcels.heardFrom(from);
		this.#useServer(from);
	}

	receive(via: string, { fields = {}, body }: ExtraFrame) {
		const { post, ours } = this.#host;
		if (this.#isLeft || post.sealing === undefined || !ours().includes(via) || !this.#words.allows(via)) return;
		const word = readWord(fields);
		if (word === undefined) return;
		this.#heardAt.set(via, this.#host.environment.timers.elapsed());
		const isNew = this.#surroundings.told(via, word.is === "near" ? word.peers : undefined);
		if (isNew) this.#changed();
		switch (word.is) {
			case "near":
				return isNew ? this.#host.search((search) => search.entered()) : undefined;
			case "find":
				return this.#searches.take(via, word);
			case "found":
				return this.#searches.takeAnswer(via, word);
			case "signal":
				return this.#take(via, word, body);
			case "told":
				return this.#takeNews(via, word);
		}
	}

	#connected(peerId: string) {
		this.#parcels.end(peerId);
		if (this.#host.ours().includes(peerId)) this.#greet(peerId);
	}

	#disconnected(peerId: string) {
		if (!this.#surroundings.lost(peerId)) return;
		this.#changed();
	}

	#greet(peerId: string) {
		this.#say(peerId, { is: "near", peers: this.#surroundings.neighbours().filter((other) => other !== peerId) });
	}

	/** The neighbours are others: they hear of it soon. */
	#changed() {
		this.#cancelNews ??= this.#host.environment.timers.after(NEAR_MS, () => {
			this.#cancelNews = undefined;
			for (const peerId of this.#surroundings.neighbours()) this.#greet(peerId);
		});
	}

	#say(neighbour: string, word: Word) {
		// If it is lost, the wait for it ends by itself.
		this.#host.transmit(neighbour, frameOf(word)).catch(() => {});
	}

	#useServer(peerId: string) {
		this.#byServer.set(peerId, this.#host.environment.timers.elapsed() + BY_SERVER_MS);
	}

	/** A signal came by a neighbour: for this peer, or to be passed on. */
	#take(via: string, word: Carried, body: Uint8Array) {
		const { selfId } = this.#host;
		const { id, from, to, hops } = word;
		const name = `${from} ${id}`;
		if (from === selfId || this.#passed.has(name) || body.length > MAX_MESSAGE_BYTES) return;
		if (!this.#carried.allows(via, body.length) || !this.#origins.allows(from, body.length)) return;
		this.#surroundings.learn(from, via);
		const next = to === selfId || hops <= 1 ? undefined : this.#surroundings.next(to, [via, from]);
		this.#passed.set(name, { back: via, to: next });
		if (to === selfId) this.#arrived(from, body);
		if (next === undefined) return this.#say(via, { is: "told", id, from, arrived: to === selfId });
		const lost = () => this.#say(via, { is: "told", id, from, arrived: false });
		this.#host.transmit(next, frameOf({ ...word, hops: hops - 1 }, body)).catch(lost);
	}

	#arrived(from: string, body: Uint8Array) {
		const frame = parseJson(decodeText(body));
		if (!isObject(frame) || typeof frame.type !== "string" || !CARRIED_TYPES.test(frame.type)) return;
		this.#parcels.heardFrom(from);
		this.#byServer.delete(from);
		this.#host.post.receive(from, frame as unknown as RelayedFrame, "mesh");
	}

	#takeNews(via: string, news: Told) {
		const { id, from, arrived } = news;
		if (from === this.#host.selfId) return this.#parcels.told(via, id, arrived);
		const name = `${from} ${id}`;
		const passed = this.#passed.get(name);
		if (passed === undefined || passed.to !== via) return;
		this.#passed.set(name, { ...passed, to: undefined });
		this.#say(passed.back, news);
	}

	#clear() {
		this.#cancelNews?.();
		this.#cancelNews = undefined;
		this.#parcels.end();
		this.#searches.clear();
		this.#surroundings.clear();
		this.#passed.clear();
	}
}

export function start(host: ExtraHost): Overlay {
	const overlay = new Overlay(host);
	host.post.carrier = overlay;
	return overlay;
}
