/** Real peers in Node.js over the server of `npm start`, with the functions that the measurements need. */
import wrtc from "@roamhq/wrtc";
import WebSocket from "ws";
import { defaultEnvironment } from "../../client/default-environment.ts";
import { createMesh, type Mesh } from "../../client/index.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../client/limits.ts";
import { Links } from "../../client/mesh/links.ts";
import { createSession, type Session } from "../../client/signaling/index.ts";
import { createLink } from "../../client/webrtc/link.ts";

const environment = defaultEnvironment({ WebSocket, RTCPeerConnection: wrtc.RTCPeerConnection });

export function aMesh(url: string, room: string): Promise<Mesh> {
	return createMesh({ signalingServerUrl: url, room, webrtc: wrtc, WebSocket });
}

/** A peer that calls on request, and accepts every call. */
export interface Caller {
	readonly peerId: string;
	readonly session: Session;
	readonly links: Links;
}

export function aCaller(url: string, room: string): Caller {
	const peerId = environment.randomHex(40);
	const links = new Links({
		environment,
		selfId: peerId,
		maxPeers: 1,
		createLink,
		iceServers: () => [],
		signaling: () => ({ isUp: () => true, probe() {} }),
		caller: () => ({}),
		send: (to, frame) => session.send(to, frame),
		admit: () => undefined,
	});
	const session = createSession({ url, peerId, room, heartbeatInterval: HEARTBEAT_INTERVAL_MS }, environment);
	session.on("frame", (from, frame) => links.receive(from, frame));
	return { peerId, session, links };
}
