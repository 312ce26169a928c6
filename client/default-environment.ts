/** The environment of browsers and Node.js. */
import type { Environment, WebSocketConstructor } from "./environment.ts";

export interface EnvironmentOptions {
	/** @default globalThis.WebSocket, which Node.js has from version 22 on; older versions need `ws` */
	readonly WebSocket?: (new (url: string) => object) | undefined;
	/** @default globalThis.RTCPeerConnection, which Node.js lacks; `@roamhq/wrtc` has one */
	readonly RTCPeerConnection?: (new (configuration?: RTCConfiguration) => object) | undefined;
}

/** If there is no WebSocket or no RTCPeerConnection, the environment has none either: options.ts reports that. */
export function defaultEnvironment(options: EnvironmentOptions = {}): Environment {
	const { WebSocket = globalThis.WebSocket, RTCPeerConnection = globalThis.RTCPeerConnection } = options;
	return {
		timers: {
			now: Date.now,
			elapsed: () => performance.now(),
			after(ms, callback) {
				const timer = setTimeout(callback, ms);
				return () => clearTimeout(timer);
			},
		},
		random: Math.random,
		randomHex: (digits) =>
			Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join(""),
		WebSocket: WebSocket as unknown as WebSocketConstructor,
		RTCPeerConnection: RTCPeerConnection as typeof globalThis.RTCPeerConnection,
		onWake,
	};
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
