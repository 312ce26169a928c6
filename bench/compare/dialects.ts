/** How a client speaks to each kind of server: the same conversation in five protocols. */
export interface Dialect {
	/** The target of the request to connect. */
	path(id: string): string;
	/** The frames of a client that arrives. */
	greet(id: string, room: string): string[];
	/** Whether a frame of the server says that the client has arrived. */
	welcomes(text: string): boolean;
	/** A frame that the server passes on to another client. */
	signal(from: string, to: string, data: string, room: string): string;
	/** The form of ids. @default any */
	id?(seed: string): string;
}

const json = JSON.stringify;

/** Twenty characters, the form of a tracker's ids. */
const twenty = (text: string) => text.slice(0, 20).padEnd(20, "-");

export const DIALECTS = {
	/** This server's, and the bare relay's. */
	p2pmesh: {
		path: () => "/",
		greet: (peerId, room) => [json({ type: "join", peerId, room })],
		welcomes: (text) => text.includes('"bootstrap_peers"'),
		signal: (_from, to, data) => json({ type: "signal", to, signal: { type: "offer", sdp: data } }),
	},
	/** Each client has a topic for itself, so that a signal goes to one client. */
	yWebrtc: {
		path: () => "/",
		greet: (id, room) => [json({ type: "subscribe", topics: [id, room] }), json({ type: "ping" })],
		welcomes: (text) => text.includes('"pong"'),
		signal: (from, to, data) => json({ type: "publish", topic: to, data: { from, type: "offer", sdp: data } }),
	},
	peerjs: {
		path: (id) => `/peerjs?key=peerjs&id=${id}&token=${id}`,
		greet: () => [],
		welcomes: (text) => text.includes('"OPEN"'),
		signal: (_from, dst, data) => json({ type: "OFFER", dst, payload: { sdp: { type: "offer", sdp: data } } }),
	},
	peerpigeon: {
		path: (id) => `/?peerId=${id}`,
		greet: (_id, room) => [json({ type: "announce", networkName: room, data: {} }), json({ type: "ping", data: {} })],
		welcomes: (text) => text.includes('"pong"'),
		signal: (_from, to, data, room) =>
			json({ type: "offer", targetPeerId: to, networkName: room, data: { type: "offer", sdp: data } }),
	},
	/** A tracker passes on answers to the peer that they name. */
	tracker: {
		path: () => "/announce",
		id: twenty,
		greet: (id, room) => [
			json({ action: "announce", event: "started", info_hash: twenty(room), peer_id: id, left: 1, offers: [] }),
		],
		welcomes: (text) => text.includes('"interval"'),
		signal: (from, to, data, room) =>
			json({
				action: "announce",
				info_hash: twenty(room),
				peer_id: from,
				to_peer_id: to,
				offer_id: twenty(""),
				left: 1,
				answer: { type: "answer", sdp: data },
			}),
	},
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;

/** Text like a session description, so that a frame with it has about 1,000 bytes. */
export function aDescription(length: number): string {
	const lines = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"];
	for (let n = 0; lines.join("\r\n").length < length; n++) {
		lines.push(`a=candidate:${n} 1 udp 2122260223 192.0.2.${n % 255} 5${1000 + n} typ host generation 0`);
	}
	return lines.join("\r\n").slice(0, length);
}
