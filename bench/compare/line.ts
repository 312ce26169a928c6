/**
 * A client's WebSocket that costs the load as little as possible, so that the server is the part that is measured. It reads the
 * frames of a server that sends text without extensions, and writes frames that were made before.
 */
import { connect, type Socket } from "node:net";

const MASK = [0x12, 0x34, 0x56, 0x78];

/** A client's text frame, as it goes over the wire. */
export function encodeText(text: string): Buffer {
	const payload = Buffer.from(text);
	const long = payload.length > 125;
	const frame = Buffer.alloc((long ? 8 : 6) + payload.length);
	frame[0] = 0x81;
	frame[1] = 0x80 | (long ? 126 : payload.length);
	if (long) frame.writeUInt16BE(payload.length, 2);
	const start = frame.length - payload.length;
	frame.set(MASK, start - 4);
	for (let i = 0; i < payload.length; i++) frame[start + i] = (payload[i] as number) ^ (MASK[i & 3] as number);
	return frame;
}

/** `size` and `at` are the payload's length and its place in `chunk`. */
export type OnFrame = (chunk: Buffer, at: number, size: number) => void;

export interface Line {
	readonly socket: Socket;
	/** Called for every text frame. */
	onFrame: OnFrame;
	/** Called when the connection has ended. */
	onEnd: () => void;
}

/** Connects. Rejects if the server does not switch to the WebSocket protocol. */
export function dial(port: number, path: string, onFrame: OnFrame): Promise<Line> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "127.0.0.1", port, noDelay: true });
		const line: Line = { socket, onFrame, onEnd: () => {} };
		let rest: Buffer | undefined;
		let isOpen = false;
		socket.write(
			`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		);
		socket.on("error", reject);
		socket.on("close", () => {
			reject(new Error(`The server at port ${port} closed the connection.`));
			line.onEnd();
		});
		socket.on("data", (data) => {
			let chunk = rest === undefined ? data : Buffer.concat([rest, data]);
			rest = undefined;
			if (!isOpen) {
				const end = chunk.indexOf("\r\n\r\n");
				if (end === -1) {
					rest = chunk;
					return;
				}
				const status = chunk.toString("latin1", 9, 12);
				if (status !== "101") return reject(new Error(`The server at port ${port} answered ${status}.`));
				isOpen = true;
				chunk = chunk.subarray(end + 4);
				resolve(line);
			}
			rest = readFrames(chunk, line);
		});
	});
}

/** @returns the bytes of a frame that is not complete yet */
function readFrames(chunk: Buffer, line: Line): Buffer | undefined {
	let at = 0;
	while (at + 2 <= chunk.length) {
		const opcode = (chunk[at] as number) & 0x0f;
		let size = (chunk[at + 1] as number) & 0x7f;
		let start = at + 2;
		if (size === 126) {
			if (start + 2 > chunk.length) break;
			size = chunk.readUInt16BE(start);
			start += 2;
		} else if (size === 127) {
			if (start + 8 > chunk.length) break;
			size = Number(chunk.readBigUInt64BE(start));
			start += 8;
		}
		if (start + size > chunk.length) break;
		if (opcode === 1) line.onFrame(chunk, start, size);
		else if (opcode === 9) line.socket.write(Buffer.from([0x8a, 0x80, ...MASK])); // these servers' pings are empty
		at = start + size;
	}
	return at < chunk.length ? chunk.subarray(at) : undefined;
}
