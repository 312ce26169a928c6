/** A room of clients that ship, on machines that come and go, over a pretended network and a server that may go away. */

import type { Environment, Timers } from "../../../client/environment.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { assembleMesh } from "../../../client/mesh/mesh.ts";
import { createSession, type SessionOptions } from "../../../client/signaling/index.ts";
import { createLink } from "../../../client/webrtc/link.ts";
import { seededRandom as seededNumbers } from "../../../local/seeded-random.ts";
import { seededRandom } from "../random.ts";
import { Bill } from "./bill.ts";
import { Connections } from "./connections.ts";
import { type Caller, Gateway } from "./gateway.ts";
import { pretendedIdentity } from "./pretended-identity.ts";
import { simulatedTime } from "./time.ts";
import { Traffic } from "./traffic.ts";

/** Links of a peer at most: the client's default. */
const MAX_PEERS = 8;
/** ms from a machine to the middle of the network, at least and at most. */
const LATENCY = { least: 5, most: 30 };
/** How soon an application joins again after it could not. */
const AGAIN_MS = 10_000;
/** How many of the peers that go say so. The programs of the others end without a word. */
const SAY_SO = 0.5;

export interface Member extends Caller {
	/** When it was welcomed for the first time, by the time's `elapsed`. */
	readonly joinedAt: number | undefined;
	readonly mesh: Mesh;
}

export interface RoomOptions {
	/** Whether signals go through the mesh. By the server only: the clients have no keys, so they do not trust the mesh. */
	readonly signals: "mesh" | "server";
	readonly seed: number;
}

class Machine implements Member {
	readonly peerId: string;
	readonly address: string;
	readonly fingerprint: string;
	readonly latency: number;
	readonly timers: Timers;
	alive = true;
	joinedAt: number | undefined;
	mesh!: Mesh;

	constructor(timers: Timers, number: number, hex: (digits: number) => string, random: () => number) {
		this.peerId = hex(40);
		// Each is in another network, as the limits for one source see it.
		this.address = `2001:db8:${(number >> 16).toString(16)}:${(number & 65_535).toString(16)}::1`;
		this.fingerprint = (hex(64).toUpperCase().match(/../g) as string[]).join(":");
		this.latency = LATENCY.least + random() * (LATENCY.most - LATENCY.least);
		// A program that has ended does nothing more.
		this.timers = { ...timers, after: (ms, callback) => timers.after(ms, () => this.alive && callback()) };
	}
}

export function clientRoom({ seed, signals }: RoomOptions) {
	const time = simulatedTime();
	const number = seededNumbers(seed);
	const random = seededRandom(seed ^ 0x5eed);
	const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(number() * 16).toString(16)).join("");
	const bill = new Bill(time.elapsed);
	const traffic = new Traffic();
	const connections = new Connections();
	connections.onFrame = (frame, { peerId }) => traffic.count(frame, peerId);
	const gateway = new Gateway(time, random, bill);
	/** All that are here, also if they wait for the server. */
	const machines: Machine[] = [];
	let made = 0;

	const environmentOf = (machine: Machine): Environment => ({
		timers: machine.timers,
		random: number,
		randomHex: hex,
		WebSocket: gateway.classFor(machine),
		RTCPeerConnection: connections.classFor(machine),
		onWake: () => () => {},
	});

	const meshOn = (machine: Machine): Mesh => {
		const environment = environmentOf(machine);
		const { peerId } = machine;
		const url = "wss://server";
		const identity = signals === "mesh" ? Promise.resolve(pretendedIdentity(hex(40))) : undefined;
		const own: SessionOptions = {
			peerId,
			room: "mesh",
			ownerKey: hex(32),
			url,
			identity,
			heartbeatInterval: HEARTBEAT_INTERVAL_MS,
		};
		return assembleMesh({
			environment,
			peerId,
			room: "mesh",
			maxPeers: MAX_PEERS,
			maxReceiveBytes: 2 ** 28,
			identity,
			openSession: () => createSession(own, environment),
			createLink,
		});
	};

	const join = (machine: Machine): void => {
		if (!machine.alive || !machines.includes(machine)) return;
		machine.mesh.join().then(
			() => {
				machine.joinedAt ??= time.elapsed();
			},
			// The application's page offers to try again, and its user does.
			() => machine.timers.after(AGAIN_MS * (0.5 + number()), () => join(machine)),
		);
	};

	return {
		time,
		bill,
		traffic,
		gateway,
		/** Every peer that is here, whether it could join or not. */
		machines: machines as readonly Member[],

		arrive(): void {
			const machine = new Machine(time, ++made, hex, number);
			machine.mesh = meshOn(machine);
			machines.push(machine);
			join(machine);
		},

		/** One that is here goes, by chance with a word or without. */
		depart(): void {
			const index = random.below(machines.length);
			const machine = machines[index] as Machine;
			machines[index] = machines.at(-1) as Machine;
			machines.pop();
			bill.left(machine.peerId);
			const end = () => {
				machine.alive = false;
				connections.vanished(machine);
				gateway.vanished(machine);
			};
			if (number() < SAY_SO) void machine.mesh.leave().then(end, end);
			else end();
		},

		/** The paths of some open links break. @param share of the links @param lost share of the breaks that nothing mends */
		breakLinks(share: number, lost: number): void {
			for (const [, , connection] of [...connections.open()]) if (number() < share) connection.cut(number() >= lost);
		},

		/** Links with a path that carries something, by the machines that they join. */
		links: () => connections.open(),
	};
}

export type ClientRoom = ReturnType<typeof clientRoom>;
