/** The words of the deployments about peers, as the mesh hears them from one session. */
import type { Emitter } from "../emitter.ts";
import { MeshError } from "../errors.ts";
import { isId } from "../ids.ts";
import { MAX_ALTERNATIVES } from "../limits.ts";
import type { RelayedFrame, SessionEvents } from "../signaling/session.ts";
import type { Branch } from "./branch.ts";
import type { Doubts } from "./doubts.ts";
import type { Forwarding } from "./forwarding.ts";
import type { Places } from "./places.ts";

export type List = SessionEvents["welcome"][0]["peers"];

export interface NewsOptions {
	readonly selfId: string;
	readonly branches: readonly Branch[];
	readonly places: Places;
	readonly doubts: Doubts;
	readonly forwarding: Forwarding;
	readonly emit: Emitter<SessionEvents>["emit"];
}

export class News {
	readonly #options: NewsOptions;

	constructor(options: NewsOptions) {
		this.#options = options;
	}

	/** Listens to the session of a deployment. */
	hear(branch: Branch): void {
		const { selfId, places, doubts, emit } = this.#options;
		const { on } = branch.session;
		on("peerJoined", (peerId, at, ...more) => {
			if (peerId === selfId) return;
			const number = places.joined(peerId, branch, at);
			if (number === undefined) return;
			doubts.settle(peerId);
			if (branch.use !== "visit") emit("peerJoined", peerId, number, ...more);
		});
		on("peerLeft", (peerId, at) => {
			if (places.left(peerId, branch, at)) doubts.raise(peerId);
		});
		on("frame", (from, frame) => this.#receive(branch, from, frame));
		on("undelivered", (to, error) => this.#undelivered(branch, to, error));
	}

	/** With the numbers of this client in place of the deployment's times. */
	listed(peers: List, branch: Branch): List {
		const { selfId, places, doubts } = this.#options;
		return peers.flatMap((peer) => {
			if (peer.id === selfId) return [];
			const lastSeen = places.joined(peer.id, branch, peer.lastSeen);
			if (lastSeen === undefined) return [];
			doubts.settle(peer.id);
			return [{ ...peer, lastSeen }];
		});
	}

	/** No deployment has the peer, and the mesh does not reach it. */
	gone(peerId: string): void {
		const { places, emit } = this.#options;
		emit("peerLeft", peerId, places.gone(peerId));
		emit("undelivered", peerId, new MeshError("PEER_NOT_FOUND", `Peer ${peerId} not found.`, { peerId }));
	}

	#receive(branch: Branch, from: string, frame: RelayedFrame) {
		const { branches, places, emit } = this.#options;
		places.learn(from, branch);
		const home = branches.find(({ region }) => region.mark === frame.region);
		if (home !== undefined) places.learn(from, home);
		const { alternativePeers } = frame;
		// They are neighbours of the sender, and most likely at the same deployment.
		const others = Array.isArray(alternativePeers) ? alternativePeers.slice(0, MAX_ALTERNATIVES).filter(isId) : [];
		for (const peerId of others) if (!places.knows(peerId)) places.learn(peerId, branch);
		emit("frame", from, frame);
	}

	#undelivered(branch: Branch, to: string, error: MeshError) {
		const { places, doubts, forwarding, emit } = this.#options;
		if (branch.use === "none") return;
		if (error.code !== "PEER_NOT_FOUND") return emit("undelivered", to, error);
		const isNowhere = places.left(to, branch);
		if (!forwarding.absent(to, branch) && isNowhere) doubts.raise(to);
	}
}
