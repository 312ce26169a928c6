/** The world as browsers and Node.js offer it. */
import type { Environment, WebSocketConstructor } from "./environment.ts";
import { MeshError } from "./errors.ts";

export interface EnvironmentOptions {
	/** @default globalThis.WebSocket, which Node.js has from version 22 on; before that, that of `ws` */
	readonly WebSocket?: (new (url: string) => object) | undefined;
	/** @default globalThis.RTCPeerConnection, which Node.js lacks: that of `@roamhq/wrtc` will do */
	readonly RTCPeerConnection?: (new (configuration?: RTCConfiguration) => object) | undefined;
}

/** @throws MeshError `BAD_OPTIONS`, where there is no WebSocket or no RTCPeerConnection */
export function defaultEnvironment(options: EnvironmentOptions = {}): Environment {
	const { WebSocket = globalThis.WebSocket, RTCPeerConnection = globalThis.RTCPeerConnection } = options;
	const missing = [
		WebSocket === undefined && "WebSocket (in Node.js before 22 pass that of `ws`)",
		RTCPeerConnection === undefined && "RTCPeerConnection (in Node.js pass `@roamhq/wrtc` as `webrtc`)",
	].filter((what) => what !== false);
	if (missing.length > 0) throw new MeshError("BAD_OPTIONS", `Not there: ${missing.join(", ")}.`);
	return {
		timers: {
			now: Date.now,
			after(ms, callback) {
				const timer = setTimeout(callback, ms);
				return () => clearTimeout(timer);
			},
		},
		random: Math.random,
		randomHex(digits) {
			const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)));
			return [...bytes]
				.map((byte) => byte.toString(16).padStart(2, "0"))
				.join("")
				.slice(0, digits);
		},
		WebSocket: WebSocket as unknown as WebSocketConstructor,
		RTCPeerConnection: RTCPeerConnection as typeof globalThis.RTCPeerConnection,
		onWake,
	};
}

function onWake(callback: () => void): () => void {
	// Workers have no page, and Node.js has neither.
	const page = globalThis.document;
	const world = typeof globalThis.addEventListener === "function" ? globalThis : undefined;
	const seen = () => {
		if (page.visibilityState === "visible") callback();
	};
	world?.addEventListener("online", callback);
	world?.addEventListener("pageshow", callback);
	page?.addEventListener("visibilitychange", seen);
	return () => {
		world?.removeEventListener("online", callback);
		world?.removeEventListener("pageshow", callback);
		page?.removeEventListener("visibilitychange", seen);
	};
}
