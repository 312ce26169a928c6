import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { createWaiting, PATIENCE_MS } from "./waiting.ts";

/** A frame as it arrived. */
export interface Frame {
	readonly type?: string;
	readonly [field: string]: unknown;
}

/** A signaling client that reads its frames one by one, in the order of their arrival. */
export interface TestClient {
	send(frame: unknown): void;
	sendText(text: string): void;
	sendBinary(bytes: Uint8Array): void;
	/** The next frame, of any type. */
	next(): Promise<Frame>;
	/** The next frame of this type; frames of other types that come before it are skipped. */
	nextOf(type: string): Promise<Frame>;
	/** The text of the next frame. */
	nextText(): Promise<string>;
	/** Joins and returns the welcome. */
	join(peerId: string, fields?: Record<string, unknown>): Promise<Frame>;
	/**
	 * Everything that arrived and was not yet read, once the server has answered a request that was sent after it.
	 * Shows that something did not come, without waiting for it not to.
	 */
	unread(): Promise<Frame[]>;
	/** The close code, once the server has closed the socket. */
	closed(): Promise<number>;
	/** Hands over all frames that are unread, and each that arrives from now on. */
	listen(onFrame: (frame: Frame) => void): void;
	/** Calls back at the end of the connection. */
	onEnd(callback: () => void): void;
	isOpen(): boolean;
	/** Resolves at the next ping of the WebSocket protocol. The socket has answered it. */
	pinged(): Promise<void>;
	/** Closes the socket from this side. */
	close(): void;
	/** Cuts the socket without a close frame. */
	cut(): void;
	readonly subprotocol: string;
}

export interface ConnectOptions {
	readonly origin?: string;
	readonly subprotocols?: string[];
	/** Adds private values to everything that this client sends. */
	readonly marks?: Marks;
}

/** Values that may stand on the wire, and nowhere else. */
export interface Marks {
	/** Fields for every frame. Frames that arrive are read without them. */
	readonly fields: Readonly<Record<string, unknown>>;
	readonly headers: Readonly<Record<string, string>>;
	readonly query: string;
	/** The address that the client connects from, on systems that take any address of the loopback network. */
	readonly address: string;
	/** The resume keys that were given out. */
	readonly resumeKeys: Set<string>;
}

/** Connects. */
export async function openClient(url: string, options: ConnectOptions = {}): Promise<TestClient> {
	const { origin, subprotocols = [], marks } = options;
	const socket = new WebSocket(marks === undefined ? url : `${url}?${marks.query}`, subprotocols, {
		...(origin !== undefined && { origin }),
		...(marks !== undefined && { headers: marks.headers }),
		...(marks !== undefined && process.platform === "linux" && { localAddress: marks.address }),
		perMessageDeflate: false,
		handshakeTimeout: PATIENCE_MS,
	});

	const arrived: string[] = [];
	let closeCode: number | undefined;
	const { look, until } = createWaiting(
		() => `Unread: ${JSON.stringify(arrived)}`,
		() => (closeCode === undefined ? undefined : `the connection was closed with ${closeCode}`),
	);
	let listener: ((frame: Frame) => void) | undefined;
	socket.on("message", (data) => {
		if (listener !== undefined) return listener(read(data.toString()));
		arrived.push(data.toString());
		look();
	});
	socket.on("close", (code) => {
		closeCode = code;
		look();
	});
	await new Promise<void>((resolve, reject) => {
		socket.once("open", resolve);
		socket.once("error", reject);
	});
	socket.on("error", () => {});

	const read = (text: string): Frame => {
		const frame: Record<string, unknown> = JSON.parse(text);
		if (typeof frame.resumeKey === "string") marks?.resumeKeys.add(frame.resumeKey);
		for (const field of Object.keys(marks?.fields ?? {})) delete frame[field];
		return frame;
	};

	const client: TestClient = {
		subprotocol: socket.protocol,
		send: (frame) =>
			socket.send(JSON.stringify(marks === undefined ? frame : { ...marks.fields, ...(frame as object) })),
		sendText: (text) => socket.send(text),
		sendBinary: (bytes) => socket.send(bytes),
		nextText: () => until("A frame", () => arrived.shift()),
		next: async () => read(await client.nextText()),
		async nextOf(type) {
			for (;;) {
				const frame = await client.next();
				if (frame.type === type) return frame;
			}
		},
		async join(peerId, fields = {}) {
			client.send({ type: "join", peerId, ...fields });
			// Invocations overtake each other: the notice of another join may come before the welcome of this one.
			return until("The answer to the join", () => {
				const at = arrived.findIndex((text) => /"type":"bootstrap_peers"|"requestType":"join"/.test(text));
				return at === -1 ? undefined : read(arrived.splice(at, 1)[0] as string);
			});
		},
		async unread() {
			const mark = randomBytes(6).toString("hex");
			client.send({ type: mark, id: mark });
			const frames: Frame[] = [];
			for (;;) {
				const frame = await client.next();
				if (frame.type === "error" && frame.id === mark) return frames;
				frames.push(frame);
			}
		},
		listen(onFrame) {
			listener = onFrame;
			for (const text of arrived.splice(0)) onFrame(read(text));
		},
		onEnd: (callback) => void socket.once("close", callback),
		isOpen: () => socket.readyState === socket.OPEN,
		pinged: () => new Promise((resolve) => socket.once("ping", () => resolve())),
		closed: () => until("The end of the connection", () => closeCode),
		close: () => socket.close(),
		cut: () => socket.terminate(),
	};
	return client;
}
