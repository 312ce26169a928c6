/**
 * Attacks of a stranger on a room, over real sockets, from another address. Each attack ends when it is told to, and paces
 * itself: it shares the machine with the peers that it attacks.
 */
import { randomBytes } from "node:crypto";
import WebSocket from "ws";

/** Another address of the loopback network, so that the limits of an address tell the stranger from the others. */
const ADDRESS = "127.0.0.66";

/** The step in which an attack paces itself, in ms. */
const STEP_MS = 100;

/** Connections that a stranger holds at most: two thirds of the burst of connects that an address is allowed. */
const MAX_HELD = 405;

export interface Stranger {
	readonly url: string;
	readonly room: string;
	/** Whether the attack goes on. */
	goesOn(): boolean;
	/** Frames and handshakes that it made. */
	count: number;
	/** Ids that it has seen in the room. */
	readonly seen: Set<string>;
}

interface Socket {
	send(frame: object): void;
	isOpen(): boolean;
	pause(): void;
	drop(): void;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const anId = () => randomBytes(20).toString("hex");
const anyOf = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(Math.random() * items.length)];

function open(stranger: Stranger): Promise<Socket | undefined> {
	stranger.count += 1;
	const socket = new WebSocket(stranger.url, { localAddress: ADDRESS, perMessageDeflate: false });
	socket.on("error", () => {}); // refused; that is the point
	socket.on("message", (data) => {
		const { peers, peerId } = JSON.parse(data.toString());
		for (const { id } of Array.isArray(peers) ? peers : []) stranger.seen.add(id);
		if (typeof peerId === "string") stranger.seen.add(peerId);
	});
	const isOpen = () => socket.readyState === socket.OPEN;
	const opened: Socket = {
		send(frame) {
			if (!isOpen()) return;
			stranger.count += 1;
			socket.send(JSON.stringify(frame));
		},
		isOpen,
		pause: () => socket.pause(),
		drop: () => socket.terminate(),
	};
	return new Promise((resolve) => {
		socket.once("open", () => resolve(opened));
		socket.once("close", () => resolve(undefined));
	});
}

async function joined(stranger: Stranger, peerId: string = anId()): Promise<Socket | undefined> {
	const socket = await open(stranger);
	socket?.send({ type: "join", room: stranger.room, peerId, anyId: true });
	return socket;
}

/** Keeps a spy in the room, which looks for its peers once a second. */
async function spy(stranger: Stranger): Promise<void> {
	let socket: Socket | undefined;
	while (stranger.goesOn()) {
		if (!socket?.isOpen()) socket = await joined(stranger);
		socket?.send({ type: "find_peers", target: anId(), count: 32 });
		await pause(1_000);
	}
	socket?.drop();
}

/** Does something again and again, `perStep` times in each step. */
async function keep(stranger: Stranger, perStep: number, act: () => unknown): Promise<void> {
	while (stranger.goesOn()) {
		await Promise.all(Array.from({ length: perStep }, act));
		await pause(STEP_MS);
	}
}

/** Holds joined connections. Makes a new one if the server closes one. */
async function held(stranger: Stranger, count: number): Promise<() => Socket | undefined> {
	const sockets: (Socket | undefined)[] = [];
	for (let n = 0; n < count; n++) sockets.push(await joined(stranger));
	return () => {
		const n = Math.floor(Math.random() * count);
		if (!sockets[n]?.isOpen()) void joined(stranger).then((socket) => (sockets[n] = socket));
		return sockets[n];
	};
}

/** Signals to what `target` names, from 20 connections, at twice the rate that they are allowed. */
async function signals(stranger: Stranger, fields: () => object, target: () => string | undefined) {
	const any = await held(stranger, 20);
	await keep(stranger, 80, () => any()?.send({ type: "signal", to: target(), ...fields() }));
}

export const ATTACKS: Readonly<Record<string, (stranger: Stranger) => Promise<unknown>>> = {
	none: async () => {},
	"joins as each peer of the room": (stranger) =>
		Promise.all([
			spy(stranger),
			keep(stranger, 10, async () => {
				const peerId = anyOf([...stranger.seen]);
				const socket = peerId === undefined ? undefined : await joined(stranger, peerId);
				await pause(STEP_MS);
				socket?.drop();
			}),
		]),
	"holds 405 ids, two beside each peer's, and answers no call": async (stranger) => {
		const sockets: Socket[] = [];
		const beside = new Set<string>();
		const besides = (id: string) => [-1n, 1n].map((step) => (BigInt(`0x${id}`) + step).toString(16).padStart(40, "0"));
		await Promise.all([
			spy(stranger),
			keep(stranger, 1, async () => {
				for (const id of [...stranger.seen]) {
					if (!/^[0-9a-f]{40}$/.test(id) || beside.has(id)) continue;
					for (const own of besides(id)) {
						if (sockets.length >= MAX_HELD || beside.has(own)) continue;
						beside.add(own);
						const socket = await joined(stranger, own);
						if (socket !== undefined) sockets.push(socket);
					}
				}
			}),
		]);
		for (const socket of sockets) socket.drop();
	},
	"connects, joins, searches and drops": (stranger) =>
		keep(stranger, 5, async () => {
			const socket = await joined(stranger);
			for (let n = 0; n < 19; n++) socket?.send({ type: "find_peers", target: anId(), count: 32 });
			await pause(STEP_MS);
			socket?.drop();
		}),
	"signals to clients that read nothing": async (stranger) => {
		const mute = Array.from({ length: 50 }, anId);
		for (const peerId of mute) (await joined(stranger, peerId))?.pause();
		const content = "x".repeat(30_000);
		await signals(
			stranger,
			() => ({ signal: content }),
			() => anyOf(mute),
		);
	},
	"signals of 30 kB to each peer": (stranger) => {
		const content = "x".repeat(30_000);
		return Promise.all([
			spy(stranger),
			signals(
				stranger,
				() => ({ signal: content }),
				() => anyOf([...stranger.seen]),
			),
		]);
	},
	"offers to each peer that lead nowhere": (stranger) => {
		const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
		const offer = () => ({ signal: { type: "offer", sdp, attempt: anId(), order: Date.now() } });
		return Promise.all([spy(stranger), signals(stranger, offer, () => anyOf([...stranger.seen]))]);
	},
	pings: async (stranger) => {
		const socket = await joined(stranger);
		await keep(stranger, 200, () => socket?.send({ type: "ping" }));
	},
	"connects that are refused": (stranger) => keep(stranger, 20, async () => (await open(stranger))?.drop()),
};
