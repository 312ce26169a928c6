/**
 * The frames that two neighbours of ours exchange: a byte that is the channel's (chunks.ts), a header as JSON, a newline, the
 * body. A neighbour may send anything, so a frame is read only if every field of its header is within its bounds.
 */
import { isId } from "../ids.ts";
import { decodeText, encodeText, isObject, parseJson } from "../json.ts";
import { MAX_ATTEMPTS, MAX_BRIDGE_STEPS, MAX_HEADER_BYTES, MAX_HOPS } from "../limits.ts";
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

/** The root of an island lets every peer of it know that it is there. The island checks the fields (island.ts). */
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

const encodeHeader = (header: string) => encodeText(`\0${header}\n`);

/** The headers of data for a neighbour, of JSON and of bytes: most messages have one of them. */
const DIRECT = ["{}", '{"b":1}'].map(encodeHeader);

/** A frame that goes to many neighbours is encoded once. */
const encoded = new WeakMap<MeshFrame, Uint8Array>();

export function encodeFrame(frame: MeshFrame): Uint8Array {
	const known = encoded.get(frame);
	if (known !== undefined) return known;
	const isDirect = frame.kind === "direct";
	const head = isDirect ? (DIRECT[+frame.bytes] as Uint8Array) : encodeHeader(JSON.stringify(headerOf(frame)));
	const { body = NO_PAYLOAD.body } = frame as Partial<Payload>;
	const bytes = new Uint8Array(head.length + body.length);
	bytes.set(head);
	bytes.set(body, head.length);
	if (!isDirect) encoded.set(frame, bytes);
	return bytes;
}

/** @returns undefined for anything else that a neighbour sent */
export function decodeFrame(message: Uint8Array): MeshFrame | undefined {
	const direct = DIRECT.find((head) => head.every((byte, n) => byte === message[n]));
	const end = direct?.length ?? message.subarray(0, MAX_HEADER_BYTES + 1).indexOf(NEWLINE) + 1;
	const body = message.subarray(end);
	if (direct !== undefined) return { kind: "direct", bytes: direct === DIRECT[1], body };
	const header = parseJson(decodeText(message.subarray(1, end)));
	return isObject(header) ? readHeader(header, body) : undefined;
}

/** The one place that knows the letters. Fields that are undefined are not written. */
function headerOf(frame: Exclude<MeshFrame, DirectFrame>): Header {
	switch (frame.kind) {
		case "routed": {
			const { id, attempt, from, to, hops, answers, probe, bytes, latest } = frame;
			return { i: id, n: attempt, f: from, t: to, h: hops, b: flag(bytes), a: answers, p: flag(probe), l: latest };
		}
		case "beacon":
		case "bridge":
			return { k: frame.kind, ...frame, kind: undefined };
		default:
			return { k: frame.kind, ...frame.fields };
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
		case "routed": {
			const { id, attempt, from, to, hops, answers, latest } = frame;
			const areIds = [id, from, to ?? id, answers ?? id, latest ?? id].every(isId);
			return areIds && isWhole(attempt ?? 1, 1, MAX_ATTEMPTS) && isWhole(hops, 1, MAX_HOPS);
		}
		case "bridge":
			return isId(frame.to) && isWhole(frame.steps, 0, MAX_BRIDGE_STEPS);
		default:
			return true;
	}
}

export function isWhole(value: unknown, least: number, most: number): boolean {
	return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function flag(value: boolean | undefined): 1 | undefined {
	return value ? 1 : undefined;
}
