/** A room of many peers that decide as the client does, over a pretended server and pretended links. */
import { createHash } from "node:crypto";

import { createEmitter, type Emitter } from "../../../client/emitter.ts";
import type { Environment } from "../../../client/environment.ts";
import { MeshError } from "../../../client/errors.ts";
import type { Identity } from "../../../client/identity/index.ts";
import { inLanes } from "../../../client/identity/lanes.ts";
import { BACKOFF_MAX_MS, MAX_QUEUED_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { assembleMesh } from "../../../client/mesh/mesh.ts";
import { prepareJoin } from "../../../client/signaling/join.ts";
import type { RelayedFrame, SessionEvents, SessionState } from "../../../client/signaling/session.ts";
import { type FakeWire, fakeWire } from "./mesh-links.ts";
import { simulatedTimers } from "./mesh-timers.ts";
// Parts that the client loads late. Simulated time does not wait for a busy machine that reads a file, so they are here before.
import "../../../client/members/index.ts";
import "../../../client/mesh/island.ts";
import "../../../client/mesh/search.ts";
import "../../../client/mesh/tree.ts";
import "../../../client/mesh/ways.ts";
import "../../../client/overlay/index.ts";
import "../../../client/transfer/index.ts";

export interface Room {
	readonly meshes: ReadonlyMap<string, Mesh>;
	readonly timers: ReturnType<typeof simulatedTimers>;
	/** Frames that clients sent to the server, joins included. */
	readonly frames: number;
	/** Messages that passed over links. */
	readonly messages: number;
	/** The same by the kind of the frame. */
	frameCounts(): Readonly<Record<string, number>>;
	/** The bytes of those. */
	frameBytes(): Readonly<Record<string, number>>;
	readonly wire: Pick<FakeWire, "copies" | "onTheWay">;
	/** Whether the server is two that do not know of each other. */
	split: boolean;
	/** Whether the server can be reached. After a time without it the server knows nobody, and all join again. */
	up: boolean;
	/** What API Gateway would bill beyond joins, welcomes and notices: each frame in, and each frame out. */
	readonly billed: number;
	/** Of those: the questions of a peer to the server, and the answers. */
	searches(peerId: string): number;
	/** @param peerId default: 40 hexadecimal digits */
	join(peerId?: string): Mesh;
	/** It goes: its links close, and the server tells its neighbours. */
	leave(mesh: Mesh): void;
	/** Ends the link between two peers. What is on its way is lost. */
	cut(one: Mesh, other: Mesh): void;
	/** A peer sends a frame with this header to all its neighbours. */
	say(mesh: Mesh, header: object): void;
	/** The sets of peers that reach each other over links open on both sides. */
	islands(): string[][];
	/** How many links each has. */
	degrees(): number[];
}

export interface RoomOptions {
	readonly maxPeers: number;
	readonly random: () => number;
	/** Whether a peer has an identity, and with it the overlay. Older clients have none. @default all have */
	readonly isModern?: (peerId: string) => boolean;
}

/** A pretended signature that no peer forges. */
const sealOf = (from: string, to: string, frame: RelayedFrame) =>
	createHash("sha1")
		.update(JSON.stringify([from, to, frame]))
		.digest("hex");

const trusting: Identity = {
	key: "0".repeat(40),
	start: ({ post, peerId }) => ({
		key: "0".repeat(40),
		keyOf: () => undefined,
		named() {},
		...inLanes(
			{
				seal: async (to, frame) => ({ ...frame, seal: sealOf(peerId, to, frame) }),
				async open(from, { seal, ...frame }, way) {
					const isItsOwn = seal === sealOf(from, peerId, frame as RelayedFrame);
					return isItsOwn || (seal === undefined && way === "server") ? (frame as RelayedFrame) : undefined;
				},
			},
			post,
		),
	}),
};

export function aRoom({ maxPeers, random, isModern = () => true }: RoomOptions): Room {
	const timers = simulatedTimers();
	const latency = () => 5 + random() * 40;
	const wire = fakeWire(timers, latency);
	const meshes = new Map<string, Mesh>();
	/** Whom the server knows, with the time of the lease. */
	const members = new Map<string, { readonly emit: Emitter<SessionEvents>["emit"]; readonly at: number }>();
	let frames = 0;
	const identityOf = (id: string) => (isModern(id) ? trusting.key : undefined);
	const tell = (id: string) => {
		const [identity, lastSeen] = [identityOf(id), members.get(id)?.at ?? 0];
		return identity === undefined ? { id, lastSeen } : { id, lastSeen, identity };
	};

	const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
	const environment: Environment = {
		timers,
		random,
		randomHex: hex,
		WebSocket: class {} as never,
		RTCPeerConnection: class {} as never,
		onWake: () => () => {},
	};

	/** p2pmesh's Node client stops at a listed id of another form, so the server lists none to such a reader. */
	const isKademliaId = (id: string) => /^[0-9a-f]{40}$/i.test(id);
	const keyOf = (id: string) => (isKademliaId(id) ? id : createHash("sha1").update(id).digest("hex"));
	const distance = (a: string, b: string) => BigInt(`0x${keyOf(a)}`) ^ BigInt(`0x${keyOf(b)}`);
	/** As the server chooses among the peers that it may name: the 5 nearest, and 3 from anywhere. */
	const choose = (selfId: string, target: string, mayName: (id: string) => boolean = () => true) => {
		const half = (id: string) => Number.parseInt(keyOf(id).at(-1) as string, 16) % 2;
		const isReached = (id: string) => !(room.split && half(id) !== half(selfId));
		const others = [...members.keys()].filter((id) => id !== selfId && isReached(id) && mayName(id));
		const near = others
			.map((id) => ({ id, distance: distance(id, target) }))
			.sort((a, b) => (a.distance < b.distance ? -1 : 1))
			.map(({ id }) => id);
		const chosen = new Set(near.slice(0, 5));
		for (let n = 0; n < 3 && others.length > 0; n++) chosen.add(others[Math.floor(random() * others.length)] as string);
		for (const id of near) if (chosen.size < 8) chosen.add(id);
		return [...chosen];
	};

	let billed = 0;
	const searches = new Map<string, number>();
	const sessions = new Set<{ lose(): void; find(): void }>();

	const openSession = (selfId: string) => () => {
		const { on, emit } = createEmitter<SessionEvents>();
		let state: SessionState = "new";
		let mayName: ((id: string) => boolean) | undefined;
		let waiting: { readonly at: number; readonly send: () => void }[] = [];
		const enter = (next: SessionState) => {
			state = next;
			emit("state", next);
		};
		const count = () => {
			frames++;
			billed++;
		};
		const arrive = async () => {
			const { join } = await prepareJoin({ peerId: selfId, room: "room" }, undefined);
			if (!room.up || state === "left") return;
			frames++;
			if (isKademliaId(selfId) && join.anyId !== true) mayName = isKademliaId;
			const told = choose(selfId, selfId);
			const listed = mayName === undefined ? told : choose(selfId, selfId, mayName);
			const at = timers.now();
			members.set(selfId, { emit, at });
			enter("joined");
			timers.after(latency(), () => emit("welcome", { peers: listed.map(tell) }, false));
			for (const id of told) {
				timers.after(latency(), () => members.get(id)?.emit("peerJoined", selfId, at, identityOf(selfId)));
			}
			const late = waiting.filter((one) => timers.now() - one.at < MAX_QUEUED_MS);
			waiting = [];
			for (const { send } of late) send();
		};
		const leave = async () => {
			if (state === "left") return;
			sessions.delete(self);
			const known = members.get(selfId);
			members.delete(selfId);
			enter("left");
			if (!room.up || known === undefined) return;
			for (const id of choose(selfId, selfId)) {
				timers.after(latency(), () => members.get(id)?.emit("peerLeft", selfId, known.at));
			}
		};
		const self = {
			lose: () => state === "joined" && enter("reconnecting"),
			find: () => timers.after(random() * BACKOFF_MAX_MS, () => void arrive()),
		};
		return {
			on,
			leave,
			close: () => void leave(),
			get state() {
				return state;
			},
			async join() {
				sessions.add(self);
				enter("joining");
				await arrive();
			},
			send(to: string, frame: object) {
				const send = () => {
					count();
					timers.after(latency(), () => {
						billed++;
						const target = members.get(to);
						const copy = JSON.parse(JSON.stringify(frame));
						if (target !== undefined) target.emit("frame", selfId, copy);
						else if (room.up) {
							emit("undelivered", to, new MeshError("PEER_NOT_FOUND", `Peer ${to} not found.`, { peerId: to }));
						}
					});
				};
				if (room.up && state === "joined") send();
				else waiting.push({ at: timers.now(), send });
			},
			probe() {},
			async findPeers({ target = selfId } = {}) {
				if (!room.up || state !== "joined") throw new MeshError("TIMEOUT", "The server does not answer.");
				count();
				searches.set(selfId, (searches.get(selfId) ?? 0) + 2);
				const found = choose(selfId, target, mayName);
				await new Promise<void>((resolve) => timers.after(2 * latency(), resolve));
				billed++;
				return found.map(tell);
			},
		};
	};

	let up = true;
	const room: Room = {
		meshes,
		timers,
		split: false,
		get up() {
			return up;
		},
		set up(isUp) {
			up = isUp;
			if (!isUp) members.clear();
			for (const session of sessions) isUp ? session.find() : session.lose();
		},
		get billed() {
			return billed;
		},
		searches: (peerId) => searches.get(peerId) ?? 0,
		get frames() {
			return frames;
		},
		get messages() {
			return wire.messages;
		},
		frameCounts: () => ({ ...wire.counts }),
		frameBytes: () => ({ ...wire.bytes }),
		wire,
		join(peerId = hex(40)) {
			const mesh = assembleMesh({
				environment,
				peerId,
				room: "room",
				maxPeers,
				maxReceiveBytes: 1 << 28,
				openSession: openSession(peerId),
				createLink: wire.createLink,
				...(isModern(peerId) && { identity: Promise.resolve(trusting) }),
			});
			meshes.set(peerId, mesh);
			void mesh.join();
			return mesh;
		},
		leave(mesh) {
			meshes.delete(mesh.peerId);
			void mesh.leave();
		},
		cut: (one, other) => wire.cut(one.peerId, other.peerId),
		say: (mesh, header) => wire.say(mesh.peerId, new TextEncoder().encode(`\0${JSON.stringify(header)}\n`)),
		islands() {
			const unseen = new Set(meshes.keys());
			const islands: string[][] = [];
			for (const start of unseen) {
				const island = [start];
				unseen.delete(start);
				for (const id of island) {
					for (const peer of meshes.get(id)?.peers ?? []) {
						if (!unseen.has(peer) || !meshes.get(peer)?.peers.includes(id)) continue;
						unseen.delete(peer);
						island.push(peer); // the loop also visits peers that are added now: the array is the queue
					}
				}
				islands.push(island);
			}
			return islands;
		},
		degrees: () => [...meshes.values()].map((mesh) => mesh.peers.length),
	};
	return room;
}
