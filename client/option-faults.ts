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

/** What names the server. Its values may be of any type. */
interface Transport {
	readonly transportName: unknown;
	readonly url?: unknown;
	readonly signalingServerUrl?: unknown;
	readonly stage?: unknown;
	readonly region?: unknown;
}

/** An option and its value, or the browser's words about `rtcConfig`, the `Transport` that names no URL, or sentences about `regions`. */
export type Fault = readonly [name: OptionName | "rtcConfig" | "url" | "regions", value: unknown];

function describe([name, value]: Fault): string {
	if (name === "rtcConfig") return `RTCPeerConnection refuses iceServers or rtcConfig: ${value}`;
	if (name === "regions") return String(value);
	if (name === "url") return urlFault(value as Transport);
	// Some are secrets.
	const got = name === "ownerKey" || name === "token" ? typeof value : isObject(value) ? "an object" : String(value);
	return `${name} must be ${RULES[name]}; got ${got}.`;
}

/** Why `signalingUrl` gives none. */
export function urlFault({ transportName, stage = "", region = "", ...options }: Transport): string {
	const onAws = transportName === "aws-websocket";
	const url = onAws ? options.url : (options.signalingServerUrl ?? options.url);
	if (!url) return `A ${onAws ? "url" : "signalingServerUrl"} is needed.`;
	const wrong = [url, stage, region].find((value) => typeof value !== "string");
	if (wrong !== undefined) return `url, stage and region must be strings; got ${typeof wrong}.`;
	if (onAws && /^\w+$/.test(url as string) && !region) return `A region is needed with ${url}.`;
	return `A URL with ws: or wss: is needed; got ${url}.`;
}

/** @param values by name: what must be objects, and is not */
export function noObjects(values: Readonly<Record<string, unknown>>): MeshError {
	const wrong = Object.entries(values).filter(([, value]) => !isObject(value));
	return badOptions(wrong.map(([name, value]) => `${nameOf(name)} must be an object; got ${value}.`).join(" "));
}

const nameOf = (name: string) => (name === "options" ? "The options" : name);

export function badOptionsOf(faults: readonly Fault[]): MeshError {
	return badOptions(faults.map(describe).join(" "));
}
