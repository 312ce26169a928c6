import { createEmitter, type Emitter } from "../../../client/emitter.ts";
import type { MeshError } from "../../../client/errors.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { assembleMesh } from "../../../client/mesh/mesh.ts";
import type { MeshParts } from "../../../client/mesh/peer.ts";
import type { RelayedFrame, Session, SessionEvents, SessionState } from "../../../client/signaling/session.ts";
import { type FakeTimers, fakeTimers } from "./fake-timers.ts";
import { fakeWire } from "./mesh-links.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

export interface MeshUnderTest {
	readonly mesh: Mesh;
	readonly timers: FakeTimers;
	/** Speaks for the server. */
	readonly emit: Emitter<SessionEvents>["emit"];
	/** Frames that were sent to peers. */
	readonly sent: { readonly to: string; readonly frame: RelayedFrame }[];
	/** Targets of `find_peers`. */
	readonly asked: (string | undefined)[];
	/** What the next `find_peers` lists. */
	listed: string[];
	/** Events of the mesh, without `signaling`. */
	readonly events: unknown[][];
	/** ICE servers of each link that was made. */
	readonly iceServers: unknown[];
	/** Lets the server end a join: well, or with an error. */
	settleJoin(error?: MeshError): void;
	/** Joins and is welcomed with these peers. */
	join(...peers: string[]): Promise<void>;
	/** A neighbour sends a frame with this header. */
	say(from: string, header: object, body?: Uint8Array): void;
	/** The headers of the frames that a neighbour was sent. */
	heardBy(peerId: string): object[];
	/** What a neighbour was told of the members of the room. */
	toldTo(peerId: string): Record<string, never>[];
	/** A peer closes its side of a link. */
	hangUp(from: string): void;
	/** An offer of a peer, and some time for the answer. */
	offer(from: string, fields?: object): Promise<void>;
}

/** A mesh with the test as its server. Its links open once they are answered. */
export function aMeshUnderTest(parts: Partial<MeshParts> = {}): MeshUnderTest {
	const timers = fakeTimers();
	const random = seededRandom(7);
	const wire = fakeWire(timers, () => 1);
	const sent: { to: string; frame: RelayedFrame }[] = [];
	const asked: (string | undefined)[] = [];
	const iceServers: unknown[] = [];
	const neighbours = new Map<string, (message: Uint8Array) => void>();
	const heardBy = new Map<string, object[]>();
	const toldTo = new Map<string, Record<string, never>[]>();
	const ends = new Map<string, (why: "left") => void>();
	let state: SessionState = "new";
	const { on, emit } = createEmitter<SessionEvents>((error) => {
		throw error;
	});
	let settle: (error?: MeshError) => void = () => {};

	const enter = (next: SessionState) => {
		if (state === next) return;
		state = next;
		emit("state", next);
	};
	const session: Session = {
		on,
		get state() {
			return state;
		},
		join: () =>
			new Promise((resolve, reject) => {
				enter("joining");
				settle = (error) => (error === undefined ? resolve() : reject(error));
			}),
		async leave() {
			enter("left");
		},
		close: () => enter("left"),
		send: (to, frame) => void sent.push({ to, frame }),
		probe() {},
		async findPeers({ target } = {}) {
			asked.push(target);
			return under.listed.map((id) => ({ id, lastSeen: 0 }));
		},
	};
	const mesh = assembleMesh({
		environment: {
			timers,
			random,
			randomHex: seededHex(random),
			WebSocket: class {} as never,
			RTCPeerConnection: class {} as never,
			onWake: () => () => {},
		},
		peerId: "m",
		room: "room",
		maxPeers: 3,
		maxReceiveBytes: 1 << 28,
		openSession: () => session,
		createLink(options, linkEvents) {
			iceServers.push(options.iceServers());
			neighbours.set(options.peerId, linkEvents.message);
			ends.set(options.peerId, (why) => {
				linkEvents.disconnect();
				linkEvents.end(why);
			});
			const link = wire.createLink(options, linkEvents);
			const { send } = link;
			link.send = (message) => {
				const [head = "", ...rest] = new TextDecoder().decode((message as Uint8Array).subarray(1)).split("\n");
				const header = JSON.parse(head);
				heardBy.set(options.peerId, [...(heardBy.get(options.peerId) ?? []), header]);
				const body = rest.join("\n");
				if (header.k === "members" && body !== "") {
					toldTo.set(options.peerId, [...(toldTo.get(options.peerId) ?? []), JSON.parse(body)]);
				}
				return send(message);
			};
			return link;
		},
		...parts,
	});
	const heard: unknown[][] = [];
	for (const name of [
		"peer:connect",
		"peer:disconnect",
		"peer:discovered",
		"peer:gone",
		"message",
		"state",
		"error",
	] as const) {
		mesh.on(name, (...[value]: unknown[]) => heard.push([name, value]));
	}

	const under: MeshUnderTest = {
		mesh,
		timers,
		emit,
		sent,
		asked,
		listed: [],
		events: heard,
		iceServers,
		settleJoin: (error) => settle(error),
		async join(...peers) {
			const joined = mesh.join();
			enter("joined");
			emit("welcome", { peers: peers.map((id) => ({ id, lastSeen: 0 })) }, false);
			settle();
			await joined;
		},
		say: (from, header, body = new Uint8Array(0)) =>
			neighbours.get(from)?.(new Uint8Array(Buffer.concat([Buffer.from(`\0${JSON.stringify(header)}\n`), body]))),
		toldTo: (peerId) => toldTo.get(peerId) ?? [],
		heardBy: (peerId) => heardBy.get(peerId) ?? [],
		hangUp: (from) => ends.get(from)?.("left"),
		async offer(from, fields = {}) {
			const attempt = `${from}${sent.length}`;
			emit("frame", from, {
				type: "signal",
				signal: { type: "offer", sdp: "", attempt, order: sent.length, ...fields },
			});
			await timers.advance(20);
		},
	};
	return under;
}
