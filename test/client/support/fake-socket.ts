import type { Socket, WebSocketConstructor } from "../../../client/environment.ts";

export type SentFrame = Readonly<Record<string, unknown>>;

/** A socket with the test at its other side. */
export interface FakeSocket extends Socket {
	readonly url: string;
	/** The subprotocols that the client offers. */
	readonly protocols: readonly string[];
	/** What the client has sent and the test has not yet taken. */
	readonly sent: SentFrame[];
	/** Whether the client has closed it. */
	readonly closedByClient: boolean;
	bufferedAmount: number;
	/** Takes the oldest frame that the client sent. */
	take(): SentFrame;
	/** The connection comes about. */
	accept(): void;
	/** A frame of the server: an object, or text as it stands on the wire. */
	receive(frame: unknown): void;
	/** The connection ends, from the server or by itself. */
	end(code?: number, reason?: string): void;
}

export interface FakeNetwork {
	readonly WebSocket: WebSocketConstructor;
	/** Every socket that was opened, in order. */
	readonly sockets: FakeSocket[];
	/** The socket that was opened last. */
	last(): FakeSocket;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** WebSockets that lead to the test. A socket that the client closes stays half open until the test ends it. */
export function fakeNetwork(): FakeNetwork {
	const sockets: FakeSocket[] = [];

	class Fake implements FakeSocket {
		readonly url: string;
		readonly protocols: readonly string[];
		readonly sent: SentFrame[] = [];
		readyState = CONNECTING;
		bufferedAmount = 0;
		closedByClient = false;
		onopen: Socket["onopen"] = null;
		onmessage: Socket["onmessage"] = null;
		onclose: Socket["onclose"] = null;
		onerror: Socket["onerror"] = null;

		constructor(url: string, protocols: readonly string[] = []) {
			this.url = url;
			this.protocols = protocols;
			sockets.push(this);
		}

		send(text: string): void {
			if (this.readyState !== OPEN) throw new Error("The client sent to a socket that is not open.");
			this.sent.push(JSON.parse(text));
		}

		close(): void {
			this.closedByClient = true;
			if (this.readyState < CLOSING) this.readyState = CLOSING;
		}

		take(): SentFrame {
			const frame = this.sent.shift();
			if (frame === undefined) throw new Error("The client has sent nothing.");
			return frame;
		}

		accept(): void {
			this.readyState = OPEN;
			this.onopen?.();
		}

		receive(frame: unknown): void {
			this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
		}

		end(code = 1006, reason = ""): void {
			this.readyState = CLOSED;
			this.onclose?.({ code, reason });
		}
	}

	return {
		WebSocket: Fake,
		sockets,
		last() {
			const socket = sockets.at(-1);
			if (socket === undefined) throw new Error("No socket was opened.");
			return socket;
		},
	};
}
