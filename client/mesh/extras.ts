/**
 * Parts of the client that load on their first use: by the application, or by a frame of a neighbour. No other module imports
 * them, so a page that does not need them does not load them.
 */
import type { Emitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { loaded } from "../errors.ts";
import type { Members } from "../members/index.ts";
import type { Overlay } from "../overlay/index.ts";
import type { Transfers } from "../transfer/index.ts";
import type { MeshEvents } from "./api.ts";
import type { ExtraFrame, MeshFrame } from "./frames.ts";
import type { Island, Redundant } from "./island.ts";
import type { Links } from "./links.ts";
import type { Neighbourhood } from "./neighbourhood.ts";
import type { Post } from "./post.ts";
import type { Routing } from "./routing.ts";
import type { Search } from "./search.ts";
import type { BroadcastTree } from "./tree.ts";
import type { Ways } from "./ways.ts";

/** The mesh, as such a part sees it. */
export interface ExtraHost {
	readonly environment: Environment;
	readonly selfId: string;
	readonly maxPeers: number;
	readonly maxReceiveBytes: number;
	readonly emitter: Emitter<MeshEvents>;
	readonly links: Links;
	/** Such a part may take a place in it. */
	readonly post: Post;
	readonly routing: Routing;
	readonly neighbourhood: Neighbourhood;
	/** Peers with an open link. */
	peers(): string[];
	/** Those that are no peers of p2pmesh, and take such a part's frames. */
	ours(): string[];
	/** Neighbours that the island's tree does without. */
	redundant(): readonly Redundant[];
	/** Whether this peer knows the frames of the trees of broadcasts. */
	hasTree(): boolean;
	/** Whether signals reach the server now. */
	isPresent(): boolean;
	/** Whether a peer knows the overlay: undefined if the server has not named it. */
	knowsOverlay(peerId: string): boolean | undefined;
	/** Whether this peer has as many links as it needs. */
	hasEnough(): boolean;
	/** Gives up a link in the making, and leaves its peer alone for a while. */
	giveUp(peerId: string): void;
	search(act: (search: Search) => void): void;
	/** Sends to a neighbour. Same duties as `Channel.send`. */
	transmit(neighbour: string, frame: MeshFrame): Promise<void>;
	/** Sends a frame that serves the mesh itself. If it is lost, the next one will do. */
	control(neighbours: readonly string[], frame: MeshFrame): void;
}

export interface Extra {
	/** Takes a frame of its kind. */
	receive(via: string, frame: ExtraFrame): void;
}

interface ExtraParts {
	readonly island: Island;
	readonly members: Members;
	readonly overlay: Overlay;
	readonly search: Search;
	readonly tree: BroadcastTree;
	readonly transfer: Transfers;
	readonly ways: Ways;
}

type Loaders = { readonly [Kind in keyof ExtraParts]: () => Promise<{ start(host: ExtraHost): ExtraParts[Kind] }> };

const LOADERS: Loaders = {
	island: () => import("./island.ts"),
	members: () => import("../members/index.ts"),
	overlay: () => import("../overlay/index.ts"),
	search: () => import("./search.ts"),
	tree: () => import("./tree.ts"),
	transfer: () => import("../transfer/index.ts"),
	ways: () => import("./ways.ts"),
};

export class Extras {
	readonly #host: ExtraHost;
	readonly #starting = new Map<string, Promise<unknown>>();
	/** The parts that are there. */
	readonly started: { -readonly [Kind in keyof ExtraParts]?: ExtraParts[Kind] } = {};

	constructor(host: ExtraHost) {
		this.#host = host;
	}

	/** Loads a part once, and again if that failed. Rejects with `NOT_LOADED`. */
	get<Kind extends keyof ExtraParts>(kind: Kind): Promise<ExtraParts[Kind]> {
		const starting = this.#starting.get(kind) as Promise<ExtraParts[Kind]> | undefined;
		if (starting !== undefined) return starting;
		const started: Partial<Record<string, unknown>> = this.started;
		const part = loaded(LOADERS[kind]()).then(({ start }) => (started[kind] = start(this.#host)) as ExtraParts[Kind]);
		part.catch(() => this.#starting.delete(kind));
		this.#starting.set(kind, part);
		return part;
	}

	/** Has a part take what a neighbour sent, in the order in which it came. */
	use<Kind extends keyof ExtraParts>(kind: Kind, act: (part: ExtraParts[Kind]) => void): void {
		this.get(kind).then(act, (error) => this.#host.emitter.emit("error", error));
	}
}
