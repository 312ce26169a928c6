/**
 * The least that a signaling server on `ws` does: it parses each frame, looks up the target, and sends it the frame with the
 * sender's id. It checks nothing and limits nothing. With `--introduce` it also sends each newcomer a list of eight
 * peers of its room and tells those eight, which is the least that an introduction costs any server.
 *
 * node bench/compare/bare-relay.mjs [--introduce]
 */
import { WebSocketServer } from "ws";

/** @typedef {{ room: string, id: string, socket: import("ws").WebSocket }} Member */

const INTRODUCED = 8;
const introduces = process.argv.includes("--introduce");

/** @type {Map<string, Member>} */
const members = new Map();
/** @type {Map<string, Member[]>} */
const rooms = new Map();

/** @param {Member} newcomer */
function introduce(newcomer) {
	let room = rooms.get(newcomer.room);
	if (room === undefined) rooms.set(newcomer.room, (room = []));
	const peers = new Set();
	for (let n = 0; n < Math.min(INTRODUCED, room.length); n++) peers.add(room[Math.floor(Math.random() * room.length)]);
	room.push(newcomer);
	newcomer.socket.send(
		JSON.stringify({ type: "bootstrap_peers", peers: [...peers].map(({ id }) => ({ id })), room: newcomer.room }),
	);
	const notice = JSON.stringify({ type: "peer_joined", peerId: newcomer.id, room: newcomer.room });
	for (const { socket } of peers) socket.send(notice);
}

/** @param {Member} member */
function remove({ id, room }) {
	members.delete(id);
	const others = rooms.get(room);
	if (others === undefined) return;
	const at = others.findIndex((other) => other.id === id);
	others[at] = /** @type {Member} */ (others.at(-1));
	others.pop();
	if (others.length === 0) rooms.delete(room);
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
	/** @type {Member | undefined} */
	let self;
	socket.on("message", (data) => {
		const message = JSON.parse(data.toString());
		const { type, peerId, room, to } = message;
		if (type === "join") {
			self = { room, id: peerId, socket };
			members.set(peerId, self);
			if (introduces) introduce(self);
			else socket.send(JSON.stringify({ type: "bootstrap_peers", peers: [], room }));
		} else if (self !== undefined) {
			message.from = self.id;
			members.get(to)?.socket.send(JSON.stringify(message));
		}
	});
	socket.on("close", () => self && remove(self));
});
server.on("listening", () => {
	const address = /** @type {import("node:net").AddressInfo} */ (server.address());
	console.log(`Relay on ws://localhost:${address.port}`);
});
