import type { Environment } from "../../../client/environment.ts";
import type { MeshError } from "../../../client/errors.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../client/limits.ts";
import { createSession, type Session, type SessionOptions, type Welcome } from "../../../client/signaling/index.ts";
import { type FakeSocket, fakeNetwork, type SentFrame } from "./fake-socket.ts";
import { fakeTimers } from "./fake-timers.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

export const HOUR = 3_600_000;

/** Everything that a session has said. */
export interface Heard {
	readonly welcomes: { readonly welcome: Welcome; readonly resumed: boolean }[];
	readonly joined: string[];
	readonly left: string[];
	readonly frames: { readonly from: string; readonly frame: unknown }[];
	readonly undelivered: { readonly to: string; readonly code: string }[];
	readonly states: string[];
	readonly errors: MeshError[];
	readonly traffic: { readonly direction: string; readonly frame: unknown }[];
}

/** Writes down everything that a session says. */
export function listenTo(session: Session): Heard {
	const heard: Heard = {
		welcomes: [],
		joined: [],
		left: [],
		frames: [],
		undelivered: [],
		states: [],
		errors: [],
		traffic: [],
	};
	session.on("welcome", (welcome, resumed) => void heard.welcomes.push({ welcome, resumed }));
	session.on("peerJoined", (peerId) => void heard.joined.push(peerId));
	session.on("peerLeft", (peerId) => void heard.left.push(peerId));
	session.on("frame", (from, frame) => void heard.frames.push({ from, frame }));
	session.on("undelivered", (to, { code }) => void heard.undelivered.push({ to, code }));
	session.on("state", (state) => void heard.states.push(state));
	session.on("error", (error) => void heard.errors.push(error));
	session.on("traffic", (direction, frame) => void heard.traffic.push({ direction, frame }));
	return heard;
}

/** A session; the test controls its network, its clock and its chance. `random` gives 0.5 unless the test says otherwise. */
export function aSession(options: Partial<SessionOptions> = {}, random: () => number = () => 0.5) {
	const timers = fakeTimers();
	const network = fakeNetwork();
	let wake: (() => void) | undefined;
	const environment: Environment = {
		timers,
		random,
		randomHex: seededHex(seededRandom(1)),
		WebSocket: network.WebSocket,
		RTCPeerConnection: undefined as never, // signaling has no use for it
		onWake(callback) {
			wake = callback;
			return () => {
				wake = undefined;
			};
		},
	};
	const session = createSession(
		{ url: "ws://server", peerId: "me", room: "room", heartbeatInterval: HEARTBEAT_INTERVAL_MS, ...options },
		environment,
	);
	const heard = listenTo(session);

	/** The welcome of the server, on a socket after its join. */
	const welcome = (socket: FakeSocket, fields: SentFrame = {}) =>
		socket.receive({
			type: "bootstrap_peers",
			peers: [],
			room: "room",
			peerId: "me",
			resumeKey: `key ${network.sockets.indexOf(socket) + 1}`,
			reconnectBefore: timers.now() + 1.9 * HOUR,
			...fields,
		});

	/** The newest socket opens, and its join is read. */
	const reachJoin = async () => {
		await timers.settle();
		const socket = network.last();
		socket.accept();
		await timers.settle();
		return { socket, join: socket.take() };
	};

	return {
		session,
		timers,
		network,
		heard,
		welcome,
		reachJoin,
		wake: () => wake?.(),
		/** Whether the session wants to know when it wakes. */
		listens: () => wake !== undefined,
		/** Lets time pass until the session opens another socket. @returns ms; throws after a minute */
		async nextSocket(): Promise<number> {
			const began = timers.now();
			const known = network.sockets.length;
			while (network.sockets.length === known) {
				if (timers.now() - began > 60_000) throw new Error("No socket was opened.");
				await timers.advance(10);
			}
			return timers.now() - began;
		},
		/** Joins, and gives the socket that was welcomed. */
		async joined(fields: SentFrame = {}): Promise<FakeSocket> {
			const join = session.join();
			const { socket } = await reachJoin();
			welcome(socket, fields);
			await join;
			return socket;
		},
		/** The next socket opens, joins and is welcomed. */
		async welcomedAgain(fields: SentFrame = {}) {
			const { socket, join } = await reachJoin();
			welcome(socket, fields);
			await timers.settle();
			return { socket, join };
		},
	};
}
