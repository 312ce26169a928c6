/** Peers that sign their signals, each with a server that the test speaks for. */
import { createIdentity, type OwnIdentity } from "../../../client/identity/index.ts";
import type { Way } from "../../../client/mesh/post.ts";
import type { MeshOptions } from "../../../client/options.ts";
import type { KeyPair } from "../../../client/platform-types.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";
import { type FakeTimers, fakeTimers } from "./fake-timers.ts";

export interface TestPeer extends OwnIdentity {
	readonly id: string;
	readonly keys: KeyPair;
	readonly timers: FakeTimers;
	/** What the server has told of others, by id. */
	readonly told: Map<string, string>;
	/** Peers with a link. */
	readonly links: Set<string>;
	/** Messages of the errors that the application got. */
	readonly errors: string[];
	readonly expelled: string[];
	/** Peers that the server was asked about, and what that did. */
	readonly enquired: string[];
	onEnquiry(peerId: string): void;
	/** An offer as it leaves for a peer, after its way through JSON. */
	offers(to: string, fields?: object): Promise<RelayedFrame>;
	/** Takes a frame. @returns whether it was accepted as it is */
	accepts(from: string, frame: RelayedFrame, way?: Way): Promise<boolean>;
}

export interface TestPeerOptions extends Pick<MeshOptions, "keys" | "verify"> {
	readonly room?: string;
	/** `key`: its id is the hash of its key. */
	readonly id: string;
}

export const P256 = { name: "ECDSA", namedCurve: "P-256" };

export async function aPeer({ id: wanted, room = "room", ...options }: TestPeerOptions): Promise<TestPeer> {
	const keys = options.keys ?? (await crypto.subtle.generateKey(P256, false, ["sign", "verify"]));
	const identity = await createIdentity({ ...options, keys });
	const id = wanted === "key" ? identity.key : wanted;
	const timers = fakeTimers();
	const told = new Map<string, string>();
	const links = new Set<string>();
	const errors: string[] = [];
	const expelled: string[] = [];
	const enquired: string[] = [];
	const own = identity.start({
		environment: { timers },
		peerId: id,
		room,
		links: { get: (peerId) => (links.has(peerId) ? ({} as never) : undefined) },
		post: {} as never,
		roster: { identity: (peerId) => told.get(peerId) },
		emit: (_, error) => void errors.push(`${error.code} ${error.message}`),
		async enquire(peerId) {
			enquired.push(peerId);
			peer.onEnquiry(peerId);
		},
		expel(peerId) {
			expelled.push(peerId);
			links.delete(peerId);
		},
	});
	const peer: TestPeer = {
		...own,
		id,
		keys,
		timers,
		told,
		links,
		errors,
		expelled,
		enquired,
		onEnquiry() {},
		offers: async (to, fields) => onTheWire(await own.seal(to, anOffer(fields))),
		async accepts(from, frame, way = "server") {
			const opened = await own.open(from, onTheWire(frame), way);
			return opened !== undefined;
		},
	};
	return peer;
}

export function anOffer(fields: object = {}): RelayedFrame {
	const sdp = "v=0\r\na=fingerprint:sha-256 AB:CD\r\n";
	return { type: "signal", signal: { type: "offer", sdp, attempt: "a1", order: 7, round: 1, ...fields } };
}

/** A frame after its way: others have written it anew. */
export function onTheWire<Frame extends object>(frame: Frame): Frame {
	return JSON.parse(JSON.stringify(frame));
}
