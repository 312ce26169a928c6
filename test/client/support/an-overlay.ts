import { createEmitter } from "../../../client/emitter.ts";
import { encodeText } from "../../../client/json.ts";
import type { MeshEvents } from "../../../client/mesh/api.ts";
import type { ExtraHost } from "../../../client/mesh/extras.ts";
import type { ExtraFrame, Header } from "../../../client/mesh/frames.ts";
import { type Overlay, start } from "../../../client/overlay/index.ts";
import { frameOf, readWord, type Word } from "../../../client/overlay/words.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";
import { type FakeTimers, fakeTimers } from "./fake-timers.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

export interface OverlayUnderTest {
	readonly overlay: Overlay;
	readonly timers: FakeTimers;
	/** What each neighbour was sent. */
	readonly sent: { readonly to: string; readonly word: Word; readonly body: Uint8Array }[];
	/** Signals that arrived here. */
	readonly received: { readonly from: string; readonly frame: RelayedFrame }[];
	/** What went by the server. */
	readonly byServer: { readonly to: string; readonly frame: RelayedFrame }[];
	/** Peers with a link, or one in the making. */
	readonly links: Set<string>;
	isServerUp: boolean;
	/** Whether it needs no more links. */
	hasEnough: boolean;
	/** Whether the links in the making are calls of this peer. */
	calls: boolean;
	/** What the server says of peers. */
	readonly known: Map<string, boolean>;
	/** A link opens, and its peer greets. @param peers its neighbours */
	connect(neighbour: string, ...peers: string[]): void;
	disconnect(neighbour: string): void;
	/** A neighbour says something. */
	say(via: string, word: Word, body?: Uint8Array | string): void;
	sayFields(via: string, fields: Header, body?: Uint8Array): void;
	/** The words of one kind that were sent since the last call. */
	words<Kind extends Word["is"]>(kind: Kind): ({ readonly to: string } & Extract<Word, { is: Kind }>)[];
}

/** The overlay of a peer `m`, with the test as its neighbours and its server. */
export function anOverlay(): OverlayUnderTest {
	const timers = fakeTimers();
	const random = seededRandom(1);
	const emitter = createEmitter<MeshEvents>();
	const neighbours = new Set<string>();
	const sent: OverlayUnderTest["sent"] = [];
	const received: OverlayUnderTest["received"] = [];
	const byServer: OverlayUnderTest["byServer"] = [];
	const links = new Set<string>();
	const known = new Map<string, boolean>();
	const host = {
		environment: { timers, random, randomHex: seededHex(random) },
		selfId: "m",
		emitter,
		links: { get: (peerId: string) => (links.has(peerId) ? { calling: under.calls ? "1" : undefined } : undefined) },
		post: {
			sealing: {},
			receive: (from: string, frame: RelayedFrame) => void received.push({ from, frame }),
			toServer: (to: string, frame: RelayedFrame) => void byServer.push({ to, frame }),
		},
		ours: () => [...neighbours],
		isPresent: () => under.isServerUp,
		knowsOverlay: (peerId: string) => known.get(peerId),
		hasEnough: () => under.hasEnough,
		giveUp: (peerId: string) => void links.delete(peerId),
		search() {},
		async transmit(to: string, frame: ExtraFrame) {
			if (!neighbours.has(to)) throw new Error("No link.");
			sent.push({ to, word: readWord(frame.fields ?? {}) as Word, body: frame.body });
		},
	};
	const under: OverlayUnderTest = {
		overlay: start(host as unknown as ExtraHost),
		timers,
		sent,
		received,
		byServer,
		links,
		isServerUp: true,
		hasEnough: false,
		calls: false,
		known,
		connect(neighbour, ...peers) {
			neighbours.add(neighbour);
			links.add(neighbour);
			emitter.emit("peer:connect", neighbour);
			under.say(neighbour, { is: "near", peers });
		},
		disconnect(neighbour) {
			neighbours.delete(neighbour);
			links.delete(neighbour);
			emitter.emit("peer:disconnect", neighbour);
		},
		say: (via, word, body = new Uint8Array(0)) =>
			under.overlay.receive(via, frameOf(word, typeof body === "string" ? encodeText(body) : body)),
		sayFields: (via, fields, body = new Uint8Array(0)) =>
			under.overlay.receive(via, { kind: "overlay", fields, bytes: true, body }),
		words(kind) {
			const found = sent.filter(({ word }) => word.is === kind);
			for (const one of found) sent.splice(sent.indexOf(one), 1);
			return found.map(({ to, word }) => ({ ...(word as Extract<Word, { is: typeof kind }>), to }));
		},
	};
	return under;
}

export const anOffer = (attempt = "1"): RelayedFrame => ({
	type: "signal",
	signal: { type: "offer", sdp: "v=0", attempt, order: 1 },
});
