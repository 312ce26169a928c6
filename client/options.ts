/** The options of `createMesh`: read once, and every fault reported at once. */

import { isOwnerKey } from "../protocol/ids.ts";
import { defaultEnvironment } from "./default-environment.ts";
import type { Environment } from "./environment.ts";
import { badOptions, loaded, type MeshError } from "./errors.ts";
import { isId } from "./ids.ts";
import { isObject } from "./json.ts";
import { DEFAULT_MAX_PEERS, HEARTBEAT_INTERVAL_MS, MAX_RECEIVE_BYTES } from "./limits.ts";
import type { Fault, OptionName } from "./option-faults.ts";
import type { AbortSignalLike, IceServer, RtcConfig } from "./platform-types.ts";
import { signalingUrl } from "./signaling/index.ts";

export interface MeshOptions {
	/** `aws-websocket` knows the form of API Gateway's URLs, `websocket` takes any. @default "websocket" */
	readonly transportName?: "aws-websocket" | "websocket";
	readonly transportOptions?: {
		/** `aws-websocket`: the output `websocket_url`, with or without its stage, or the bare id of the API. */
		readonly url?: string;
		/** `aws-websocket`: appended if the URL has no path. @default "prod" */
		readonly stage?: string;
		/** `aws-websocket` with a bare id: the region of the API. */
		readonly region?: string;
		/** `websocket`: the server's URL. */
		readonly signalingServerUrl?: string;
		/** Silence after which a ping is sent, in ms. @default 4 minutes */
		readonly heartbeatInterval?: number;
		/**
		 * When the server sees the token: with the join, or as the subprotocol `token.<token>` of the connection, which a
		 * server with `auth_at_connect` insists on. Then it may hold only letters, digits and `!#$%&'*+-.^_`|~`, as a JWT does.
		 * @default "join"
		 */
		readonly tokenAt?: "join" | "connect";
	};
	/** The same as in `transportOptions`. */
	readonly signalingServerUrl?: string;
	/** Of at most 128 characters. @default 40 random hexadecimal digits */
	readonly peerId?: string;
	/**
	 * Proves that this client owns its peer id: no other client takes the id over. A secret of 22 to 128 random characters.
	 * A page that keeps it takes its id back at once when it is loaded again. @default 32 random hexadecimal digits
	 */
	readonly ownerKey?: string;
	/**
	 * When another client has the peer id and owns it, or has taken it from a client without an owner's key: `leave` ends
	 * with `PEER_ID_TAKEN`; `new-id` goes on under a random id, with the event `id`. @default "leave"
	 */
	readonly onIdTaken?: "leave" | "new-id";
	/** Of at most 128 characters. @default "default" */
	readonly room?: string;
	/** For a server that asks for one. A function is called for every connection. */
	readonly token?: string | (() => string | Promise<string>);
	/** What the other peers see of this one in their `members`: a name and the like. At most 1,024 bytes as JSON. @default {} */
	readonly metadata?: Readonly<Record<string, unknown>>;
	/**
	 * Bytes that the client keeps of all large data that comes in and that no application reads as a stream. More is refused.
	 * @default 256 MiB
	 */
	readonly maxReceiveBytes?: number;
	/** Links to keep at most, from 1. With 1 there are pairs and no mesh; with 2, rings. @default 8 */
	readonly maxPeers?: number;
	/** STUN and TURN servers in place of the servers that the signaling server hands out. @default its servers, or none */
	readonly iceServers?: readonly IceServer[];
	/**
	 * Passed to every RTCPeerConnection, e.g. `{ iceTransportPolicy: "relay" }`. `iceServers` beside it take the place of
	 * those in it. @default {}
	 */
	readonly rtcConfig?: RtcConfig;
	/** Aborts a join, or leaves. */
	readonly signal?: AbortSignalLike;
	/** In Node.js: what `@roamhq/wrtc` exports. @default the browser's */
	readonly webrtc?: { readonly RTCPeerConnection: new (configuration?: never) => object };
	/** In Node.js before 22: the class of `ws`. @default globalThis.WebSocket */
	readonly WebSocket?: new (
		url: string,
		protocols?: string[],
	) => object;
}

export interface ResolvedOptions {
	readonly environment: Environment;
	readonly url: string;
	readonly peerId: string;
	readonly ownerKey: string;
	readonly onIdTaken: "leave" | "new-id";
	readonly room: string;
	readonly maxPeers: number;
	readonly maxReceiveBytes: number;
	readonly token: MeshOptions["token"];
	readonly tokenAt: "join" | "connect";
	readonly heartbeatInterval: number;
	readonly iceServers: readonly RTCIceServer[] | undefined;
	readonly rtcConfig: RTCConfiguration;
	readonly signal: AbortSignalLike | undefined;
}

/** @throws MeshError `BAD_OPTIONS`, with a message that lists every fault */
export async function readOptions(options: MeshOptions = {}): Promise<ResolvedOptions> {
	// Nothing else can be read if one of these is no object, e.g. null.
	if (!isRecord(options)) throw badOptions(`The options must be an object; got ${options}.`);
	const { transportName = "websocket", transportOptions = {}, token, signal, webrtc } = options;
	const { rtcConfig = {} } = options as { readonly rtcConfig?: RTCConfiguration };
	if (!isRecord(transportOptions)) throw badOptions(`transportOptions must be an object; got ${transportOptions}.`);
	if (!isRecord(rtcConfig)) throw badOptions(`rtcConfig must be an object; got ${rtcConfig}.`);
	const iceServers = (options.iceServers ?? rtcConfig.iceServers) as readonly RTCIceServer[] | undefined;
	const { heartbeatInterval = HEARTBEAT_INTERVAL_MS, tokenAt = "join" } = transportOptions;
	const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
	const environment = defaultEnvironment({
		WebSocket: options.WebSocket,
		RTCPeerConnection: webrtc?.RTCPeerConnection,
	});
	const { peerId = environment.randomHex(40), room = "default", maxPeers = DEFAULT_MAX_PEERS } = options;
	const { maxReceiveBytes = MAX_RECEIVE_BYTES } = options;
	const { ownerKey = environment.randomHex(32), onIdTaken = "leave" } = options;

	const faults: Fault[] = [];
	const check = (name: OptionName, value: unknown, holds: boolean) => holds || faults.push([name, value]);

	const { WebSocket, RTCPeerConnection } = environment;
	check("WebSocket", WebSocket, isFunction(WebSocket));
	check("webrtc", RTCPeerConnection, isFunction(RTCPeerConnection));
	check("transportName", transportName, ["aws-websocket", "websocket"].includes(transportName));
	check("tokenAt", tokenAt, ["join", "connect"].includes(tokenAt));
	check("onIdTaken", onIdTaken, ["leave", "new-id"].includes(onIdTaken));
	check("peerId", peerId, isId(peerId));
	// The value is a secret, so the message does not show it.
	check("ownerKey", typeof ownerKey, isOwnerKey(ownerKey));
	check("room", room, isId(room));
	check("maxPeers", maxPeers, Number.isInteger(maxPeers) && maxPeers >= 1);
	check("maxReceiveBytes", maxReceiveBytes, maxReceiveBytes >= 0);
	check("heartbeatInterval", heartbeatInterval, heartbeatInterval >= 1_000);
	check("token", typeof token, ["string", "undefined", "function"].includes(typeof token));
	check("signal", signal, signal === undefined || isFunction(signal?.addEventListener));
	if (iceServers !== undefined && !Array.isArray(iceServers)) check("iceServers", iceServers, false);
	else if (iceServers !== undefined || options.rtcConfig !== undefined) {
		const refusal = refusalOf(RTCPeerConnection, { ...rtcConfig, ...(iceServers && { iceServers }) });
		if (refusal !== undefined) faults.push(["rtcConfig", refusal]);
	}
	let url = "";
	try {
		url = signalingUrl(transportName, { ...transportOptions, signalingServerUrl });
	} catch (error) {
		faults.push(["url", (error as MeshError).message]);
	}
	if (faults.length > 0) throw (await loaded(import("./option-faults.ts"))).badOptionsOf(faults);
	return {
		environment,
		url,
		peerId,
		ownerKey,
		onIdTaken,
		room,
		maxPeers,
		maxReceiveBytes,
		token,
		tokenAt,
		heartbeatInterval,
		iceServers,
		rtcConfig,
		signal,
	};
}

/** Only the browser knows which ICE servers and which settings it takes. @returns its words if it takes them not */
function refusalOf(RTCPeerConnection: Environment["RTCPeerConnection"] | undefined, configuration: RTCConfiguration) {
	try {
		if (RTCPeerConnection !== undefined) new RTCPeerConnection(configuration).close?.();
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

function isFunction(value: unknown): boolean {
	return typeof value === "function";
}

/** `isObject` would narrow the type of the value, and its fields would become unknown. */
function isRecord(value: unknown): boolean {
	return isObject(value);
}
