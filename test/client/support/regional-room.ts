/** A room on several real servers in this process, with links that are pretended, and networks that the caller changes. */
import WebSocket from "ws";
import type { Environment, Timers } from "../../../client/environment.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { assembleMesh } from "../../../client/mesh/mesh.ts";
import { ranked } from "../../../client/regions/rank.ts";
import { type Regions, readRegions } from "../../../client/regions/read.ts";
import { RegionalSession } from "../../../client/regions/session.ts";
import type { Gateway } from "../../../local/gateway.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { fakeWire } from "./mesh-links.ts";
import { seededHex } from "./seeded-random.ts";

/** Room for the connects and searches of a test in a few seconds, all from one address. */
const SETTINGS = { sourceRateLimit: 1e6, sourceBurstLimit: 1e6, searchRateLimit: 1e6, searchBurstLimit: 1e6 };

/** What becomes of a connection: it comes about, is refused, or nothing ever answers. */
export type Reach = "open" | "refused" | "silent";

export interface RegionalPeer {
	readonly mesh: Mesh;
	/** What the application was told about other peers, by peer: `discovered` and `gone`, and `join` and `leave`. */
	readonly told: ReadonlyMap<string, string[]>;
	readonly members: ReadonlyMap<string, string[]>;
	/** Frames to servers and from them, pings left out. */
	readonly frames: { sent: number; received: number };
	/** Broadcasts that came. */
	readonly heard: string[];
	/** Deployments that it was at home in, in order. */
	readonly homes: string[];
	/** Changes its way to a server, by name. Connections that are there end, or hear nothing more. */
	reach(server: string, how: Reach): void;
	/** Sockets to a server that are open now. */
	sockets(server: string): number;
	/** How often it has begun a connection to a server. */
	attempts(server: string): number;
}

export interface RegionalRoom {
	/** The names of the servers, in the order of the room: its home first. */
	readonly order: readonly string[];
	readonly peers: RegionalPeer[];
	join(peerId: string, reach?: Readonly<Record<string, Reach>>, home?: Regions["home"]): RegionalPeer;
	/** A server ends, without a word to its clients. */
	stop(server: string): Promise<void>;
	/** It is there again, and knows nothing. */
	start(server: string): Promise<void>;
	/** The peers that have heard a broadcast of one of them, that is made now. */
	heardFrom(peer: RegionalPeer): Promise<() => number>;
	close(): Promise<void>;
}

export interface RegionalRoomOptions {
	readonly servers: number;
	readonly timers: Timers;
	readonly random: () => number;
	readonly room?: string;
	readonly maxPeers?: number;
}

export async function aRegionalRoom(options: RegionalRoomOptions): Promise<RegionalRoom> {
	const { servers: count, timers, random, room = "room", maxPeers = 8 } = options;
	const wire = fakeWire(timers, () => 5 + random() * 20);
	const gateways = new Map<string, Gateway>();
	const ports = new Map<string, number>();
	for (let n = 0; n < count; n++) {
		const gateway = await startLocalServer(SETTINGS, { graceMs: 0 });
		gateways.set(`region-${n}`, gateway);
		ports.set(`region-${n}`, gateway.port);
	}
	const regions = [...gateways].map(([name, { url }]) => ({ name, url }));
	const read = (await readRegions({ regions })) as Regions;
	const order = ranked(read.regions, room).map(({ name }) => name);
	const nameOf = (url: string) => regions.find((region) => url.startsWith(region.url))?.name ?? url;

	const network = (reaches: Map<string, Reach>) => {
		const sockets = new Set<WebSocket & { server?: string }>();
		const attempts: string[] = [];
		class Network extends WebSocket {
			readonly server: string;
			constructor(url: string, protocols: string[] = []) {
				const server = nameOf(url);
				const how = reaches.get(server) ?? "open";
				super(how === "open" ? url : "ws://127.0.0.1:1", protocols);
				this.server = server;
				attempts.push(server);
				sockets.add(this);
				this.on("close", () => sockets.delete(this));
				this.on("error", () => {});
			}
			override emit(event: string | symbol, ...values: unknown[]): boolean {
				// From the other end of a broken path comes nothing, not even an error.
				if (reaches.get(this.server) === "silent" && this.readyState !== WebSocket.CLOSING) return false;
				return super.emit(event, ...values);
			}
		}
		return { sockets, attempts, Network };
	};

	const world: RegionalRoom = {
		order,
		peers: [],
		join(peerId, reach = {}, home = "room") {
			const reaches = new Map(Object.entries(reach));
			const { sockets, attempts, Network } = network(reaches);
			const environment: Environment = {
				timers,
				random,
				randomHex: seededHex(random),
				WebSocket: Network as unknown as Environment["WebSocket"],
				RTCPeerConnection: class {} as never,
				onWake: () => () => {},
			};
			const mesh = assembleMesh({
				environment,
				peerId,
				room,
				maxPeers,
				maxReceiveBytes: 1 << 20,
				openSession: (host) =>
					new RegionalSession(
						{ ...read, home },
						{
							url: "",
							peerId,
							room,
							heartbeatInterval: HEARTBEAT_INTERVAL_MS,
							ownerKey: `the key of ${peerId}`.padEnd(22),
						},
						environment,
						host,
					),
				createLink: wire.createLink,
			});
			const told = new Map<string, string[]>();
			const frames = { sent: 0, received: 0 };
			mesh.on("signaling", ({ direction, frame }) => {
				if (frame.type !== "ping" && frame.type !== "pong") frames[direction === "out" ? "sent" : "received"]++;
			});
			const heard: string[] = [];
			const homes: string[] = [];
			const members = new Map<string, string[]>();
			const note = (map: Map<string, string[]>, what: string) => (id: string) =>
				void map.set(id, [...(map.get(id) ?? []), what]);
			mesh.on("peer:discovered", note(told, "discovered"));
			mesh.on("peer:gone", note(told, "gone"));
			mesh.on("peer:join", note(members, "join"));
			mesh.on("peer:leave", note(members, "leave"));
			mesh.on("message", ({ data }) => heard.push(String(data)));
			mesh.on("region", (name) => homes.push(name));
			const peer: RegionalPeer = {
				mesh,
				told,
				members,
				frames,
				heard,
				homes,
				reach(server, how) {
					reaches.set(server, how);
					if (how !== "refused") return;
					for (const socket of sockets) if (socket.server === server) socket.terminate();
				},
				sockets: (server) => [...sockets].filter((socket) => socket.server === server).length,
				attempts: (server) => attempts.filter((name) => name === server).length,
			};
			world.peers.push(peer);
			void mesh.join().catch(() => {});
			return peer;
		},
		async stop(server) {
			const gateway = gateways.get(server);
			gateways.delete(server);
			await gateway?.close();
		},
		async start(server) {
			gateways.set(server, await startLocalServer(SETTINGS, { graceMs: 0, port: ports.get(server) ?? 0 }));
		},
		async heardFrom(peer) {
			const text = `broadcast ${seededHex(random)(8)}`;
			await peer.mesh.broadcast(text);
			return () => world.peers.filter(({ heard }) => heard.includes(text)).length;
		},
		async close() {
			for (const { mesh } of world.peers) mesh.close();
			await Promise.all([...gateways.values()].map((gateway) => gateway.close()));
		},
	};
	return world;
}
