/** The parts of the world that the client needs. Tests replace them. */

export interface Timers {
	/** The wall clock, in ms since the epoch. It may be wrong, and it may jump. */
	now(): number;
	/** A clock that only moves forward, in ms since some moment. Every interval is measured by it. */
	elapsed(): number;
	/** Calls back once after `ms`. @returns a function that cancels it */
	after(ms: number, callback: () => void): () => void;
}

export interface Environment {
	readonly timers: Timers;
	/** A number from 0 up to, not including, 1. */
	random(): number;
	/** `digits` random lower-case hexadecimal digits; unpredictable. */
	randomHex(digits: number): string;
	readonly WebSocket: WebSocketConstructor;
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	/**
	 * Calls back when the connection may have come or gone without a sign from the socket: the network is back, or the page
	 * is visible again or restored from the back-forward cache.
	 * @returns a function that ends it
	 */
	onWake(callback: () => void): () => void;
}

/** The part of a browser's WebSocket that the client uses. `ws` for Node.js has it too. */
export interface Socket {
	readonly readyState: number;
	readonly bufferedAmount: number;
	onopen: (() => void) | null;
	onmessage: ((event: { data: unknown }) => void) | null;
	onclose: ((event: { code: number; reason: string }) => void) | null;
	onerror: ((event: unknown) => void) | null;
	send(text: string): void;
	close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => Socket;
