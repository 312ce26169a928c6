/**
 * Messages through the mesh. A broadcast floods: whoever gets it passes it on to all its neighbours, once. A message to
 * one peer takes the way that its messages came by, where one is known, and floods else; its receiver answers the same
 * way, so its sender knows whether it arrived.
 */

import { BoundedMap } from "../bounded-map.ts";
import { isBlob, readBlob } from "../data.ts";
import type { Environment } from "../environment.ts";
import { MeshError, passing } from "../errors.ts";
import { isId } from "../ids.ts";
import {
	DELIVERY_TIMEOUT_MS,
	MAX_DATA_BYTES,
	MAX_HOPS,
	MAX_ROUTES,
	MAX_SEEN_MESSAGES,
	MAX_UNDELIVERED,
} from "../limits.ts";
import { decodeData, type Envelope, encodeData, type Header, NO_BODY } from "./envelope.ts";

/** What the application gets. */
export interface Message {
	/** Who sent it. Vouched for by the link where it is `direct`, else by the peers in between. */
	readonly from: string;
	/** A JSON value, or a Uint8Array where bytes were sent. */
	readonly data: unknown;
	/** Whether it came from its sender without another peer in between. */
	readonly direct: boolean;
}

export interface RoutingOptions {
	readonly environment: Pick<Environment, "timers" | "randomHex">;
	readonly selfId: string;
	/** Those with an open link. */
	neighbours(): readonly string[];
	/** Sends to a neighbour. Same duties as `Channel.send`. */
	transmit(peerId: string, envelope: Envelope): Promise<void>;
	deliver(message: Message): void;
}

export interface Routing {
	/** Resolves once it is handed to the link, or else once the peer has it. Rejects with `NO_ROUTE`, and as `transmit` does. */
	send(to: string, data: unknown): Promise<void>;
	/** Resolves once all links took it. Rejects where none did, though there are some. */
	broadcast(data: unknown): Promise<void>;
	/** Whether a way through the mesh leads to the peer. */
	reaches(peerId: string): Promise<boolean>;
	/** Takes what a neighbour sent. */
	receive(via: string, envelope: Envelope): void;
	/** Rejects what waits for its answer. */
	close(): void;
}

/*
 * A header's fields: `i` the message's id and `n` which try it is, `f` from, `t` to, `h` the links that it may still
 * pass, `b` whether the body is bytes, `a` the id of the message that this one answers, `p` whether only an answer is
 * wanted. A message to a neighbour has none but `b`.
 */
interface RoutedHeader extends Header {
	readonly i: string;
	readonly n?: number;
	readonly f: string;
	readonly t?: string;
	readonly h: number;
	readonly b?: 1;
	readonly a?: string;
	readonly p?: 1;
}

export function createRouting({ environment, selfId, neighbours, transmit, deliver }: RoutingOptions): Routing {
	const { timers } = environment;
	const seen = new BoundedMap<string, true>(MAX_SEEN_MESSAGES);
	const routes = new BoundedMap<string, string>(MAX_ROUTES);
	/** By message id: called with whether it arrived, or with what ended the wait. */
	const unanswered = new Map<string, (answer: boolean | MeshError) => void>();
	let closed = false;

	const ended = () => new MeshError("CLOSED", "The mesh was left.");

	/** @returns whether it was new */
	const remember = (key: string) => {
		if (seen.has(key)) return false;
		seen.set(key, true);
		return true;
	};

	const flood = (envelope: Envelope, except?: string) =>
		neighbours()
			.filter((peerId) => peerId !== except)
			.map((peerId) => transmit(peerId, envelope));

	/** Sends towards `to`: to it, or where it was heard from, or to all. */
	const towards = (to: string, envelope: Envelope, except?: string, toAll = false) => {
		const near = neighbours();
		const next = near.includes(to) ? to : toAll ? undefined : routes.get(to);
		if (next !== undefined && next !== except && near.includes(next)) return [transmit(next, envelope)];
		return flood(envelope, except);
	};

	/** What is passed on for others may be lost where a link is full: its sender hears no answer, and tries again. */
	const ignoreLoss = (sent: readonly Promise<void>[]) => {
		for (const one of sent) one.catch(() => {});
	};

	const newId = () => environment.randomHex(16);

	/**
	 * Sends to a peer through the mesh, and again, everywhere, where no answer comes.
	 * @returns whether it arrived. Rejects where all links refuse it.
	 */
	const ask = (to: string, envelope: Envelope, i = newId(), n = 1): Promise<boolean> =>
		new Promise((resolve, reject) => {
			if (closed) return reject(ended());
			if (unanswered.size >= MAX_UNDELIVERED) {
				return reject(passing("BUFFER_FULL", "Too much waits to be sent."));
			}
			const settle = (answer: boolean | MeshError) => {
				cancel();
				unanswered.delete(i);
				if (typeof answer !== "boolean") reject(answer);
				else resolve(answer || n > 1 || neighbours().length === 0 ? answer : ask(to, envelope, i, 2));
			};
			const cancel = timers.after(DELIVERY_TIMEOUT_MS, () => settle(false));
			unanswered.set(i, settle);
			const header = { ...envelope.header, i, n, f: selfId, t: to, h: MAX_HOPS };
			const sent = towards(to, { ...envelope, header }, undefined, n > 1);
			if (sent.length === 0) settle(false);
			anyOf(sent).catch(settle);
		});

	const handle = (via: string, envelope: Envelope) => {
		const header = envelope.header as RoutedHeader;
		const { i, n, f, t, h } = header;
		const passedOn = { ...envelope, header: { ...header, h: h - 1 } };
		if (f === selfId || !remember(`${f} ${i} ${n === 2}`)) return;
		routes.set(f, via);
		if (t !== undefined && t !== selfId) {
			// A second try goes everywhere: the way that was known may have ended since.
			if (h > 1) ignoreLoss(towards(t, passedOn, via, n === 2));
			return;
		}
		if (t === selfId && header.a !== undefined) return unanswered.get(header.a)?.(true);
		if (t === selfId) ignoreLoss(towards(f, answerTo(f, i, selfId, newId())));
		// Passed on before it is delivered: what the application does with it holds nobody up.
		if (t === undefined && h > 1) ignoreLoss(flood(passedOn, via));
		if (header.p === 1 || !remember(`${f} ${i}`)) return;
		hand(f, envelope, via === f);
	};

	const hand = (from: string, envelope: Envelope, direct: boolean) => {
		const data = decodeData(envelope);
		if (data !== undefined) deliver({ from, data, direct });
	};

	return {
		async send(to, data) {
			const envelope = encodeData(isBlob(data) ? await readBlob(data, MAX_DATA_BYTES) : data);
			if (neighbours().includes(to)) return transmit(to, envelope);
			if (to !== selfId && (await ask(to, envelope))) return;
			throw passing("NO_ROUTE", `No way to ${to}.`, { peerId: to });
		},
		async broadcast(data) {
			if (closed) throw ended();
			const { header, body } = encodeData(isBlob(data) ? await readBlob(data, MAX_DATA_BYTES) : data);
			const sent = flood({ header: { ...header, i: newId(), f: selfId, h: MAX_HOPS }, body });
			await Promise.allSettled(sent);
			await anyOf(sent);
		},
		reaches: async (peerId) =>
			neighbours().includes(peerId) || (await ask(peerId, { header: { p: 1 }, body: NO_BODY }).catch(() => false)),
		receive(via, envelope) {
			if (envelope.header.i === undefined) hand(via, envelope, true);
			else if (isRouted(envelope.header)) handle(via, envelope);
		},
		close() {
			closed = true;
			for (const settle of [...unanswered.values()]) settle(ended());
		},
	};
}

/** Rejects as they do where all do, and not where there are none. */
async function anyOf(sent: readonly Promise<void>[]): Promise<void> {
	await Promise.any(sent).catch(({ errors: [error] }: AggregateError) => {
		if (error !== undefined) throw error;
	});
}

/** What says that `from` has got the message `a` of `to`. */
export function answerTo(to: unknown, a: unknown, from: string, id: string): Envelope {
	return { header: { i: id, f: from, t: to, h: MAX_HOPS, a }, body: NO_BODY };
}

/** What else a header may hold is only passed on or compared. */
function isRouted({ i, f, h }: Header): boolean {
	return isId(i) && isId(f) && Number.isInteger(h) && (h as number) >= 1 && (h as number) <= MAX_HOPS;
}
