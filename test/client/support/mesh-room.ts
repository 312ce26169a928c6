/** A room of many peers that decide as the client does, over a pretended server and pretended links. */
import { createHash } from "node:crypto";

import { createEmitter, type Emitter } from "../../../client/emitter.ts";
import type { Environment } from "../../../client/environment.ts";
import { MeshError } from "../../../client/errors.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { assembleMesh } from "../../../client/mesh/mesh.ts";
import { prepareJoin } from "../../../client/signaling/join.ts";
import type { SessionEvents } from "../../../client/signaling/session.ts";
import { type FakeWire, fakeWire } from "./mesh-links.ts";
import { simulatedTimers } from "./mesh-timers.ts";

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

export function aRoom({ maxPeers, random }: { readonly maxPeers: number; readonly random: () => number }): Room {
	const timers = simulatedTimers();
	const latency = () => 5 + random() * 40;
	const wire = fakeWire(timers, latency);
	const meshes = new Map<string, Mesh>();
	const members = new Map<string, Emitter<SessionEvents>["emit"]>();
	let frames = 0;

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

	const openSession = (selfId: string) => () => {
		const { on, emit } = createEmitter<SessionEvents>();
		let state: "new" | "joined" | "left" = "new";
		let mayName: ((id: string) => boolean) | undefined;
		const count = () => {
			frames++;
		};
		const leave = async () => {
			if (state === "left") return;
			state = "left";
			members.delete(selfId);
			emit("state", state);
			for (const id of choose(selfId, selfId)) timers.after(latency(), () => members.get(id)?.("peerLeft", selfId));
		};
		return {
			on,
			leave,
			close: () => void leave(),
			get state() {
				return state;
			},
			async join() {
				count();
				emit("state", "joining");
				state = "joined";
				emit("state", state);
				members.set(selfId, emit);
				const { join } = await prepareJoin({ peerId: selfId, room: "room" }, undefined);
				if (isKademliaId(selfId) && join.anyId !== true) mayName = isKademliaId;
				const told = choose(selfId, selfId);
				const listed = mayName === undefined ? told : choose(selfId, selfId, mayName);
				timers.after(latency(), () => {
					emit("welcome", { peers: listed.map((id) => ({ id, lastSeen: 0 })) }, false);
				});
				for (const id of told) timers.after(latency(), () => members.get(id)?.("peerJoined", selfId));
			},
			send(to: string, frame: object) {
				count();
				timers.after(latency(), () => {
					const target = members.get(to);
					const copy = JSON.parse(JSON.stringify(frame));
					if (target !== undefined) target("frame", selfId, copy);
					else emit("undelivered", to, new MeshError("PEER_NOT_FOUND", `Peer ${to} not found.`, { peerId: to }));
				});
			},
			probe() {},
			async findPeers({ target = selfId } = {}) {
				count();
				const found = choose(selfId, target, mayName);
				await new Promise<void>((resolve) => timers.after(2 * latency(), resolve));
				return found.map((id) => ({ id, lastSeen: 0 }));
			},
		};
	};

	const room: Room = {
		meshes,
		timers,
		split: false,
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
		say: (mesh, header) => wire.say(mesh.peerId, new TextEncoder().encode(`${JSON.stringify(header)}\n`)),
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
