/** The WebSocket protocol by hand, so that it can be broken: https://datatracker.ietf.org/doc/html/rfc6455#section-5.2 */
import { connect as connectTcp } from "node:net";
import { createWaiting } from "./waiting.ts";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
	readonly opcode: number;
	readonly payload?: Uint8Array;
	/** @default true */
	readonly fin?: boolean;
	/** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. @default 0 */
	readonly rsv?: number;
	/** @default true, as a client must */
	readonly masked?: boolean;
	readonly mask?: readonly number[];
	/** In how many bits the length is written. @default as few as it takes */
	readonly lengthBits?: 7 | 16 | 64;
	/** A false length for the header. */
	readonly declaredLength?: bigint;
}

/** Writes one frame. */
export function encode(parts: FrameParts): Buffer {
	const { opcode, payload = new Uint8Array(), fin = true, rsv = 0, masked = true, mask = [1, 2, 3, 4] } = parts;
	const length = parts.declaredLength ?? BigInt(payload.length);
	const bits = Math.max(parts.lengthBits ?? 7, length < 126n ? 7 : length < 65_536n ? 16 : 64);

	const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
	const second = (masked ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127);
	const extended = Buffer.alloc(bits === 7 ? 0 : bits / 8);
	if (bits === 16) extended.writeUInt16BE(Number(length));
	if (bits === 64) extended.writeBigUInt64BE(length);
	if (!masked) return Buffer.concat([Buffer.of(first, second), extended, payload]);
	const hidden = payload.map((byte, at) => byte ^ (mask[at % 4] as number));
	return Buffer.concat([Buffer.of(first, second), extended, Buffer.from(mask), hidden]);
}

/** One text message in one frame. */
export const textFrame = (text: string): Buffer => encode({ opcode: OPCODE.text, payload: Buffer.from(text) });

/** A frame of the server. */
interface Arrival {
	readonly opcode: number;
	readonly payload: Buffer;
}

interface Head {
	/** The first line, such as `HTTP/1.1 101 Switching Protocols`. */
	readonly line: string;
	readonly status: number;
	readonly headers: ReadonlyMap<string, string>;
}

/** One TCP connection to the server, and everything that came over it. */
export interface Wire {
	write(bytes: Uint8Array): void;
	/** The answer to the request to connect; undefined if there is none yet. */
	head(): Head | undefined;
	/** The texts that arrived and were not taken yet. */
	readonly texts: string[];
	/** The payloads of the pongs that arrived. */
	readonly pongs: Buffer[];
	/** The close code; 1005 for a close frame without one, `cut` if the connection ended without a close frame. */
	closed(): number | "cut" | undefined;
	/** Whether the TCP connection has ended. */
	ended(): boolean;
	/** Resolves once `probe` gives something. */
	until<T>(event: string, probe: () => T | undefined | false): Promise<T>;
	/** Resolves once the server has read all that was written before. */
	roundTrip(): Promise<void>;
	/** Stops reading, until `resume`. */
	pause(): void;
	resume(): void;
	/** Cuts the connection. */
	cut(): void;
}

export interface WireOptions {
	/** Whether it answers pings and the server's close, as a client should. @default true */
	readonly hasManners?: boolean;
}

let marks = 0;

/** Connects and sends a request. */
export function dial(port: number, request: Uint8Array, { hasManners = true }: WireOptions = {}): Wire {
	let unread: Buffer = Buffer.alloc(0);
	let head: Head | undefined;
	let code: number | "cut" | undefined;
	const texts: string[] = [];
	const pongs: Buffer[] = [];
	const waiting = createWaiting(() => `Closed: ${code}. Texts: ${texts.join("\n").slice(0, 1_000)}`);
	let ended = false;

	const socket = connectTcp({ host: "127.0.0.1", port, noDelay: true });
	socket.on("error", () => {}); // a reset is one of the ways in which the other side ends it
	socket.on("data", (chunk) => {
		unread = Buffer.concat([unread, chunk]);
		head ??= readHead();
		if (head?.status === 101) for (let frame = readFrame(); frame; frame = readFrame()) receive(frame);
		waiting.look();
	});
	socket.on("close", () => {
		code ??= "cut";
		ended = true;
		waiting.look();
	});
	socket.write(request);

	const readHead = (): Head | undefined => {
		const end = unread.indexOf("\r\n\r\n");
		if (end === -1) return undefined;
		const [first = "", ...lines] = unread.toString("latin1", 0, end).split("\r\n");
		unread = unread.subarray(end + 4);
		const headers = lines.map((line): [string, string] => {
			const colon = line.indexOf(":");
			return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
		});
		return { line: first, status: Number(first.split(" ")[1]), headers: new Map(headers) };
	};

	const readFrame = (): Arrival | undefined => {
		if (unread.length < 2) return undefined;
		const short = unread.readUInt8(1); // a server does not mask
		const start = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (unread.length < start) return undefined;
		const size = start === 2 ? short : start === 4 ? unread.readUInt16BE(2) : Number(unread.readBigUInt64BE(2));
		if (unread.length < start + size) return undefined;
		const frame = { opcode: unread.readUInt8(0) & 0x0f, payload: unread.subarray(start, start + size) };
		unread = unread.subarray(start + size);
		return frame;
	};

	const receive = ({ opcode, payload }: Arrival) => {
		if (opcode === OPCODE.text) texts.push(payload.toString());
		if (opcode === OPCODE.pong) pongs.push(Buffer.from(payload));
		if (opcode === OPCODE.ping && hasManners) wire.write(encode({ opcode: OPCODE.pong, payload }));
		if (opcode !== OPCODE.close) return;
		code = payload.length === 0 ? 1005 : payload.readUInt16BE(0);
		if (hasManners) socket.end(); // the server waits for it
	};

	const wire: Wire = {
		write: (bytes) => void socket.write(bytes),
		head: () => head,
		texts,
		pongs,
		closed: () => code,
		ended: () => ended,
		until: waiting.until,
		async roundTrip() {
			const mark = Buffer.from(`mark ${++marks}`);
			wire.write(encode({ opcode: OPCODE.ping, payload: mark }));
			const find = () => pongs.findIndex((pong) => pong.equals(mark));
			await wire.until("A pong", () => code !== undefined || find() !== -1);
			if (find() !== -1) pongs.splice(find(), 1);
		},
		pause: () => void socket.pause(),
		resume: () => void socket.resume(),
		cut: () => void socket.destroy(),
	};
	return wire;
}

/** A request to connect that every server accepts. */
export function upgradeRequest(port: number, target = "/", headers: readonly string[] = []): Buffer {
	const own = [`Host: 127.0.0.1:${port}`, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
	const lines = [`GET ${target} HTTP/1.1`, ...own, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", ...headers];
	return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
