/** One peer of the mesh: puts together presence on the server, links to peers, and messages over them. */
import type { ListedPeer } from "../../protocol/frames.ts";
import { isBlob, isStream } from "../data.ts";
import { createEmitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { loaded, passing, unlinked } from "../errors.ts";
import { heedless } from "../heedless.ts";
import type { Identity, OwnIdentity } from "../identity/index.ts";
import { isKademliaId } from "../ids.ts";
import { CHANNEL_DEAD_MS, CHECK_MS, DRAIN_MS, MAX_DATA_BYTES, PROBE_ANSWER_MS } from "../limits.ts";
import type { Session, SessionEvents } from "../signaling/session.ts";
import { descriptionFailure, type LinkFailure, TIMEOUT } from "../webrtc/failure.ts";
import type { Link, LinkEnd, LinkFactory } from "../webrtc/link.ts";
import type { MeshEvents, QueueOptions, SendOptions } from "./api.ts";
import { type ExtraHost, Extras } from "./extras.ts";
import type { MeshFrame } from "./frames.ts";
import type { Redundant } from "./island.ts";
import { Links } from "./links.ts";
import { type Neighbour, ourNeighbour, p2pmeshNeighbour } from "./neighbour.ts";
import { Neighbourhood, type NeighbourhoodOptions, type SignalWays } from "./neighbourhood.ts";
import { encodeData, kept, type Payload } from "./payload.ts";
import { Post } from "./post.ts";
import { Roster } from "./roster.ts";
import { Routing } from "./routing.ts";
import type { Search } from "./search.ts";

export interface MeshParts {
	readonly environment: Environment;
	readonly peerId: string;
	readonly room: string;
	readonly maxPeers: number;
	readonly maxReceiveBytes: number;
	/** In place of the ICE servers that the server hands out. */
	readonly iceServers?: readonly RTCIceServer[] | undefined;
	/** The part that signs and verifies signals, once it is there. Absent: it cannot work here. */
	readonly identity?: Promise<Identity> | undefined;
	openSession(host: SessionHost): Session;
	readonly createLink: LinkFactory;
}

/** The parts of the mesh that its session may use: a session on several deployments does (regions/). */
export type SessionHost = Pick<
	Peer,
	"emitter" | "links" | "bridge" | "peers" | "ours" | "leads" | "reaches" | "control"
>;

/** Methods that the parts call by themselves are bound to it. */
export class Peer implements ExtraHost, NeighbourhoodOptions {
	readonly environment: Environment;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly maxReceiveBytes: number;
	readonly emitter = createEmitter<MeshEvents>();
	readonly session: Session;
	readonly links: Links;
	readonly post: Post;
	readonly routing: Routing;
	readonly extras: Extras;
	/** Once it is there, which is before the first join. */
	identity: OwnIdentity | undefined;
	readonly neighbourhood: Neighbourhood;
	readonly #ownIce: readonly RTCIceServer[] | undefined;
	readonly #roster: Roster;
	/** Peers with an open link. */
	readonly #neighbours = new Map<string, Neighbour>();
	/** Linked peers that joined again. The end of their older link says nothing about them. */
	readonly #renewed = new Set<string>();
	/** At which tick data was last sent to a neighbour. */
	readonly #sentAt = new Map<string, number>();
	#ticks = 0;
	#iceServers: readonly RTCIceServer[];
	/** After `leave`: links that stay open until their neighbours have received everything. */
	#draining: { readonly links: readonly Link[]; readonly done: Promise<void> } | undefined;

	constructor(parts: MeshParts) {
		const { environment, peerId: selfId, maxPeers } = parts;
		this.#ownIce = parts.iceServers;
		this.environment = environment;
		this.selfId = selfId;
		this.maxPeers = maxPeers;
		this.maxReceiveBytes = parts.maxReceiveBytes;
		this.#iceServers = parts.iceServers ?? [];
		this.#roster = new Roster(this.emitter.emit);
		this.session = parts.openSession(this);
		this.links = new Links({
			environment,
			selfId,
			maxPeers,
			createLink: parts.createLink,
			iceServers: () => this.#iceServers,
			signaling: (peerId) => ({
				isUp: () => this.isPresent() || this.extras.started.overlay?.hears(peerId) === true,
				probe: () => this.session.probe(),
			}),
			caller: () => ({ island: this.root(), links: this.#neighbours.size }),
			send: (to, frame) => this.post.send(to, frame),
			admit: (caller, marks) => this.neighbourhood.admit(caller, marks),
		});
		this.post = new Post({
			send: (to, frame) => this.session.send(to, frame),
			receive: (from, frame) => this.links.receive(from, frame),
			failed: (to, error) => this.#drop(to, "failed", descriptionFailure(error)),
		});
		const { emit } = this.emitter;
		const { links } = this;
		parts.identity?.then(
			({ start }) => {
				this.post.sealing = this.identity = start({
					...parts,
					links,
					post: this.post,
					roster: this.#roster,
					emit,
					enquire: (peerId) => this.findPeers(peerId),
					expel: this.giveUp,
				});
			},
			(error) => emit("error", error),
		);
		this.routing = new Routing({
			environment,
			selfId,
			neighbours: () => this.peers(),
			tree: () => this.extras.started.tree,
			transmit: (to, frame) => this.transmit(to, frame),
			deliver: (message) => this.emitter.emit("message", message),
		});
		this.extras = new Extras(this);
		this.neighbourhood = new Neighbourhood(this);
		this.#hearSession();
		this.#hearLinks();
	}

	readonly peers = (): string[] => {
		return [...this.#neighbours.keys()];
	};

	/** Whether signals reach the server now. */
	readonly isPresent = () => {
		return this.session.state === "joined";
	};

	/** Only clients with the overlay have an identity. Undefined: the server has not named the peer. */
	readonly knowsOverlay = (peerId: string): boolean | undefined => {
		const identity = this.#roster.identity(peerId);
		return identity === undefined ? identity : identity !== "";
	};

	/** Neighbours that are no peers of p2pmesh. */
	readonly ours = (): string[] => {
		return [...this.#neighbours.values()].flatMap(({ ours, peerId }) => (ours ? [peerId] : []));
	};

	/** Of the island that this peer is on. Two peers alone need no beacons to know. */
	readonly root = (): string => {
		return this.extras.started.island?.root ?? ([this.selfId, ...this.ours()].sort()[0] as string);
	};

	/** Whether this peer is the root of its island. */
	readonly leads = (): boolean => {
		return this.extras.started.island?.leads() ?? this.root() === this.selfId;
	};

	readonly redundant = (): readonly Redundant[] => {
		return this.extras.started.island?.redundant() ?? [];
	};

	/** Comes every `CHECK_MS`, more or less. */
	readonly tick = () => {
		this.#ticks++;
		this.extras.started.island?.tick();
	};

	readonly hasTree = (): boolean => {
		return this.extras.started.tree !== undefined;
	};

	readonly signalWays = (): SignalWays | undefined => {
		return this.extras.started.overlay;
	};

	readonly search = (act: (search: Search) => void) => {
		this.extras.use("search", act);
	};

	/** Whether this peer has as many links as it needs. */
	readonly hasEnough = (): boolean => this.links.open().length >= this.neighbourhood.fewest;

	/** Ends a link, or gives it up, and leaves its peer alone for a while. */
	readonly giveUp = (peerId: string) => this.#drop(peerId, "broken");

	/** Has a peer of another island called. */
	bridge(peerId: string, steps: number) {
		this.search((search) => search.asked(peerId, steps));
	}

	#hearSession() {
		const { on } = this.session;
		const { emit } = this.emitter;
		on("welcome", ({ peers, iceServers }, resumed) => {
			this.#iceServers = this.#ownIce ?? iceServers ?? [];
			const listed = this.#listed(peers);
			// On a resume the server told no peer of us, so none will call.
			if (!resumed) this.neighbourhood.introduced(listed);
		});
		on("peerJoined", (...news) => this.#announced(...news));
		on("peerLeft", (peerId, at) => {
			if (!this.#roster.left(peerId, at) || this.#neighbours.has(peerId)) return;
			this.links.close(peerId);
			this.#gone(peerId);
		});
		on("frame", (from, frame) => this.post.receive(from, frame, "server"));
		on("undelivered", (peerId, { code }) => {
			if (code === "PEER_NOT_FOUND") void this.#notFound(peerId);
		});
		on("state", (state) => {
			if (state === "joining") this.#start();
			if (state === "left") this.#stop();
			emit("state", state);
		});
		on("error", (error) => emit("error", error));
		on("traffic", (direction, frame) => emit("signaling", { direction, frame }));
	}

	#hearLinks() {
		const { on } = this.links;
		on("connect", (link) => this.#connected(link));
		on("disconnect", (peerId) => {
			this.#neighbours.delete(peerId);
			this.#sentAt.delete(peerId);
			this.emitter.emit("peer:disconnect", peerId);
		});
		on("end", (peerId, why, failure) => this.#ended(peerId, why, failure));
		on("refused", (peerId, alternatives) => this.neighbourhood.refused(peerId, alternatives));
		on("wanted", (peerId, awaits) => this.neighbourhood.met(peerId, !awaits));
		on("message", (peerId, message) => {
			this.#neighbours.get(peerId)?.read(message, (frame) => this.#receive(peerId, frame));
		});
	}

	#receive(via: string, frame: MeshFrame) {
		switch (frame.kind) {
			case "beacon":
				return this.extras.use("island", (island) => island.receive(via, frame));
			case "bridge":
				return this.session.asked?.(frame.to, frame.steps) || this.bridge(frame.to, frame.steps);
			case "direct":
			case "routed":
				return this.routing.receive(via, frame);
			default:
				return this.extras.use(frame.kind, (part) => part.receive(via, frame));
		}
	}

	#connected(link: Link) {
		const { peerId } = link;
		this.#neighbours.set(peerId, link.foreign ? this.#foreign(link) : ourNeighbour(link));
		this.#renewed.delete(peerId);
		// A signal that a neighbour brings is believed only if it is verified.
		if (this.post.sealing && !link.foreign) heedless(this.extras.get("overlay"));
		// Two peers alone need neither beacons nor a tree. Until that is there, and if it does not come, broadcasts flood.
		if (this.#neighbours.size > 1) for (const part of ["island", "tree"] as const) heedless(this.extras.get(part));
		this.neighbourhood.connected(peerId);
		if (!this.#neighbours.has(peerId)) return; // it was one link too many
		this.#roster.connected(peerId);
		this.emitter.emit("peer:connect", peerId, this.identity?.keyOf(peerId));
	}

	#foreign(link: Link): Neighbour {
		const { peerId } = link;
		const language = loaded(import("./p2pmesh.ts")).then(({ p2pmeshLanguage }) =>
			p2pmeshLanguage(link, this.environment, (answer) => this.routing.receive(peerId, answer)),
		);
		language.catch((error) => {
			this.emitter.emit("error", error);
			this.links.close(peerId);
		});
		return p2pmeshNeighbour(peerId, language);
	}

	/** Closes a link, which may be open. */
	#drop(peerId: string, why: LinkEnd, failure?: LinkFailure) {
		this.links.close(peerId);
		this.#ended(peerId, why, failure);
	}

	#ended(peerId: string, why: LinkEnd, failure: LinkFailure | undefined) {
		if (why === "failed") void this.#tellFailed(peerId, failure ?? TIMEOUT);
		if (this.#roster.hasLeft(peerId)) this.#gone(peerId);
		else if (this.#renewed.delete(peerId)) this.#meet(peerId);
		else this.neighbourhood.ended(peerId);
	}

	async #tellFailed(peerId: string, failure: LinkFailure) {
		// A network that gives no link may give no part either: the error says why all the same.
		const texts = await import("../webrtc/failure-texts.ts").catch(() => undefined);
		const text = texts?.textOf(failure) ?? failure.reason;
		this.emitter.emit("error", passing("LINK_FAILED", `No link to ${peerId}: ${text}.`, { ...failure, peerId }));
	}

	/** The server announces a peer. */
	#announced(...[peerId, at, identity]: SessionEvents["peerJoined"]) {
		if (peerId === this.selfId) return;
		const news = this.#arrived(peerId, at, identity);
		if (news === "old") return;
		const link = this.links.get(peerId);
		if (news === "again" && link !== undefined) this.#renew(link);
		this.#meet(peerId);
	}

	#arrived(...[peerId, at, identity]: SessionEvents["peerJoined"]) {
		const news = this.#roster.arrived(peerId, at, identity);
		if (news !== "old") this.identity?.named(peerId);
		return news;
	}

	/**
	 * A linked peer joined again. Its program may have started again, and know of no link; or it only lost its connection to
	 * the server, and the link is fine.
	 */
	#renew(link: Link) {
		const { peerId } = link;
		const neighbour = this.#neighbours.get(peerId);
		if (neighbour?.ours) {
			this.#renewed.add(peerId);
			void this.#closeIfDead(neighbour).then((wasDead) => wasDead && this.#meet(peerId));
		} else if (link.calling !== undefined) this.links.close(peerId); // our offer went to the earlier program
	}

	/** @returns whether the link carries nothing. Then it is closed. */
	async #closeIfDead(neighbour: Neighbour): Promise<boolean> {
		const { peerId } = neighbour;
		const answers = await this.routing.answers(peerId, PROBE_ANSWER_MS);
		if (this.#neighbours.get(peerId) !== neighbour) return false; // the peer has called, or the link has ended
		this.#renewed.delete(peerId);
		if (!answers) this.links.close(peerId);
		return !answers;
	}

	#meet(peerId: string) {
		// The server may list only ids of p2pmesh's form to a newcomer with such an id. Then it does not know of us.
		this.neighbourhood.met(peerId, isKademliaId(this.selfId) || !isKademliaId(peerId));
	}

	async #notFound(peerId: string) {
		const neighbour = this.#neighbours.get(peerId);
		// An open link does without the server; but a link with a broken path cannot be mended without it: the mesh was asked before.
		if (neighbour !== undefined && !this.#roster.hasLeft(peerId)) {
			if (!(neighbour.ours && (await this.#closeIfDead(neighbour)))) return;
		}
		this.links.close(peerId);
		this.#gone(peerId);
	}

	/** @returns the ids of a list, without the peers that have left by newer news */
	#listed(peers: readonly ListedPeer[]): string[] {
		return peers.flatMap(({ id, lastSeen, identity }) =>
			id !== this.selfId && (this.#arrived(id, lastSeen, identity) !== "old" || this.#roster.isHere(id)) ? [id] : [],
		);
	}

	#gone(peerId: string) {
		this.neighbourhood.gone(peerId);
		this.#roster.gone(peerId);
	}

	readonly findPeers = async (target: string): Promise<string[]> => {
		return this.#listed(await this.session.findPeers({ target }));
	};

	/** Sends to a neighbour. Same duties as `Channel.send`. */
	readonly transmit = (peerId: string, frame: MeshFrame): Promise<void> => {
		const neighbour = this.#neighbours.get(peerId);
		if (neighbour === undefined) return unlinked();
		// `leave` waits for data only.
		if ((frame.kind === "direct" || frame.kind === "routed") && frame.body.length > 0)
			this.#sentAt.set(peerId, this.#ticks);
		return neighbour.send(frame);
	};

	/** Sends a frame that serves the mesh itself. If it is lost, the next one will do. */
	readonly control = (peerIds: readonly string[], frame: MeshFrame) => {
		for (const peerId of peerIds) heedless(this.transmit(peerId, frame));
	};

	/** Whether a way through the mesh leads to the peer, as far as this peer can tell. */
	readonly reaches = async (peerId: string): Promise<boolean> => {
		const found = this.#neighbours.has(peerId) || (await this.extras.started.overlay?.find(peerId))?.includes(peerId);
		if (found) return true;
		return this.extras.get("ways").then(
			(ways) => ways.reach(peerId).catch(() => false),
			() => true, // it cannot ask
		);
	};

	send(to: string, data: unknown, options?: SendOptions): Promise<void> {
		const isRead = isBlob(data) || isStream(data); // by the part, piece by piece
		let payload: Payload | undefined;
		try {
			payload = isRead ? undefined : encodeData(data, Number.POSITIVE_INFINITY);
		} catch (error) {
			return Promise.reject(error);
		}
		const latest = options?.latest;
		const isPlain =
			(options === undefined || latest !== undefined) && payload !== undefined && payload.body.length <= MAX_DATA_BYTES;
		if (isPlain && this.#neighbours.has(to) && !this.extras.started.transfer?.awaitsLink(to)) {
			return this.transmit(to, { kind: "direct", latest, ...(payload as Payload) });
		}
		const own = payload && kept(payload);
		return this.extras.get("transfer").then((transfer) => transfer.send(to, data, own, options));
	}

	async broadcast(data: unknown, options?: QueueOptions): Promise<number> {
		// What is no Blob is read at once: the caller may use its buffer again.
		const read = isBlob(data)
			? await (await loaded(import("../transfer/blob.ts"))).readBlob(data, MAX_DATA_BYTES)
			: data;
		return this.routing.broadcast(kept(encodeData(read)), options?.latest);
	}

	/** Leaves, once the neighbours have received everything. */
	async leave(): Promise<void> {
		// A link that has taken nothing for so long is dead.
		const least = this.#ticks - CHANNEL_DEAD_MS / CHECK_MS;
		const busy = [...this.#sentAt].flatMap(([peerId, at]) => (at > least && this.links.get(peerId)) || []);
		if (busy.length > 0 && this.#draining === undefined && this.session.state !== "left") this.#drain(busy);
		await Promise.all([this.session.leave(), this.#draining?.done]);
	}

	/** Leaves at once. */
	close(): void {
		this.#endDrain();
		this.session.close();
	}

	#drain(links: readonly Link[]) {
		const answers = links.map(({ peerId }) => this.routing.answers(peerId, DRAIN_MS));
		this.#draining = { links, done: Promise.all(answers).then(() => this.#endDrain()) };
	}

	#endDrain() {
		const { links = [] } = this.#draining ?? {};
		this.#draining = undefined;
		for (const link of links) if (this.links.get(link.peerId) === link) this.links.close(link.peerId);
		if (this.session.state === "left") this.#stop();
	}

	#start() {
		this.#endDrain();
		this.neighbourhood.open();
		this.routing.open();
	}

	#stop() {
		const kept = this.#draining?.links ?? [];
		this.neighbourhood.close();
		this.routing.close(kept.length > 0);
		for (const link of this.links.all()) if (!kept.includes(link)) this.links.close(link.peerId);
		if (kept.length === 0) this.#roster.clear();
	}
}
