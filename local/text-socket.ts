import type { Duplex } from "node:stream";
import { WebSocket } from "ws";

/** The first byte of a text frame that is complete: RFC 6455, 5.2. */
const TEXT = 0x81;

/**
 * A server's WebSocket, which writes a frame of ASCII as one string. `ws` writes the frame's head and its text as two parts, which
 * takes twice the time: and that for each notice.
 */
export class TextSocket extends WebSocket {
	/** The bytes below. Absent until the handshake is complete. */
	stream: Duplex | undefined = undefined;

	/** As `send`. @param written called when the frame has left the process */
	sendText(text: string, written?: (error?: Error) => void): void {
		const { stream } = this;
		if (stream === undefined || this.readyState !== WebSocket.OPEN || !isAscii(text)) this.send(text, written);
		else stream.write(frameOf(text), "latin1", written as (error?: Error | null) => void);
	}
}

/** Whether the text has as many bytes of UTF-8 as characters. */
function isAscii(text: string): boolean {
	return Buffer.byteLength(text) === text.length;
}

let lastText: string | undefined;
let lastFrame = "";

/** A frame without a mask, a character for each byte. A notice goes to several clients, one after the other. */
function frameOf(text: string): string {
	if (text !== lastText) {
		lastText = text;
		lastFrame = headOf(text.length) + text;
	}
	return lastFrame;
}

function headOf(bytes: number): string {
	if (bytes < 126) return String.fromCharCode(TEXT, bytes);
	if (bytes < 65_536) return String.fromCharCode(TEXT, 126, bytes >>> 8, bytes & 0xff);
	// API Gateway's frames are smaller than 2^32 bytes by far.
	return String.fromCharCode(
		TEXT,
		127,
		0,
		0,
		0,
		0,
		bytes >>> 24,
		(bytes >>> 16) & 0xff,
		(bytes >>> 8) & 0xff,
		bytes & 0xff,
	);
}
