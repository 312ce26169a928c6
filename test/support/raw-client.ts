import { randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A WebSocket client without manners: it sends what it is told to, and neither reads nor answers unless told to. */
export interface RawClient {
	/** The TCP connection, paused once it is a WebSocket. */
	readonly socket: Socket;
	/** Sends text frames in one go. */
	send(...texts: string[]): void;
	/** Resolves once the other side has ended the connection; what it sends until then is read, and not answered. */
	ended(): Promise<void>;
}

const TEXT = 0x81; // a whole message, of text

/** Connects by hand. The socket is destroyed at the end of the test. */
export async function connectRaw(url: string, path = "/"): Promise<RawClient> {
	const { hostname, port, host } = new URL(url);
	const socket = connectTcp({ host: hostname, port: Number(port) });
	onTestFinished(() => void socket.destroy());
	socket.write(
		`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
			`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
	);
	await new Promise<void>((resolve, reject) => {
		socket.once("error", reject);
		socket.once("close", () => reject(new Error("Closed during the handshake.")));
		socket.once("data", (head) => {
			const status = head.toString("latin1").split("\r\n")[0] ?? "";
			if (status.startsWith("HTTP/1.1 101")) resolve();
			else reject(new Error(status));
		});
	});
	socket.pause();
	socket.on("error", () => {}); // a reset is one of the ways in which the other side ends it

	return {
		socket,
		send: (...texts) => void socket.write(Buffer.concat(texts.map(textFrame))),
		ended: () =>
			new Promise((resolve) => {
				if (socket.destroyed) return resolve();
				socket.once("close", () => resolve());
				socket.resume();
			}),
	};
}

/** One masked frame, as a client has to send it; the mask is zero, which leaves the text as it is. */
function textFrame(text: string): Buffer {
	const payload = Buffer.from(text);
	const { length } = payload;
	const size = length < 126 ? [length] : [126, length >> 8, length & 0xff];
	if (length > 0xffff) throw new RangeError(`A frame of ${length} bytes is longer than this client can send.`);
	return Buffer.concat([Buffer.from([TEXT, 0x80 | (size[0] as number), ...size.slice(1), 0, 0, 0, 0]), payload]);
}
