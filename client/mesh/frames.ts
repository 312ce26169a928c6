/**
 * The frames that two neighbours of ours exchange. On the wire: a header as JSON, a newline, the body. A neighbour may send
 * anything, so a frame is read only if every field of its header is within its bounds.
 */
import { isId } from "../ids.ts";
import { decodeText, encodeText, isObject, parseJson } from "../json.ts";
import {
	BEACON_MAX_AGE_MS,
	MAX_ATTEMPTS,
	MAX_BRIDGE_STEPS,
	MAX_HEADER_BYTES,
	MAX_HOPS,
	MAX_TOLD_LINKS,
} from "../limits.ts";
import { NO_PAYLOAD, type Payload } from "./payload.ts";

export interface Replaceable {
	/** A key. A newer frame with the same one takes its place in the queue of a link. In a broadcast it begins with the run. */
	readonly latest?: string | undefined;
}

/** Data for the neighbour itself. */
export interface DirectFrame extends Payload, Replaceable {
	readonly kind: "direct";
}

/** A message through the mesh. */
export interface RoutedFrame extends Payload, Replaceable {
	readonly kind: "routed";
	/** The message's id. */
	readonly id: string;
	/** Which try it is, from 1. The later ones go everywhere. A broadcast has no number. */
	readonly attempt?: number | undefined;
	readonly from: string;
	/** Undefined: it is a broadcast. */
	readonly to?: string | undefined;
	/** The links that it may still pass. */
	readonly hops: number;
	/** The id of the message that this one answers. */
	readonly answers?: string | undefined;
	/** Whether only an answer is wanted. */
	readonly probe?: boolean | undefined;
}

/** The root of an island lets every peer of it know that it is there (island.ts). */
export interface BeaconFrame {
	readonly kind: "beacon";
	readonly root: string;
	/** Which of the root's beacons it is: larger is newer. */
	readonly seq: number;
	/** ms since the root sent it. */
	readonly age: number;
	/** The sender's parent. Empty if the sender has lost it, and awaits the next beacon. */
	readonly parent: string;
	/** The sender's links. */
	readonly links: number;
	/** Whether the sender knows the frames of the tree. Version 0.1 does not. */
	readonly tree?: boolean | undefined;
}

/** A request to call a peer of another island, or to pass the request on. */
export interface BridgeFrame {
	readonly kind: "bridge";
	readonly to: string;
	/** How often it may still be passed on. */
	readonly steps: number;
}

/** A frame of a part that loads on its first use (extras.ts). What it says is that part's to check. */
export interface ExtraFrame extends Payload {
	readonly kind: "members" | "overlay" | "transfer" | "tree";
	readonly fields?: Header;
}

export type MeshFrame = DirectFrame | RoutedFrame | BeaconFrame | BridgeFrame | ExtraFrame;

export type Header = Readonly<Record<string, unknown>>;

/** Ends the header. JSON contains no newline character. */
const NEWLINE = 10;

/** A frame that goes to many neighbours is encoded once. */
const encoded = new WeakMap<MeshFrame, Uint8Array>();

export function encodeFrame(frame: MeshFrame): Uint8Array {
	const known = encoded.get(frame);
	if (known !== undefined) return known;
	const head = encodeText(`${JSON.stringify(headerOf(frame))}\n`);
	const { body } = "body" in frame ? frame : NO_PAYLOAD;
	const bytes = new Uint8Array(head.length + body.length);
	bytes.set(head);
	bytes.set(body, head.length);
	encoded.set(frame, bytes);
	return bytes;
}

/** @returns undefined for anything else that a neighbour sent */
export function decodeFrame(bytes: Uint8Array): MeshFrame | undefined {
	const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
	const header = parseJson(decodeText(bytes.subarray(0, Math.max(0, end))));
	return isObject(header) ? readHeader(header, bytes.subarray(end + 1)) : undefined;
}

/** The one place that knows the letters. Fields that are undefined are not written. */
function headerOf(frame: MeshFrame): Header {
	switch (frame.kind) {
		case "beacon":
		case "bridge": {
			const { kind, ...fields } = frame;
			return { k: kind, ...fields };
		}
		case "members":
		case "overlay":
		case "transfer":
		case "tree":
			return { k: frame.kind, ...frame.fields };
		case "direct":
			return { b: flag(frame.bytes) };
		case "routed": {
			const { id, attempt, from, to, hops, answers, probe, bytes, latest } = frame;
			return { i: id, n: attempt, f: from, t: to, h: hops, b: flag(bytes), a: answers, p: flag(probe), l: latest };
		}
	}
}

function readHeader(header: Header, body: Uint8Array): MeshFrame | undefined {
	const { k, i, n, f, t, h, b, a, p, l, ...fields } = header;
	const bytes = b === 1;
	let frame: MeshFrame;
	if (k === "beacon" || k === "bridge") frame = { kind: k, ...fields } as unknown as MeshFrame;
	else if (k === "members" || k === "overlay" || k === "transfer" || k === "tree")
		return { kind: k, fields: header, bytes: true, body };
	else if (i === undefined) return { kind: "direct", bytes, body };
	else {
		frame = {
			kind: "routed",
			id: i,
			attempt: n ?? undefined,
			from: f,
			to: t ?? undefined,
			hops: h,
			answers: a ?? undefined,
			probe: p === 1,
			latest: l ?? undefined,
			bytes,
			body,
		} as RoutedFrame;
	}
	return isWithinBounds(frame) ? frame : undefined;
}

/** @param frame its fields may hold any value yet */
export function isWithinBounds(frame: MeshFrame): boolean {
	switch (frame.kind) {
		case "direct":
		case "members":
		case "overlay":
		case "transfer":
		case "tree":
			return true;
		case "routed": {
			const { id, attempt, from, to, hops, answers, latest } = frame;
			const areIds = [id, from, to ?? id, answers ?? id, latest ?? id].every(isId);
			return areIds && isWhole(attempt ?? 1, 1, MAX_ATTEMPTS) && isWhole(hops, 1, MAX_HOPS);
		}
		case "beacon": {
			const { root, seq, age, parent, links } = frame;
			const areIds = isId(root) && (parent === "" || isId(parent));
			const areCounts = isWhole(seq, 0, Number.MAX_SAFE_INTEGER) && isWhole(links, 0, MAX_TOLD_LINKS);
			return areIds && areCounts && isWhole(age, 0, BEACON_MAX_AGE_MS);
		}
		case "bridge":
			return isId(frame.to) && isWhole(frame.steps, 0, MAX_BRIDGE_STEPS);
	}
}

export function isWhole(value: unknown, least: number, most: number): boolean {
	return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function flag(value: boolean | undefined): 1 | undefined {
	return value ? 1 : undefined;
}
