/** The options of `createMesh`: read once, and every fault reported at once. */

import { isOwnerKey } from "../protocol/ids.ts";
import { defaultEnvironment } from "./default-environment.ts";
import type { Environment } from "./environment.ts";
import { loaded } from "./errors.ts";
import type { Identity } from "./identity/index.ts";
import { isId } from "./ids.ts";
import { isObject } from "./json.ts";
import { DEFAULT_MAX_PEERS, HEARTBEAT_INTERVAL_MS, MAX_RECEIVE_BYTES } from "./limits.ts";
import type { Candidate } from "./mesh/api.ts";
import type { Fault, OptionName } from "./option-faults.ts";

import type { AbortSignalLike, IceServer, KeyPair, RtcConfig } from "./platform-types.ts";
import type { OpenSession } from "./regions/index.ts";
import { createSession, signalingUrl } from "./signaling/index.ts";

/** One of several deployments. */
export interface RegionOptions {
	/** The output `websocket_url`, with or without its stage, or the bare id of the API; or any server's URL. */
	readonly url: string;
	/** Appended if the URL is of API Gateway and has no path. @default "prod" */
	readonly stage?: string;
	/** With a bare id: the region of the API. */
	readonly region?: string;
	/** What `mesh.region` says. @default the region in the URL, or the host */
	readonly name?: string;
}

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
	/**
	 * In place of a server's URL: several deployments that serve the same rooms. If a room's home cannot be reached, its peers
	 * go on at the next one, and come back later. Every client of a room needs the same list, in any order.
	 */
	readonly regions?: readonly (string | RegionOptions)[];
	/**
	 * With `regions`: `room` gives each room one home, the same for all its peers; `nearest` lets each peer be at home in the
	 * deployment that answers it fastest, and the parts of the room are linked with each other. @default "room"
	 */
	readonly home?: "room" | "nearest";
	/**
	 * Of at most 128 characters. `key`: the hash of this peer's public key. Then others can tell that this peer has its id by
	 * right, and neither the server nor another peer can stand in for it. @default 40 random hexadecimal digits
	 */
	readonly peerId?: string;
	/**
	 * The keys that this peer signs its signals with: ECDSA P-256, which every browser verifies, or Ed25519. An application
	 * that keeps them is known again by them. The private key need not be extractable. Takes https or localhost.
	 * @default a new pair of P-256, which is kept in memory
	 */
	readonly keys?: KeyPair;
	/**
	 * Asked before there is a link with a peer; with false there is none. `key`: only peers with the hash of their key as id.
	 * A peer has no `key` if its client has none, as p2pmesh's. It should answer within seconds. Takes https or localhost.
	 * @default every peer is let in that proves to be the one that the server told of
	 */
	readonly verify?: "key" | ((peer: Candidate) => boolean | Promise<boolean>);
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
	readonly openSession: OpenSession;
	readonly peerId: string;
	readonly ownerKey: string;
	/** Absent: there is no WebCrypto here. */
	readonly identity: Promise<Identity> | undefined;
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

const isFunction = (value: unknown) => typeof value === "function";

const oneOf =
	(...values: readonly unknown[]) =>
	(value: unknown) =>
		values.includes(value);

/** What holds for each option. What to say if it does not stands in option-faults.ts. */
const RULES: { readonly [Name in OptionName]: (value: never) => boolean } = {
	WebSocket: isFunction,
	webrtc: isFunction,
	transportName: oneOf("aws-websocket", "websocket"),
	tokenAt: oneOf("join", "connect"),
	onIdTaken: oneOf("leave", "new-id"),
	peerId: isId,
	ownerKey: isOwnerKey,
	room: isId,
	maxPeers: (links: number) => Number.isInteger(links) && links >= 1,
	maxReceiveBytes: (bytes: number) => bytes >= 0,
	heartbeatInterval: (ms: number) => ms >= 1_000,
	token: (token: unknown) => ["string", "undefined", "function"].includes(typeof token),
	signal: (signal: AbortSignalLike | undefined) => signal === undefined || isFunction(signal?.addEventListener),
	iceServers: (servers: unknown) => servers === undefined || Array.isArray(servers),
};

/** @throws MeshError `BAD_OPTIONS`, with a message that lists every fault */
export async function readOptions(options: MeshOptions = {}): Promise<ResolvedOptions> {
	const explain = () => loaded(import("./option-faults.ts"));
	const { transportName = "websocket", transportOptions = {}, token, signal } = Object(options) as MeshOptions;
	const { rtcConfig = {} } = Object(options) as { readonly rtcConfig?: RTCConfiguration };
	// Nothing else can be read if one of these is no object, e.g. null.
	const objects = { options, transportOptions, rtcConfig };
	if (!Object.values(objects).every(isObject)) throw (await explain()).noObjects(objects);
	const iceServers = (options.iceServers ?? rtcConfig.iceServers) as readonly RTCIceServer[] | undefined;
	const { heartbeatInterval = HEARTBEAT_INTERVAL_MS, tokenAt = "join" } = transportOptions;
	const { signalingServerUrl = options.signalingServerUrl } = transportOptions;
	const environment = defaultEnvironment({ ...options.webrtc, WebSocket: options.WebSocket });
	const { peerId = environment.randomHex(40), room = "default", maxPeers = DEFAULT_MAX_PEERS } = options;
	const { maxReceiveBytes = MAX_RECEIVE_BYTES } = options;
	const { ownerKey = environment.randomHex(32), onIdTaken = "leave" } = options;
	const settings = {
		environment,
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

	const { WebSocket, RTCPeerConnection } = environment;
	const values: Readonly<Record<OptionName, unknown>> = {
		...settings,
		WebSocket,
		webrtc: RTCPeerConnection,
		transportName,
	};
	const faults: Fault[] = (Object.keys(RULES) as OptionName[])
		.filter((name) => !RULES[name](values[name] as never))
		.map((name) => [name, values[name]]);
	if (Array.isArray(iceServers) || (iceServers === undefined && options.rtcConfig !== undefined)) {
		const refusal = refusalOf(RTCPeerConnection, { ...rtcConfig, ...(iceServers && { iceServers }) });
		if (refusal !== undefined) faults.push(["rtcConfig", refusal]);
	}
	const transport = { ...transportOptions, transportName, signalingServerUrl };
	const openSession =
		(options.regions ?? options.home)
			? await (await loaded(import("./regions/index.ts"))).regionalSessions(options)
			: createSession;
	const url = openSession === createSession ? signalingUrl(transportName, transport) : "";
	if (url === undefined) faults.push(["url", transport]);
	if (typeof openSession === "string") faults.push(["regions", openSession]);
	if (url === undefined || typeof openSession === "string" || faults.length > 0)
		throw (await explain()).badOptionsOf(faults);
	// The part says so if it is needed and there is no WebCrypto.
	const needsKeys = peerId === "key" || options.keys || options.verify;
	const identity =
		needsKeys || globalThis.crypto?.subtle
			? loaded(import("./identity/index.ts")).then(({ createIdentity }) => createIdentity(options))
			: undefined;
	identity?.catch(() => {}); // the mesh tells of it
	const own = needsKeys ? await identity : undefined;
	return { ...settings, url, openSession, identity, peerId: peerId === "key" && own ? own.key : peerId };
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
