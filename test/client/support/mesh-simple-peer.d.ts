/** The part of `simple-peer` that is used here; the package has no types. */
declare module "simple-peer" {
	import type { EventEmitter } from "node:events";

	interface Options {
		readonly initiator: boolean;
		readonly trickle: boolean;
		readonly wrtc: object;
		readonly config?: RTCConfiguration;
	}

	export default class SimplePeer extends EventEmitter {
		constructor(options: Options);
		readonly connected: boolean;
		readonly destroyed: boolean;
		readonly _pc?: RTCPeerConnection;
		signal(data: unknown): void;
		send(data: string | Uint8Array): void;
		destroy(): void;
	}
}
