/** The environment of browsers and Node.js. */
import type { Environment, WebSocketConstructor } from "./environment.ts";

export interface EnvironmentOptions {
	/** @default globalThis.WebSocket, which Node.js has from version 22 on; older versions need `ws` */
	readonly WebSocket?: (new (url: string) => object) | undefined;
	/** @default globalThis.RTCPeerConnection, which Node.js lacks; `@roamhq/wrtc` has one */
	readonly RTCPeerConnection?: (new (configuration?: never) => object) | undefined;
}

/** If there is no WebSocket or no RTCPeerConnection, the environment has none either: options.ts reports that. */
export function defaultEnvironment(options: EnvironmentOptions = {}): Environment {
	const { WebSocket = globalThis.WebSocket, RTCPeerConnection = globalThis.RTCPeerConnection } = options;
	return {
		timers: {
			now: Date.now,
			elapsed: () => performance.now(),
			after,
		},
		random: Math.random,
		randomHex: (digits) =>
			Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join(""),
		WebSocket: WebSocket as unknown as WebSocketConstructor,
		RTCPeerConnection: RTCPeerConnection as typeof globalThis.RTCPeerConnection,
		onWake,
	};
}

/**
 * Never calls back before its time: setTimeout cuts off a fraction of a millisecond, and rounds its clock. Code that then
 * compares the time with its own mark would find it too early, and wait for its next chance.
 */
function after(ms: number, callback: () => void): () => void {
	const due = performance.now() + ms;
	const look = () => {
		const left = due - performance.now();
		if (left <= 0) callback();
		else timer = setTimeout(look, Math.ceil(left));
	};
	let timer = setTimeout(look, Math.ceil(ms));
	return () => clearTimeout(timer);
}

function onWake(callback: () => void): () => void {
	const ended = new AbortController();
	const listen = (target: EventTarget | undefined, event: string, listener: () => void) =>
		target?.addEventListener?.(event, listener, ended);
	// Workers have no page, and Node.js has neither page nor network events.
	const page = globalThis.document;
	listen(globalThis, "online", callback);
	listen(globalThis, "pageshow", callback);
	// Not every browser has it: https://developer.mozilla.org/docs/Web/API/Navigator/connection
	listen((globalThis.navigator as { connection?: EventTarget } | undefined)?.connection, "change", callback);
	listen(page, "visibilitychange", () => {
		if (page.visibilityState === "visible") callback();
	});
	return () => ended.abort();
}
