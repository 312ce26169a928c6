import { createEmitter } from "../../../client/emitter.ts";
import type { Environment, Socket } from "../../../client/environment.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../client/limits.ts";
import type { MeshEvents } from "../../../client/mesh/api.ts";
import type { LinksEvents } from "../../../client/mesh/links.ts";
import type { SessionHost } from "../../../client/mesh/peer.ts";
import { ranked } from "../../../client/regions/rank.ts";
import { type Regions, readRegions } from "../../../client/regions/read.ts";
import { RegionalSession } from "../../../client/regions/session.ts";
import { listenTo } from "./a-session.ts";
import { fakeTimers } from "./fake-timers.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

type Frame = Readonly<Record<string, unknown>>;

/** A deployment that the test controls. */
export interface FakeRegion {
	readonly name: string;
	/** Names it in frames to other peers. */
	readonly mark: string;
	/** `open` welcomes; a code refuses each join with it; `refused` and `silent` give no connection. */
	mode: "open" | "refused" | "silent" | string;
	/** ms until it answers. */
	latency: number;
	/** The peers of its welcomes and lists. */
	peers: Frame[];
	/** The ids that it does not know. */
	readonly unknown: Set<string>;
	/** Joins and relayed frames that came, with the time in ms. */
	readonly got: { readonly at: number; readonly frame: Frame }[];
	/** Sockets that are open. */
	readonly sockets: Set<Socket>;
	/** Ends its sockets, and takes no more. */
	die(): void;
	/** Sends to all. */
	say(frame: Frame): void;
}

/** A session on several deployments; the test controls these, the clock and the mesh. `random` gives 0.5 unless the test says otherwise. */
export async function aRegionalSession(count: number, home: Regions["home"] = "room", random = () => 0.5) {
	const timers = fakeTimers();
	const regions = new Map<string, FakeRegion>();
	const latencyOf = (region: FakeRegion) => region.latency;

	class FakeServerSocket implements Socket {
		readyState = 0;
		bufferedAmount = 0;
		onopen: Socket["onopen"] = null;
		onmessage: Socket["onmessage"] = null;
		onclose: Socket["onclose"] = null;
		onerror: Socket["onerror"] = null;
		readonly #region: FakeRegion;

		constructor(url: string) {
			const region = regions.get(new URL(url).hostname);
			if (region === undefined) throw new Error(`No server at ${url}.`);
			this.#region = region;
			if (region.mode === "silent") return;
			timers.after(latencyOf(region), () => {
				if (this.readyState !== 0) return;
				if (region.mode === "refused") return this.end();
				this.readyState = 1;
				region.sockets.add(this);
				this.onopen?.();
			});
		}

		send(text: string) {
			const frame: Frame = JSON.parse(text);
			const region = this.#region;
			timers.after(latencyOf(region), () => this.#serve(region, frame));
		}

		#serve(region: FakeRegion, frame: Frame) {
			const { type, id, to, target, peerId } = frame;
			if (type === "ping") return this.receive({ type: "pong" });
			if (type === "leave") return this.end();
			region.got.push({ at: timers.elapsed(), frame });
			if (type === "join" && region.mode !== "open") {
				const retryable = region.mode === "UNAVAILABLE";
				return this.receive({ type: "error", code: region.mode, message: "No.", retryable, requestType: "join" });
			}
			const { peers } = region;
			if (type === "join") this.receive({ type: "bootstrap_peers", peers, room: "room", peerId, resumeKey: "key" });
			else if (type === "find_peers")
				this.receive({ type: "bootstrap_peers", peers, room: "room", peerId: "me", target });
			else if (region.unknown.has(String(to))) {
				const message = `Peer ${to} not found.`;
				this.receive({ type: "error", code: "PEER_NOT_FOUND", message, retryable: false, id, to });
			}
		}

		receive(frame: Frame) {
			if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
		}

		end() {
			if (this.readyState === 3) return;
			this.readyState = 3;
			this.#region.sockets.delete(this);
			this.onclose?.({ code: 1006, reason: "" });
		}

		close() {
			this.readyState = 3;
			this.#region.sockets.delete(this);
		}
	}

	const names = Array.from({ length: count }, (_, n) => `region-${n}.test`);
	const read = (await readRegions({ regions: names.map((name) => `ws://${name}`) })) as Regions;
	for (const { name, mark } of ranked(read.regions, "room")) {
		const region: FakeRegion = {
			name,
			mark,
			mode: "open",
			latency: 5,
			peers: [],
			unknown: new Set(),
			got: [],
			sockets: new Set(),
			die() {
				region.mode = "refused";
				for (const socket of [...region.sockets]) (socket as FakeServerSocket).end();
			},
			say(frame) {
				for (const socket of region.sockets) (socket as FakeServerSocket).receive(frame);
			},
		};
		regions.set(name, region);
	}

	const links = createEmitter<LinksEvents>();
	const emitter = createEmitter<MeshEvents>();
	const told: string[] = [];
	emitter.on("region", (name) => told.push(name));
	/** The mesh as the session sees it. */
	const mesh = {
		reached: new Set<string>(),
		neighbours: [] as string[],
		leads: false,
		bridged: [] as string[],
		asked: [] as { readonly neighbour: string; readonly to: string; readonly steps: number }[],
		loseLink: (peerId: string) => links.emit("disconnect", peerId),
	};
	const host = {
		emitter,
		links: { on: links.on, all: () => [], get: () => undefined, open: () => [] },
		bridge: (peerId: string) => void mesh.bridged.push(peerId),
		peers: () => mesh.neighbours,
		ours: () => mesh.neighbours,
		leads: () => mesh.leads,
		reaches: async (peerId: string) => mesh.reached.has(peerId),
		control: (neighbours: readonly string[], { to, steps }: { to: string; steps: number }) => {
			for (const neighbour of neighbours) mesh.asked.push({ neighbour, to, steps });
		},
	} as unknown as SessionHost;

	const environment: Environment = {
		timers,
		random,
		randomHex: seededHex(seededRandom(1)),
		WebSocket: FakeServerSocket as unknown as Environment["WebSocket"],
		RTCPeerConnection: undefined as never,
		onWake: () => () => {},
	};
	const session = new RegionalSession(
		{ ...read, home },
		{
			url: "",
			peerId: "me",
			room: "room",
			heartbeatInterval: HEARTBEAT_INTERVAL_MS,
			ownerKey: "a key of 22 characters",
		},
		environment,
		host,
	);
	return {
		session,
		timers,
		/** In the order of the room: its home first. */
		regions: [...regions.values()] as [FakeRegion, FakeRegion, ...FakeRegion[]],
		heard: listenTo(session),
		/** The homes that the application was told. */
		told,
		mesh,
		/** Joins, and gives time for it. */
		async join(ms = 100): Promise<void> {
			const joined = session.join();
			await timers.advance(ms);
			await joined;
		},
	};
}

/** How many joins a region got. */
export const joinsAt = ({ got }: FakeRegion) => got.filter(({ frame }) => frame.type === "join").length;
