import { defaultEnvironment } from "../../client/default-environment.ts";
import type { Timers } from "../../client/environment.ts";

export function realTimers(): Timers {
	return defaultEnvironment({ WebSocket: class {}, RTCPeerConnection: class {} }).timers;
}
