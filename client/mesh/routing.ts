/** Frames through the mesh: broadcasts, along a tree (tree.ts), and messages to one peer (ways.ts) on their way. */
import { MAX_ID_LENGTH } from "../../protocol/limits.ts";
import { BoundedMap, BoundedMemory } from "../bounded-map.ts";
import type { Environment } from "../environment.ts";
import { full, left, type MeshError } from "../errors.ts";
import { heedless } from "../heedless.ts";
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

/** A frame that is for one peer. */
export type FrameTo = RoutedFrame & { readonly to: string };

/** By the neighbour that it goes to: resolves when the link has taken it. */
export type Sent = ReadonlyMap<string, Promise<void>>;

/** A message that waits for its answer. */
interface Unanswered {
	readonly to: string;
	/** Whether only the answer is wanted. */
	readonly probe: boolean;
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

	/**
	 * Resolves once the links that keep pace have taken it.
	 * @returns how many links took it, or have it in their queue. Rejects if none did, though there are some
	 */
	async broadcast(payload: Payload, latest?: string): Promise<number> {
		// Other peers read it: it has the form and the length of an id.
		const key = latest === undefined ? latest : (this.#run + encodeURIComponent(latest)).slice(0, MAX_ID_LENGTH);
		if (this.#closed) throw left();
		const { selfId } = this.#options;
		const id = `${this.#run}.${++this.#broadcastCount}`;
		const frame: RoutedFrame = { kind: "routed", id, from: selfId, hops: MAX_HOPS, latest: key, ...payload };
		const tree = this.#options.tree();
		const sent = this.#flood(frame, undefined, tree?.take(frame, selfId));
		await firstOf(sent);
		return tree?.pace(sent) ?? sent.size;
	}

	/**
	 * Whether a neighbour has everything that was sent to it: a link keeps the order, so an answer to a probe shows it.
	 */
	answers(neighbour: string, withinMs: number): Promise<boolean> {
		const head = { kind: "routed", id: this.#newId(), from: this.#options.selfId, to: neighbour } as const;
		return this.ask({ ...head, hops: 1, probe: true, ...NO_PAYLOAD }, withinMs).catch(() => false);
	}

	/** Sends a frame that its receiver answers. @returns whether it did, in time. Rejects if all links refuse the frame. */
	ask(frame: FrameTo, withinMs = DELIVERY_TIMEOUT_MS): Promise<boolean> {
		const { id, to, probe = false } = frame;
		return new Promise((resolve, reject) => {
			if (this.#closed) return reject(left());
			if (this.#unanswered.size >= MAX_UNDELIVERED) return reject(full());
			const settle = (answer: boolean | MeshError) => {
				cancel();
				this.#unanswered.delete(id);
				if (typeof answer === "boolean") resolve(answer);
				else reject(answer);
			};
			const cancel = this.#options.environment.timers.after(withinMs, () => settle(false));
			this.#unanswered.set(id, { to, probe, settle });
			const sent = this.#sendOn(frame);
			if (sent.size === 0) settle(false);
			firstOf(sent).catch(settle);
		});
	}

	/** The neighbour that a frame to this peer goes to: the peer itself, or the one that brought the peer's last message. */
	next(to: string): string | undefined {
		const neighbours = this.#options.neighbours();
		return [to, this.#routes.get(to)].find((next) => neighbours.includes(next as string));
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
		for (const { probe, settle } of [...this.#unanswered.values()]) if (!(probing && probe)) settle(left());
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

	/** Sends along the way that is known, or to all. */
	#sendOn(frame: FrameTo, except?: string): Sent {
		const { to, attempt = 1, probe } = frame;
		const next = this.next(to);
		// A further question for a way goes everywhere: the one that was known may have ended since.
		const isAsked = attempt > 1 && probe && next !== to;
		if (next === undefined || next === except || isAsked) return this.#flood(frame, except);
		return this.#sendTo([next], frame);
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
		else if (hops > 1) ignoreLoss(this.#sendOn({ ...passedOn, to }, via));
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
		ignoreLoss(this.#sendOn(answerTo(frame, this.#options.selfId, this.#newId())));
		if (!probe && this.#seen.isNew(`${from} ${id}`)) this.#deliver(via, frame.from, frame);
	}

	#deliver(via: string, from: string, payload: Payload) {
		const data = decodeData(payload);
		if (data !== undefined) this.#options.deliver({ from, data, direct: via === from, via });
	}
}

/** A frame that is passed on for others may be lost on a full link: its sender hears no answer, and tries again. */
function ignoreLoss(sent: Sent): void {
	for (const one of sent.values()) heedless(one);
}

/** Rejects with the first error if all of them reject, and not if there are none. */
async function firstOf(sent: Sent): Promise<void> {
	await Promise.any(sent.values()).catch(({ errors: [error] }: AggregateError) => {
		if (error !== undefined) throw error;
	});
}

/** The frame that says that `selfId` has got the message. */
export function answerTo({ id, from }: RoutedFrame, selfId: string, newId: string): FrameTo {
	return { kind: "routed", id: newId, from: selfId, to: from, hops: MAX_HOPS, answers: id, ...NO_PAYLOAD };
}
