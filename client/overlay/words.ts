/** What neighbours say about ways and signals through the mesh, and the bounds of every field. */
import { isId } from "../ids.ts";
import { encodeText } from "../json.ts";
import { MAX_FOUND, MAX_HEADER_BYTES, MAX_HOPS, MAX_TOLD_NEIGHBOURS } from "../limits.ts";
import { type ExtraFrame, type Header, isWhole } from "../mesh/frames.ts";

/** A question or a signal has a number, which is its origin's. */
interface Numbered {
	readonly id: string;
	/** The peer that it began at. */
	readonly from: string;
}

/** The neighbours that the sender has. The first one is a greeting, too: a client that does not know it says nothing. */
export interface Near {
	readonly is: "near";
	readonly peers: readonly string[];
}

/** A question for the peers nearest to a key. It goes to ever nearer peers, and the nearest one answers. */
export interface Find extends Numbered {
	readonly is: "find";
	readonly key: string;
	/** The links that it may still pass. */
	readonly hops: number;
}

/** The answer, on its way back. Each peer that passes it on learns a way to the peers that it names. */
export interface Found extends Numbered {
	readonly is: "found";
	readonly peers: readonly string[];
}

/** A frame of a link, for another peer. */
export interface Carried extends Numbered {
	readonly is: "signal";
	readonly to: string;
	readonly hops: number;
}

/** What became of it, on its way back. */
export interface Told extends Numbered {
	readonly is: "told";
	/** Whether it arrived. If not, a peer on its way knows no way. */
	readonly arrived: boolean;
}

export type Word = Near | Find | Found | Carried | Told;

export function frameOf(word: Word, body: Uint8Array = new Uint8Array(0)): ExtraFrame {
	return { kind: "overlay", fields: fieldsOf(word), bytes: true, body };
}

function fieldsOf(word: Word): Header {
	switch (word.is) {
		case "near":
			return { near: fitting(word.peers, MAX_TOLD_NEIGHBOURS) };
		case "find":
			return { q: word.id, f: word.from, key: word.key, h: word.hops };
		case "found":
			return { a: word.id, f: word.from, peers: fitting(word.peers, MAX_FOUND) };
		case "signal":
			return { s: word.id, f: word.from, t: word.to, h: word.hops };
		case "told":
			return { r: word.id, f: word.from, ok: word.arrived ? 1 : 0 };
	}
}

/** @returns undefined for anything else that a neighbour sent */
export function readWord({ near, q, a, s, r, f, t, h, key, peers, ok }: Header): Word | undefined {
	if (near !== undefined) return { is: "near", peers: ids(near, MAX_TOLD_NEIGHBOURS) };
	const id = q ?? a ?? s ?? r;
	if (!isId(id) || !isId(f)) return undefined;
	const head = { id, from: f };
	if (a !== undefined) return { is: "found", ...head, peers: ids(peers, MAX_FOUND) };
	if (r !== undefined) return { is: "told", ...head, arrived: ok === 1 };
	if (!isWhole(h, 1, MAX_HOPS)) return undefined;
	const hops = h as number;
	if (q !== undefined) return isId(key) ? { is: "find", ...head, key, hops } : undefined;
	return isId(t) ? { is: "signal", ...head, to: t, hops } : undefined;
}

function ids(value: unknown, most: number): string[] {
	return Array.isArray(value) ? value.slice(0, most).filter(isId) : [];
}

/** As many as a header holds. */
function fitting(peerIds: readonly string[], most: number): string[] {
	let bytes = 0;
	return peerIds.slice(0, most).filter((peerId) => {
		bytes += encodeText(JSON.stringify(peerId)).length + 1;
		return bytes <= 0.75 * MAX_HEADER_BYTES;
	});
}
