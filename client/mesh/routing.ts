/**
 * Messages through the mesh. A broadcast goes along a tree (tree.ts). A message to one peer takes the path that messages of
 * that peer came by. If none is known, a question without the message floods, and its answer makes one. The receiver answers
 * along the same path, so the sender knows whether the message arrived.
 */
import { MAX_ID_LENGTH } from "../../protocol/limits.ts";
import { BoundedMap, BoundedMemory } from "../bounded-map.ts";
import type { Environment } from "../environment.ts";
import { MeshError, passing } from "../errors.ts";
import { DELIVERY_TIMEOUT_MS, MAX_HOPS, MAX_ROUTES, MAX_SEEN_MESSAGES, MAX_UNDELIVERED } from "../limits.ts";
import type { Known } from "./broadcast-memory.ts";
import type { DirectFrame, MeshFrame, RoutedFrame } from "./frames.ts";
import { decodeData, NO_PAYLOAD, type Payload } from "./payload.ts";
import type { BroadcastTree } from "./tree.ts";

/** What the application gets. */
export interface Message {
	/** The sender's id. The link vouches for it if `direct`, else the peers in between do. */
	readonly from: string;
	/** A JSON value, or a Uint8Array if bytes were sent. */
	readonly data: unknown;
	/** Whether it came from its sender without another peer in between. */
	readonly direct: boolean;
	/** The neighbour whose link it came by: the sender itself if `direct`. */
	readonly via: string;
}

export interface RoutingOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex">;
	readonly selfId: string;
	/** Peers with an open link. */
	neighbours(): readonly string[];
	/** Once it has loaded. */
	tree(): BroadcastTree | undefined;
	/** Sends to a neighbour. Same duties as `Channel.send`. */
	transmit(peerId: string, frame: MeshFrame): Promise<void>;
	deliver(message: Message): void;
}

/** By the neighbour that it goes to: resolves when the link has taken it. */
export type Sent = ReadonlyMap<string, Promise<void>>;

/** A message that waits for its answer. */
interface Unanswered {
	readonly to: string;
	/** Whether the application awaits no answer. */
	readonly probes: boolean;
	settle(answer: boolean | MeshError): void;
}

export class Routing {
	readonly #options: RoutingOptions;
	/** Tries of messages to one peer. */
	readonly #seen = new BoundedMemory<string>(MAX_SEEN_MESSAGES);
	/** Broadcasts. The tree has a longer memory, of those with a number. */
	readonly #heard = new BoundedMemory<string>(MAX_SEEN_MESSAGES);
	/** Names this object among all that have had this peer's id: each starts to count from 1. */
	readonly #run: string;
	#broadcastCount = 0;
	/** By peer: the neighbour that brought its last message. */
	readonly #routes = new BoundedMap<string, string>(MAX_ROUTES);
	/** By message id. */
	readonly #unanswered = new Map<string, Unanswered>();
	#closed = false;

	constructor(options: RoutingOptions) {
		this.#options = options;
		this.#run = options.environment.randomHex(16);
	}

	/** Resolves once the link has taken it, or, through the mesh, once the peer has it. Rejects with `NO_ROUTE`, and as `transmit` does. */
	async send(to: string, payload: Payload, latest?: string): Promise<void> {
		if (this.#isNeighbour(to)) return this.#options.transmit(to, { kind: "direct", latest, ...payload });
		if (to !== this.#options.selfId && (await this.reach(to, payload))) return;
		throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
	}

	/**
	 * Resolves once the links that keep pace have taken it.
	 * @returns how many links took it, or have it in their queue. Rejects if none did, though there are some
	 */
	async broadcast(payload: Payload, latest?: string): Promise<number> {
		// Other peers read it: it has the form and the length of an id.
		const key = latest === undefined ? latest : (this.#run + encodeURIComponent(latest)).slice(0, MAX_ID_LENGTH);
		if (this.#closed) throw ended();
		const { selfId } = this.#options;
		const id = `${this.#run}.${++this.#broadcastCount}`;
		const frame: RoutedFrame = { kind: "routed", id, from: selfId, hops: MAX_HOPS, latest: key, ...payload };
		const tree = this.#options.tree();
		const sent = this.#flood(frame, undefined, tree?.take(frame, selfId));
		await firstOf(sent);
		return tree?.pace(sent) ?? sent.size;
	}

	/** Whether a path through the mesh leads to the peer. */
	async reaches(peerId: string): Promise<boolean> {
		return this.#isNeighbour(peerId) || this.reach(peerId).catch(() => false);
	}

	/**
	 * Sends to a peer over its link, or through the mesh along a way that is known or asked for. If no answer comes, it asks for
	 * another way, of everybody, and sends again.
	 * @param payload undefined if only the way is wanted
	 * @param id of the message: with the same id and further attempts it goes on, and the peer takes it once
	 * @returns whether it arrived. Rejects if all links refuse it.
	 */
	async reach(to: string, payload?: Payload, id = this.#newId(), attempts = [1, 2]): Promise<boolean> {
		for (const attempt of attempts) {
			if (this.#closed) throw ended();
			const head = { kind: "routed", attempt, from: this.#options.selfId, to, hops: MAX_HOPS } as const;
			const route = this.#isNeighbour(to) ? to : attempt === 1 ? this.#routes.get(to) : undefined;
			const isKnown = payload !== undefined && this.#isNeighbour(route ?? "");
			if (!isKnown && !(await this.#try({ ...head, id: this.#newId(), probe: true, ...NO_PAYLOAD }))) continue;
			if (payload === undefined || (await this.#try({ ...head, id, ...payload }))) return true;
		}
		return false;
	}

	/**
	 * Whether a neighbour has everything that was sent to it: a link keeps the order, so an answer to a probe shows it.
	 * Works after `close`, too.
	 */
	answers(neighbour: string, withinMs: number): Promise<boolean> {
		const head = { kind: "routed", id: this.#newId(), from: this.#options.selfId, to: neighbour } as const;
		return this.#try({ ...head, hops: 1, probe: true, ...NO_PAYLOAD }, withinMs).catch(() => false);
	}

	/** Takes a frame that a neighbour sent. */
	receive(via: string, frame: DirectFrame | RoutedFrame): void {
		if (frame.kind === "direct") this.#deliver(via, via, frame);
		else this.#route(via, frame);
	}

	open(): void {
		this.#closed = false;
	}

	/**
	 * Rejects every message that waits for its answer, and every later one, until `open`.
	 * @param probing whether neighbours are still to answer
	 */
	close(probing = false): void {
		this.#closed = true;
		for (const { probes, settle } of [...this.#unanswered.values()]) if (!(probing && probes)) settle(ended());
	}

	#isNeighbour(peerId: string) {
		return this.#options.neighbours().includes(peerId);
	}

	#newId() {
		return this.#options.environment.randomHex(16);
	}

	/** Sends to all neighbours, or along the tree if it is a broadcast and there is one. */
	#flood(frame: RoutedFrame, except?: string, known?: Known): Sent {
		const { neighbours, tree } = this.#options;
		const others = neighbours().filter((peerId) => peerId !== except);
		return this.#sendTo((known && tree()?.spread(known, frame, others)) ?? others, frame);
	}

	#sendTo(peerIds: readonly string[], frame: RoutedFrame): Sent {
		return new Map(peerIds.map((peerId) => [peerId, this.#options.transmit(peerId, frame)]));
	}

	/** Sends towards `to`: to itself, or along the path that is known, or to all. */
	#towards(to: string, frame: RoutedFrame, except?: string): Sent {
		// A further question for a way goes everywhere: the one that was known may have ended since.
		const known = (frame.attempt ?? 1) > 1 && frame.probe ? undefined : this.#routes.get(to);
		const next = this.#isNeighbour(to) ? to : known;
		if (next === undefined || next === except || !this.#isNeighbour(next)) return this.#flood(frame, except);
		return this.#sendTo([next], frame);
	}

	#try(frame: RoutedFrame & { readonly to: string }, withinMs = DELIVERY_TIMEOUT_MS): Promise<boolean> {
		const { to } = frame;
		return new Promise((resolve, reject) => {
			if (this.#unanswered.size >= MAX_UNDELIVERED) return reject(passing("BUFFER_FULL", "The queue is full."));
			const settle = (answer: boolean | MeshError) => {
				cancel();
				this.#unanswered.delete(frame.id);
				if (typeof answer === "boolean") resolve(answer);
				else reject(answer);
			};
			const cancel = this.#options.environment.timers.after(withinMs, () => settle(false));
			this.#unanswered.set(frame.id, { to, probes: frame.probe === true, settle });
			const sent = this.#towards(to, frame);
			if (sent.size === 0) settle(false);
			firstOf(sent).catch(settle);
		});
	}

	#route(via: string, frame: RoutedFrame) {
		const { id, attempt, from, to, hops } = frame;
		if (from === this.#options.selfId) return;
		const passedOn = { ...frame, hops: hops - 1 };
		if (to === undefined) {
			const isFirst = this.#heard.isNew(`${from} ${id}`);
			const known = this.#options.tree()?.take(frame, via);
			if (!isFirst || known?.isNew === false) return;
			this.#routes.set(from, via);
			// Passed on before it is delivered: the application must not delay it.
			if (hops > 1) ignoreLoss(this.#flood(passedOn, via, known));
			return this.#deliver(via, from, frame);
		}
		if (!this.#seen.isNew(`${from} ${id} ${attempt}`)) return;
		this.#routes.set(from, via);
		if (to === this.#options.selfId) this.#receiveOwn(via, frame);
		else if (hops > 1) ignoreLoss(this.#towards(to, passedOn, via));
	}

	/** Takes a message that is for this peer alone. */
	#receiveOwn(via: string, frame: RoutedFrame) {
		const { id, from, answers, probe } = frame;
		if (answers !== undefined) {
			const asked = this.#unanswered.get(answers);
			// Only the peer that was asked can say that it has the message.
			if (asked?.to === from) asked.settle(true);
			return;
		}
		ignoreLoss(this.#towards(from, answerTo(frame, this.#options.selfId, this.#newId())));
		if (!probe && this.#seen.isNew(`${from} ${id}`)) this.#deliver(via, frame.from, frame);
	}

	#deliver(via: string, from: string, payload: Payload) {
		const data = decodeData(payload);
		if (data !== undefined) this.#options.deliver({ from, data, direct: via === from, via });
	}
}

function ended(): MeshError {
	return new MeshError("CLOSED", "The mesh was left.");
}

/** A frame that is passed on for others may be lost on a full link: its sender hears no answer, and tries again. */
function ignoreLoss(sent: Sent): void {
	for (const one of sent.values()) one.catch(() => {});
}

/** Rejects with the first error if all of them reject, and not if there are none. */
async function firstOf(sent: Sent): Promise<void> {
	await Promise.any(sent.values()).catch(({ errors: [error] }: AggregateError) => {
		if (error !== undefined) throw error;
	});
}

/** The frame that says that `selfId` has got the message. */
export function answerTo({ id, from }: RoutedFrame, selfId: string, newId: string): RoutedFrame {
	return { kind: "routed", id: newId, from: selfId, to: from, hops: MAX_HOPS, answers: id, ...NO_PAYLOAD };
}
