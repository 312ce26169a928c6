/** One peer's connection, with the functions that the bench needs. */
import WebSocket from "ws";

export interface Frame {
	readonly type?: string;
	readonly [field: string]: unknown;
}

export interface Client {
	readonly peerId: string;
	readonly room: string;
	/** The key of its last welcome. */
	readonly resumeKey: string;
	readonly isOpen: () => boolean;
	send(frame: object): void;
	/** Sends a `find_peers`. @returns the listed ids, or undefined if no answer came */
	find(target: string, count: number): Promise<string[] | undefined>;
	/** Ends the connection without a close frame. */
	cut(): void;
}

export interface ClientOptions {
	readonly peerId: string;
	readonly room: string;
	readonly resumeKey?: string | undefined;
	/** Called for every frame but the answers to `join` and `find_peers`. */
	readonly onFrame: (frame: Frame, peerId: string) => void;
	/** Called if the connection ends in another way than by `cut`. */
	readonly onEnd: (peerId: string) => void;
}

const ANSWER_MS = 20_000;

/** Opens a connection, which has yet to join. */
export function open(url: string): Promise<WebSocket> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_MS });
		socket.once("open", () => resolve(socket));
		socket.once("error", reject);
	});
}

/**
 * Joins over an open connection.
 * @throws if the server refuses
 */
export async function join(socket: WebSocket, options: ClientOptions): Promise<Client> {
	const { peerId, room, resumeKey, onFrame, onEnd } = options;
	const finds = new Map<string, (ids: string[]) => void>();
	let wasCut = false;
	let answered: ((answer: Frame) => void) | undefined;

	socket.on("error", () => {}); // `close` follows
	socket.on("close", () => !wasCut && onEnd(peerId));
	socket.on("message", (data) => {
		const frame: Frame = JSON.parse(data.toString());
		if (frame.resumeKey !== undefined || frame.requestType === "join") return answered?.(frame);
		if (frame.type !== "bootstrap_peers") return onFrame(frame, peerId);
		const { target, peers } = frame as unknown as { target: string; peers: { id: string }[] };
		finds.get(target)?.(peers.map(({ id }) => id));
	});

	const welcome = await within(
		ANSWER_MS,
		new Promise<Frame>((resolve) => {
			answered = resolve;
			socket.send(JSON.stringify({ type: "join", peerId, room, resumeKey }));
		}),
	);
	if (welcome?.type !== "bootstrap_peers") throw new Error(`A join was not welcomed: ${JSON.stringify(welcome)}`);

	return {
		peerId,
		room,
		resumeKey: welcome.resumeKey as string,
		isOpen: () => socket.readyState === socket.OPEN,
		send: (frame) => socket.send(JSON.stringify(frame)),
		async find(target, count) {
			const found = new Promise<string[]>((resolve) => finds.set(target, resolve));
			socket.send(JSON.stringify({ type: "find_peers", target, count }));
			const ids = await within(ANSWER_MS, found);
			finds.delete(target);
			return ids;
		},
		cut() {
			wasCut = true;
			socket.terminate();
		},
	};
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), ms);
	});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		clearTimeout(timer);
	}
}
