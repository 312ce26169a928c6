/** The mesh: puts together presence on the server, links to peers, and messages over them. */

import { BoundedMap } from "../bounded-map.ts";
import { createEmitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { MeshError, passing } from "../errors.ts";
import { isId } from "../ids.ts";
import { MAX_KNOWN_PEERS } from "../limits.ts";
import type { Session } from "../signaling/session.ts";
import type { LinkFactory } from "../webrtc/link.ts";
import type { Mesh, MeshEvents } from "./api.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope, type Header, NO_BODY } from "./envelope.ts";
import { createIsland, isBeacon } from "./island.ts";
import { createLinks } from "./links.ts";
import { createNeighbourhood } from "./neighbourhood.ts";
import { fromP2pmesh, toP2pmesh } from "./p2pmesh.ts";
import { answerTo, createRouting } from "./routing.ts";

export interface MeshParts {
	readonly environment: Environment;
	readonly peerId: string;
	readonly room: string;
	readonly maxPeers: number;
	/** Instead of those that the server hands out. */
	readonly iceServers?: readonly RTCIceServer[] | undefined;
	readonly signal?: AbortSignal | undefined;
	openSession(): Session;
	readonly createLink: LinkFactory;
}

export function assembleMesh({ environment, peerId: selfId, room, maxPeers, signal, ...parts }: MeshParts): Mesh {
	const { on, once, off, emit } = createEmitter<MeshEvents>();
	let iceServers = parts.iceServers ?? [];
	/** Those whom the server named. */
	const discovered = new BoundedMap<string, true>(MAX_KNOWN_PEERS);
	/** Those who left the server while their link stayed. */
	const departed = new Set<string>();

	const isOpen = (peerId: string) => links.get(peerId)?.state === "open";

	const transmit = async (peerId: string, envelope: Envelope): Promise<void> => {
		const link = links.get(peerId);
		const foreign = link?.foreign;
		const message = foreign ? toP2pmesh(peerId, envelope, environment.timers.now()) : encodeEnvelope(envelope);
		const { t, f, i, a, b } = envelope.header;
		if (message !== undefined) await (link?.send(message) ?? Promise.reject(passing("CLOSED", "The link ended.")));
		else if (b === 1 && (i === undefined || t === peerId)) {
			throw new MeshError("BAD_REQUEST", "p2pmesh's peers take no bytes.", { peerId });
		}
		// Such a peer does not answer what came through the mesh: we do, as if it had.
		if (foreign && t === peerId && a === undefined) {
			routing.receive(peerId, answerTo(f, i, peerId, environment.randomHex(16)));
		}
	};

	/** What serves the mesh itself. Where it is lost, the next one will do. */
	const sendControl = (peerId: string, header: Header) => {
		transmit(peerId, { header, body: NO_BODY }).catch(() => {});
	};

	const discover = (peerId: string) => {
		departed.delete(peerId);
		if (peerId === selfId || discovered.has(peerId)) return;
		discovered.set(peerId, true);
		emit("peer:discovered", peerId);
	};

	const findPeers = async (target: string) => {
		const found = (await session.findPeers({ target })).map(({ id }) => id);
		for (const peerId of found) discover(peerId);
		return found;
	};

	const gone = (peerId: string) => {
		discovered.delete(peerId);
		departed.delete(peerId);
		neighbourhood.gone(peerId);
		emit("peer:gone", peerId);
	};

	const receive = (via: string, message: Uint8Array | string) => {
		const envelope = typeof message === "string" ? fromP2pmesh(message) : decodeEnvelope(message);
		if (envelope === undefined) return;
		const { header } = envelope;
		if (header.k === "beacon") {
			if (isBeacon(header)) island.receive(via, header);
		} else if (header.k === "bridge") {
			const { to, steps } = header;
			if (isId(to) && Number.isInteger(steps)) neighbourhood.bridge(to, steps as number);
		} else routing.receive(via, envelope);
	};

	const links = createLinks({
		environment,
		selfId,
		maxPeers,
		createLink: parts.createLink,
		iceServers: () => iceServers,
		caller: () => ({ island: island.root, links: links.open().length }),
		// The server takes up to 32,000 bytes; a description that long is one that nobody could answer.
		send: (to, frame) => session.send(to, frame),
		answer: (peerId, caller) => neighbourhood.answer(peerId, caller),
		refused: (peerId, alternatives) => neighbourhood.refused(peerId, alternatives),
		wanted: (peerId) => neighbourhood.joined(peerId),
		opened(peerId) {
			neighbourhood.opened(peerId);
			if (isOpen(peerId)) emit("peer:connect", peerId);
		},
		message: receive,
		lost(peerId) {
			island.closed(peerId);
			emit("peer:disconnect", peerId);
		},
		ended(peerId, why) {
			if (why === "failed") emit("error", passing("LINK_FAILED", `No link to ${peerId}.`, { peerId }));
			if (departed.has(peerId)) gone(peerId);
			else neighbourhood.ended(peerId);
		},
	});

	const island = createIsland({
		timers: environment.timers,
		selfId,
		neighbours: links.kin,
		send: (peerId, beacon) => sendControl(peerId, { k: "beacon", ...beacon }),
	});

	const routing = createRouting({
		environment,
		selfId,
		neighbours: links.open,
		transmit,
		deliver: (message) => emit("message", message),
	});

	const neighbourhood = createNeighbourhood({
		environment,
		selfId,
		maxPeers,
		island,
		links,
		findPeers,
		reaches: routing.reaches,
		passBridge: (neighbour, to, steps) => sendControl(neighbour, { k: "bridge", to, steps }),
	});

	const session = parts.openSession();
	session.on("welcome", (welcome, resumed) => {
		iceServers = parts.iceServers ?? welcome.iceServers ?? [];
		const listed = welcome.peers.map(({ id }) => id);
		for (const peerId of listed) discover(peerId);
		// On a resume nobody was told of us, so nobody will call.
		if (!resumed) neighbourhood.introduced(listed);
	});
	session.on("peerJoined", (peerId) => {
		discover(peerId);
		neighbourhood.joined(peerId);
	});
	session.on("peerLeft", (peerId) => {
		if (isOpen(peerId)) return void departed.add(peerId);
		links.close(peerId);
		gone(peerId);
	});
	session.on("frame", links.receive);
	session.on("undelivered", (peerId, { code }) => {
		// An open link does without the server; but one whose path broke cannot be mended without it.
		if (code !== "PEER_NOT_FOUND" || (isOpen(peerId) && !departed.has(peerId))) return;
		links.close(peerId);
		if (departed.has(peerId)) gone(peerId);
		else neighbourhood.gone(peerId);
	});
	session.on("state", (state) => {
		if (state === "left") shutDown();
		emit("state", state);
	});
	session.on("error", (error) => emit("error", error));
	session.on("traffic", (direction, frame) => emit("signaling", { direction, frame }));

	const shutDown = () => {
		neighbourhood.close();
		routing.close();
		for (const { peerId } of links.all()) links.close(peerId);
	};

	if (signal?.aborted) void session.leave();
	signal?.addEventListener("abort", session.leave, { once: true });

	/** Many a caller does not look at the promise: that must not end a Node.js program. */
	const heedless = (promise: Promise<void>) => {
		promise.catch(() => {});
		return promise;
	};

	return {
		peerId: selfId,
		room,
		get state() {
			return session.state;
		},
		get peers() {
			return links.open();
		},
		links: () => links.all().map(({ peerId, state, since }) => ({ peerId, state, since })),
		stats: async (peerId) => links.get(peerId)?.stats(),
		join: () =>
			session.join().catch((error) => {
				throw signal?.aborted ? new MeshError("ABORTED", "Aborted.", { cause: signal.reason }) : error;
			}),
		leave: session.leave,
		send: (peerId, data) => heedless(routing.send(peerId, data)),
		broadcast: (data) => heedless(routing.broadcast(data)),
		on,
		once,
		off,
	};
}
