/** What to say of options that are wrong. Loads if there are any. */
import { badOptions, type MeshError } from "./errors.ts";
import { isObject } from "./json.ts";

const ID = "1 to 128 printable characters";

const RULES = {
	WebSocket: "a class; Node.js before 22 has none, so pass the one of `ws`",
	webrtc: "an implementation: a browser's worker has none, and for Node.js there is `@roamhq/wrtc`",
	transportName: "aws-websocket or websocket",
	tokenAt: "join or connect",
	onIdTaken: "leave or new-id",
	peerId: ID,
	ownerKey: "22 to 128 characters",
	room: ID,
	maxPeers: "a whole number from 1",
	maxReceiveBytes: "a number of bytes from 0",
	heartbeatInterval: "ms from 1000",
	token: "a string or a function",
	signal: "an AbortSignal",
	iceServers: "a list",
};

export type OptionName = keyof typeof RULES;

/** An option and its value, or the browser's words about `rtcConfig`, or a sentence about the URL. */
export type Fault = readonly [name: OptionName | "rtcConfig" | "url", value: unknown];

function describe([name, value]: Fault): string {
	if (name === "rtcConfig") return `RTCPeerConnection refuses iceServers or rtcConfig: ${value}`;
	if (name === "url") return String(value);
	return `${name} must be ${RULES[name]}; got ${isObject(value) ? "an object" : String(value)}.`;
}

export function badOptionsOf(faults: readonly Fault[]): MeshError {
	return badOptions(faults.map(describe).join(" "));
}
